"""A company with one advocate: Bea, in the stand-in Slack, connected to a stand-in network, and jobs for her."""

import base64
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from cryptography.fernet import Fernet

from grapevine.domain.accounts import Account, AccountState
from grapevine.domain.links import Link
from grapevine.domain.members import Member
from grapevine.domain.posts import Post, PostKind
from grapevine.domain.reactions import Reactions
from grapevine.domain.shares import Placement, PlacementState, Share, ShortLink, Status
from grapevine.networks.base import Network
from grapevine.networks.linkedin_rest import SETTLES
from grapevine.playground.app import Playground
from grapevine.settings import WorkerSettings, load
from grapevine.store import Store
from grapevine.store.queue import Jobs
from tests.networks import stages
from tests.networks.stage import Stage as NetworkStage
from tests.people import BEA
from workers import publishing, reactions
from workers.slack import Slack

KEY = Fernet.generate_key().decode()
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=")
SHORT_URL = "http://127.0.0.1:8000"


@dataclass
class Stage:
    """Jobs are called as a worker calls them, with what they ask for. *env* is what a real worker process is given."""

    pg: Playground
    network: NetworkStage
    store: Store
    settings: WorkerSettings
    jobs: Jobs
    bea: Member
    account: Account
    env: dict[str, str]
    offered: dict[str, Network] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.network.network.name

    @property
    def slack(self) -> Slack:
        return Slack(self.settings, self.store)

    def dms(self) -> list[str]:
        """What Bea reads, oldest first."""
        return [message["text"] for message in self.pg.dms(BEA.user)]

    def posts(self) -> list[dict[str, Any]]:
        return self.network.state.posts()

    async def share(self, caption: str = "We are hiring", *, now: float | None = None, **about: Any) -> Share:
        """A share of a link that waits to be published, its own link in the caption."""
        now = time.time() if now is None else now
        sid = self.store.shares.new_id()
        post = replace(Post(PostKind.LINK, "https://example.com/jobs", "Jobs at Example"), **about)
        links: tuple[ShortLink, ...] = ()
        if post.kind.counts_clicks:
            slug = await self.store.links.claim(Link(post.url, self.bea.id, sid, self.name, self.account.id))
            links = (ShortLink(slug, post.url),)
            caption = f"{caption} {SHORT_URL}/{slug}"
        card = links[0].slug if links else ""
        placement = Placement(self.name, self.account.id, caption, links, card)
        share = Share(sid, self.bea.id, post, now, (placement,))
        await self.store.shares.hint_publication(self.bea.id, sid, now)
        await self.store.shares.make(share, {self.name: Status(PlacementState.PENDING, now)}, now)
        return share

    async def publish(self, share: Share, *, now: float | None = None) -> Status:
        """One run of the job; the placement's status after it."""
        await publishing.publish(
            share.member,
            share.id,
            self.name,
            store=self.store,
            networks=self.offered,
            slack=self.slack,
            settings=self.settings,
            now=time.time() if now is None else now,
        )
        return await self.status(share)

    async def published(self, caption: str = "We are hiring") -> tuple[Share, str]:
        """A share that is out, and the network's id of it."""
        share = await self.share(caption)
        status = await self.publish(share)
        assert status.state is PlacementState.PUBLISHED
        return share, status.remote

    async def refresh(self, *shares: Share, now: float | None = None, planned: float | None = None) -> None:
        """One run of the job that reads reactions."""
        await reactions.refresh(
            self.bea.id,
            self.name,
            ",".join(share.id for share in shares),
            "" if planned is None else repr(planned),
            store=self.store,
            networks=self.offered,
            slack=self.slack,
            now=time.time() if now is None else now,
        )

    async def status(self, share: Share) -> Status:
        return (await self.store.shares.statuses(share.member, share.id))[self.name]

    async def reactions(self, share: Share) -> Reactions:
        known = await self.store.reactions.get(share.member, share.id, self.name)
        assert known is not None
        return known

    async def hints(self, due: str) -> dict[str, float]:
        """What stands in a due list."""
        names = await self.store.redis.zrange(due, 0, -1)
        return {name: await self.store.redis.zscore(due, name) or 0.0 for name in names}

    async def now_account(self) -> Account:
        known = await self.store.accounts.get(self.bea.id, self.account.id)
        assert known is not None
        return known


@asynccontextmanager
async def staged(
    redis_url: str, stage: str = "x", *, window: float = 14 * 86400.0, interval: float = 86400.0, **settings: str
) -> AsyncIterator[Stage]:
    open_network: Callable[..., Any] = stages.STAGES[stage]
    async with Playground() as pg, open_network() as network:
        name = network.network.name
        if name == "linkedin":  # as it is: only what a test breaks is about a token that is no longer new
            vars(network.network)["_settles"] = SETTLES
        connected = await network.connect()
        store = Store.open(redis_url, encryption_keys=[KEY], window=window, interval=interval)
        jobs = Jobs(redis_url)
        env = {
            "REDIS_URL": redis_url,
            "ENCRYPTION_KEYS": KEY,
            "SHORT_URL": SHORT_URL,
            "SLACK_BOT_TOKEN": pg.bot_token,
            "SLACK_API_URL": pg.slack_api_url,
            "ALLOW_PRIVATE_ADDRESSES": "true",
            "REACTION_WINDOW": f"{window}s",
            "REFRESH_INTERVAL": f"{interval}s",
            **network_settings(name, network),
            **settings,
        }
        try:
            bea = await BEA.joins(store, time.time())
            account = Account(
                name,
                connected.profile.uid,
                connected.profile.name,
                AccountState.CONNECTED,
                time.time(),
                expires_at=connected.expires_at,
                can_count=connected.capabilities.count,
                count_reason=connected.capabilities.count_reason,
            )
            await store.accounts.connect(bea, account, connected.token)
            loaded = load(WorkerSettings, env)
            yield Stage(pg, network, store, loaded, jobs, bea, account, env, {name: network.network})
        finally:
            jobs.close()
            await store.close()


def network_settings(name: str, stage: NetworkStage) -> dict[str, str]:
    """The environment in which a program offers the staged network."""
    state: Any = stage.state
    if name == "mastodon":
        return {}  # its server stands in the token
    if name == "bluesky":
        return {"BLUESKY_APPVIEW_URL": str(vars(stage.network)["_appview"])}  # so does its own server
    if name == "facebook":
        app = vars(stage.network)["_app"]
        keys = {"FACEBOOK_APP_ID": app.id, "FACEBOOK_APP_SECRET": app.secret}
        return {**keys, "FACEBOOK_AUTH_URL": app.site, "FACEBOOK_GRAPH_URL": app.url}
    if name == "x":
        url = str(vars(stage.network)["_url"])
        return {"X_API_KEY": state.api_key, "X_API_SECRET": state.api_secret, "X_API_URL": url}
    api = str(vars(stage.network)["_api_url"])
    return {
        "LINKEDIN_CLIENT_ID": state.client_id,
        "LINKEDIN_CLIENT_SECRET": state.client_secret,
        "LINKEDIN_SCOPES": " ".join(state.scopes),
        "LINKEDIN_API_URL": api,
        "LINKEDIN_AUTH_URL": api.replace("linkedin-api", "linkedin"),
    }
