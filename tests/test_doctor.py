"""The doctor, with a stand-in Slack on this machine."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.fernet import Fernet
from redis.asyncio import Redis

from grapevine import doctor, manifest
from grapevine.finding import Finding
from grapevine.playground.faults import Fault
from grapevine.playground.x_state import XStandIn
from grapevine.store.embedded import EmbeddedServer
from tests.networks import bluesky_oauth_stand_in, facebook_stand_in
from tests.networks.stages import on_x
from tests.workers.stage import network_settings

SECRETS = ("xoxb-ada", "xapp-ada", "a-visitor-secret-of-length")


@asynccontextmanager
async def server(routes: dict[str, Any], headers: dict[str, str] | None = None) -> AsyncIterator[str]:
    """Answers each path with its JSON."""

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path not in routes:
            raise web.HTTPNotFound
        return web.json_response(routes[request.path], headers=headers)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(app) as running:
        yield str(running.make_url("")).rstrip("/")


@pytest.fixture
def environ(tmp_path: Path, redis_url: str) -> dict[str, str]:
    return {
        "GRAPEVINE_DATA": str(tmp_path),
        "REDIS_URL": redis_url,
        "SLACK_BOT_TOKEN": "xoxb-ada",
        "SLACK_APP_TOKEN": "xapp-ada",
        "SLACK_API_URL": "http://127.0.0.1:9/api/",
        "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "VISITOR_SECRET": "a-visitor-secret-of-length",
        "BOT_PORT": "9",
        "SHORTENER_PORT": "9",
        "BLUESKY": "off",  # its addresses are on the open internet
    }


def health(instance: str, program: str) -> dict[str, str]:
    return {"status": "ok", "instance": instance, "program": program}


async def found(environ: dict[str, str]) -> dict[str, Finding]:
    return {finding.what: finding async for finding in doctor.examine(environ)}


async def test_a_house_in_order_is_all_well(environ: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    slack = {"/api/auth.test": {"ok": True, "team": "Ada's"}, "/api/apps.connections.open": {"ok": True, "url": "wss:"}}
    async with server(slack, {"X-OAuth-Scopes": ",".join(manifest.scopes())}) as address:
        assert await doctor.run(environ | {"SLACK_API_URL": f"{address}/api/"}) == 0
    said = capsys.readouterr().out
    assert "✓ Slack: bot token, workspace Ada's" in said
    assert "✓ Slack: scopes" in said
    assert "✗" not in said
    assert said.endswith("All is well.\n")


async def test_no_secret_is_printed_and_something_broken_ends_with_1(
    environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    async with server({"/api/auth.test": {"ok": False, "error": "invalid_auth"}}) as address:
        assert await doctor.run(environ | {"SLACK_API_URL": f"{address}/api/"}) == 1
    said = capsys.readouterr().out
    assert "Slack says invalid_auth: SLACK_BOT_TOKEN should be the xoxb-… of your installed app." in said
    assert not [secret for secret in (*SECRETS, environ["ENCRYPTION_KEYS"]) if secret in said]


async def test_missing_scopes_are_named(environ: dict[str, str]) -> None:
    async with server({"/api/auth.test": {"ok": True}}, {"X-OAuth-Scopes": "commands, chat:write"}) as address:
        findings = await found(environ | {"SLACK_API_URL": f"{address}/api/"})
    said = findings["Slack: scopes"].mend
    assert said.startswith("Missing: files:read, files:write, users:read. Paste `grapevine manifest`")


async def test_a_wrong_setting_is_named_with_what_it_should_look_like(environ: dict[str, str]) -> None:
    [finding] = [each async for each in doctor.examine(environ | {"BASE_URL": "grapevine"})]
    assert finding == Finding(False, "Settings", "BASE_URL should be an address such as https://go.example.com.")


async def test_a_redis_that_is_not_there_is_told_without_its_password(environ: dict[str, str]) -> None:
    findings = await found(environ | {"REDIS_URL": "redis://:hush-hush@127.0.0.1:9/0"})
    finding = findings["Redis (REDIS_URL)"]
    assert finding.ok is False
    assert finding.mend.startswith("It does not answer")
    assert "hush-hush" not in str(finding)


async def test_a_redis_that_forgets_or_evicts_is_to_be_mended(environ: dict[str, str], redis_url: str) -> None:
    async with Redis.from_url(redis_url) as redis:
        await redis.config_set("maxmemory-policy", "allkeys-lru")
        try:
            findings = await found(environ)
        finally:
            await redis.config_set("maxmemory-policy", "noeviction")
    mends = [finding.mend for what, finding in findings.items() if what.startswith("Redis (REDIS_URL)")]
    assert mends == ["It may throw clicks away when memory is short: set maxmemory-policy noeviction."]


async def test_without_redis_url_it_says_which_server_up_will_start(environ: dict[str, str]) -> None:
    del environ["REDIS_URL"]
    findings = await found(environ)
    assert [what for what in findings if what.startswith("Redis: `grapevine up` will start /")]


async def test_the_embedded_server_is_looked_at_while_it_runs(environ: dict[str, str], tmp_path: Path) -> None:
    del environ["REDIS_URL"]
    server = EmbeddedServer.start(tmp_path / "data")
    try:
        findings = await found(environ | {"GRAPEVINE_DATA": str(server.data)})
    finally:
        server.stop()
    assert [finding.ok for what, finding in findings.items() if what.startswith("Redis (embedded) ")] == [True]


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        ("ENCRYPTION_KEYS", "", "ENCRYPTION_KEYS is missing"),
        ("ENCRYPTION_KEYS", "short", "ENCRYPTION_KEYS is wrong"),
        ("VISITOR_SECRET", "", "VISITOR_SECRET is missing"),
        ("VISITOR_SECRET", "short", "VISITOR_SECRET is wrong"),
    ],
)
async def test_secrets_of_our_own_are_checked(environ: dict[str, str], name: str, value: str, what: str) -> None:
    findings = await found(environ | {name: value})
    assert findings[what].ok is False
    assert "Make one: " in findings[what].mend


async def test_a_network_is_not_offered_half_configured_or_out_of_reach(environ: dict[str, str]) -> None:
    assert (await found(environ))["X: not offered (X_API_KEY and X_API_SECRET are not set)"].ok is None
    assert (await found(environ | {"X_API_KEY": "k"}))["X"].mend == "X_API_SECRET is missing: set it too, or neither."
    out_of_reach = {"X_API_KEY": "k", "X_API_SECRET": "s", "X_API_URL": "http://127.0.0.1:9"}
    assert (await found(environ | out_of_reach))["X"].mend.startswith("http://127.0.0.1:9 cannot be reached")
    async with server({}) as address:
        assert (await found(environ | out_of_reach | {"X_API_URL": address}))["X"].ok is True


async def test_facebook_is_not_offered_half_configured_or_out_of_reach(environ: dict[str, str]) -> None:
    not_set = "Facebook: not offered (FACEBOOK_APP_ID and FACEBOOK_APP_SECRET are not set)"
    assert (await found(environ))[not_set].ok is None
    half = (await found(environ | {"FACEBOOK_APP_ID": "1"}))["Facebook"]
    assert half.mend == "FACEBOOK_APP_SECRET is missing: set it too, or neither."
    app = {"FACEBOOK_APP_ID": "1", "FACEBOOK_APP_SECRET": "s", "FACEBOOK_AUTH_URL": "http://127.0.0.1:9"}
    async with server({}) as address:
        away = (await found(environ | app | {"FACEBOOK_GRAPH_URL": address}))["Facebook"]
        assert away.mend.startswith("http://127.0.0.1:9 cannot be reached")
        here = dict.fromkeys(("FACEBOOK_AUTH_URL", "FACEBOOK_GRAPH_URL"), address)
        assert (await found(environ | app | here))["Facebook"].ok is True


async def test_facebook_is_asked_whether_it_takes_the_app(environ: dict[str, str]) -> None:
    async with facebook_stand_in.staged() as stage:
        here = {"FACEBOOK_AUTH_URL": stage.url, "FACEBOOK_GRAPH_URL": f"{stage.url}/graph"}
        app = here | {"FACEBOOK_APP_ID": stage.state.app_id, "FACEBOOK_APP_SECRET": "wrong"}
        wrong = (await found(environ | app))["Facebook"]
        assert wrong.mend.startswith("Facebook does not accept FACEBOOK_APP_ID and FACEBOOK_APP_SECRET")
        right = {"FACEBOOK_APP_SECRET": stage.state.app_secret}
        assert (await found(environ | app | right))["Facebook"].ok is True


async def test_x_is_asked_about_the_app_itself_and_its_costs_are_named(environ: dict[str, str]) -> None:
    async with on_x() as stage:
        there = environ | network_settings("x", stage) | {"BASE_URL": "http://127.0.0.1:3000"}
        findings = await found(there)
        assert findings["X"].mend.startswith("X does not know http://127.0.0.1:3000/oauth/x/callback: add it")
        assert any("$0.20 for a post with a link" in what and "Workspace settings" in what for what in findings)
        assert isinstance(stage.state, XStandIn)
        stage.state.callbacks.append("http://127.0.0.1:3000/oauth/x/callback")
        assert (await found(there))["X"].ok is True
        assert "X_API_SECRET" in (await found(there | {"X_API_SECRET": "wrong"}))["X"].mend


async def test_bluesky_needs_nothing_but_its_addresses_should_be_there(environ: dict[str, str]) -> None:
    assert (await found(environ))["Bluesky: not offered (BLUESKY is off)"].ok is None
    names = ("BLUESKY_URL", "BLUESKY_PLC_URL", "BLUESKY_APPVIEW_URL")
    async with server({}) as address:
        there = environ | {"BLUESKY": "on", "BLUESKY_OAUTH": "off"} | dict.fromkeys(names, address)
        assert (await found(there))["Bluesky: members make app passwords"].ok is True
        away = (await found(there | {"BLUESKY_PLC_URL": "http://127.0.0.1:9"}))["Bluesky"]
    assert (away.ok, away.mend.startswith("http://127.0.0.1:9 cannot be reached")) == (False, True)


async def test_bluesky_is_asked_whether_it_can_read_who_grapevine_is(environ: dict[str, str]) -> None:
    asked = "Bluesky: members are asked by their own servers"
    async with bluesky_oauth_stand_in.staged() as bluesky, server({"/healthz": health("one", "bot")}) as bot:
        names = {
            "BLUESKY_URL": bluesky.url,
            "BLUESKY_PLC_URL": f"{bluesky.url}/plc",
            "BLUESKY_APPVIEW_URL": bluesky.url,
        }
        there = environ | names | {"BLUESKY": "on", "ALLOW_PRIVATE_ADDRESSES": "true"}
        assert (await found(there))[asked].ok is True, "on this very machine there is nothing to read"
        there |= {"BASE_URL": "https://grapevine.acme.com", "BOT_PORT": bot.rpartition(":")[2]}
        finding = (await found(there))["Bluesky"]
        assert finding.ok is False, "another Grapevine, with other keys, answers there"
        assert "Does BASE_URL lead to this Grapevine, and is the clock" in finding.mend
        embedded = {name: value for name, value in there.items() if name not in ("REDIS_URL", "ENCRYPTION_KEYS")}
        assert (await found(embedded))["Bluesky: not checked, since `grapevine up` has made no keys yet"].ok is None
        bluesky.state.fault = Fault("503", None, "POST /oauth/par")
        assert any(name.startswith("Bluesky: not checked. ") for name in await found(there))
        bluesky.state.fault = None
        bluesky.state.hosts.clear()
        bluesky.state.fetched.clear()
        finding = (await found(there))["Bluesky"]
        later = "Bluesky: not checked, since the bot does not answer (is `grapevine up` on?)"
        assert (await found(there | {"BOT_PORT": "9"}))[later].ok is None
    assert finding.ok is False
    assert "reach https://grapevine.acme.com/oauth-client-metadata.json from the internet" in finding.mend
    assert "grapevine doctor" not in finding.mend, "that is what speaks"


async def test_mastodon_needs_nothing_but_a_suggested_server_should_be_there(environ: dict[str, str]) -> None:
    assert (await found(environ))["Mastodon: members name their own servers"].ok is True
    assert (await found(environ | {"MASTODON": "off"}))["Mastodon: not offered (MASTODON is off)"].ok is None
    wrong = (await found(environ | {"MASTODON_SERVER": "http://social.example"}))["Mastodon"]
    assert (wrong.ok, wrong.mend.startswith("MASTODON_SERVER: Grapevine speaks to servers through https")) == (
        False,
        True,
    )
    here = {"ALLOW_PRIVATE_ADDRESSES": "true"}
    away = (await found(environ | here | {"MASTODON_SERVER": "127.0.0.1:9"}))["Mastodon"]
    assert (away.ok, away.mend.startswith("MASTODON_SERVER 127.0.0.1:9 cannot be reached")) == (False, True)
    async with server({}) as address:
        name = address.removeprefix("http://")
        there = await found(environ | here | {"MASTODON_SERVER": name})
    assert there[f"Mastodon: {name} is suggested"].ok is True


async def test_the_public_addresses_must_lead_back_here(environ: dict[str, str]) -> None:
    async with (
        server({"/healthz": health("ours", "bot")}) as here,
        server({"/healthz": health("ours", "bot") | {"status": "degraded", "reason": "Slack."}}) as proxy,
        server({"/healthz": health("ours", "shortener")}) as swapped,
        server({"/healthz": health("another", "bot")}) as stranger,
    ):
        ours = environ | {"BOT_PORT": here.rpartition(":")[2]}
        assert (await found(ours | {"BASE_URL": proxy}))[f"BASE_URL {proxy} leads back here"].ok is True
        mend = f"This Grapevine's shortener answers there, not its bot: point it at {here}."
        assert (await found(ours | {"BASE_URL": swapped}))[f"BASE_URL {swapped}"].mend == mend
        assert "Another Grapevine" in (await found(ours | {"BASE_URL": stranger}))[f"BASE_URL {stranger}"].mend
        silent = "http://127.0.0.1:9"
        assert "does not answer" in (await found(ours | {"BASE_URL": silent}))[f"BASE_URL {silent}"].mend


async def test_without_an_instance_an_address_is_not_said_to_lead_back(environ: dict[str, str]) -> None:
    unknown = health("", "bot") | {"status": "degraded", "reason": "Redis."}
    async with server({"/healthz": unknown}) as here, server({"/healthz": {"status": "ok"}}) as stranger:
        ours = environ | {"BOT_PORT": here.rpartition(":")[2]}
        [finding] = [each for what, each in (await found(ours | {"BASE_URL": here})).items() if "BASE_URL" in what]
        assert finding.what == f"BASE_URL {here} answers as this machine's does (it gives no instance to be sure by)"
        assert (await found(ours | {"BASE_URL": stranger}))[f"BASE_URL {stranger}"].ok is False


async def test_addresses_are_not_judged_while_nothing_runs(environ: dict[str, str]) -> None:
    [finding] = [each for what, each in (await found(environ)).items() if what.startswith("SHORT_URL")]
    assert finding.ok is None
    assert "is `grapevine up` on?" in finding.what


async def test_a_file_in_place_of_the_data_folder_is_told(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text(json.dumps({}))
    findings = await found(environ | {"GRAPEVINE_DATA": str(tmp_path / "file" / "data")})
    assert [each for what, each in findings.items() if what.startswith("Data") and each.ok is False]


@pytest.mark.parametrize(("version", "said"), [("202401", "no longer serves version 202401"), ("203001", "")])
async def test_a_version_of_linkedin_that_ends_is_said_with_the_one_to_set(
    environ: dict[str, str], version: str, said: str
) -> None:
    keys = {"LINKEDIN_CLIENT_ID": "a", "LINKEDIN_CLIENT_SECRET": "b", "LINKEDIN_VERSION": version}
    away = {"LINKEDIN_AUTH_URL": "http://127.0.0.1:9", "LINKEDIN_API_URL": "http://127.0.0.1:9"}
    finding = (await found(environ | keys | away)).get(f"LinkedIn: version {version}")
    assert bool(finding) == bool(said)
    assert finding is None or (finding.ok is None and said in finding.mend and "LINKEDIN_VERSION=" in finding.mend)
