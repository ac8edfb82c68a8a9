// Bluesky's own servers (@atproto/dev-env) on this machine, and people on them.
// node bluesky.mjs FOLDER: its node_modules are used. With DB_POSTGRES_URL and REDIS_HOST there is an AppView too.
// Says in a line of JSON where everything is; then answers each line {"do": …} of stdin with one; ends with stdin.
// What is at *.acme.com is at the port ACME of this machine (see acme.py), though servers that somebody else names are
// spoken to as on the internet: public addresses, https, no port.
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

const require = createRequire(`${process.argv[2]}/package.json`)
const tls = require('node:tls')
const { connect } = tls
tls.connect = (to, ...more) =>
  connect(to.servername?.endsWith('.acme.com') ? { ...to, host: '127.0.0.1', port: process.env.ACME } : to, ...more)

const { TestNetwork, TestNetworkNoAppView } = require('@atproto/dev-env')
const pds = { disableSsrfProtection: false }
const whole = Boolean(process.env.DB_POSTGRES_URL && process.env.REDIS_HOST)
const network = whole
  ? await TestNetwork.create({ dbPostgresSchema: 'grapevine', pds })
  : await TestNetworkNoAppView.create({ pds })

const OWN = 'abcd-efgh-ijkl-mnop' // an account's own password that looks like an app's
const say = (said) => process.stdout.write(`${JSON.stringify(said)}\n`)

async function joins(name) {
  const agent = network.pds.getClient()
  await agent.createAccount({ handle: `${name}.test`, email: `${name}@example.com`, password: OWN })
  return agent
}

async function post(agent, uri) {
  const [repo, collection, rkey] = uri.replace('at://', '').split('/')
  return (await agent.com.atproto.repo.getRecord({ repo, collection, rkey })).data
}

// What people granted to a client stands in the server's table.
const { db } = network.pds.ctx.accountManager.db
const { clientManager, tokenManager } = network.pds.ctx.oauthProvider

const ada = await joins('ada')
const bea = await joins('bea')

const does = {
  password: async () => (await bea.com.atproto.server.createAppPassword({ name: `G${Date.now()}` })).data.password,
  record: async ({ uri }) => (await post(bea, uri)).value,
  remove: async ({ uri }) => void (await bea.deletePost(uri)),
  react: async ({ uri }) => {
    const { cid } = await post(ada, uri)
    await ada.like(uri, cid)
    await ada.repost(uri, cid)
    const it = { uri, cid }
    await ada.post({ text: 'Congratulations', reply: { root: it, parent: it } })
    await ada.post({ text: 'Look', embed: { $type: 'app.bsky.embed.record', record: it } })
  },
  granted: async ({ client }) =>
    (await db.selectFrom('token').where('clientId', '=', client).select('scope').execute()).map(({ scope }) => scope),
  age: async ({ client, days }) => {
    const then = new Date(Date.now() - Number(days) * 86400e3).toISOString()
    await db.updateTable('token').where('clientId', '=', client).set({ createdAt: then, updatedAt: then }).execute()
  },
  end: async ({ client }) => void (await db.deleteFrom('token').where('clientId', '=', client).execute()),
  hurry: async ({ seconds }) => void (tokenManager.tokenMaxAge = Number(seconds) * 1000), // what access tokens live
  forget: async ({ client }) => clientManager.metadataGetter.delStored(client),
  follow: async () => void (await ada.follow(bea.session.did)),
}

say({ pds: network.pds.url, plc: network.plc.url, appview: network.bsky?.url ?? null, did: bea.session.did, own: OWN })
for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line)
  try {
    const found = await does[asked.do](asked)
    await network.processAll()
    say({ found: found ?? null })
  } catch (error) {
    say({ error: String(error) })
  }
}
await network.close()
process.exit(0)
