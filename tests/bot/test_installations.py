"""Many workspaces: installing, speaking in each, and being removed."""

import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import pytest
import yaml
from slack_sdk.oauth.installation_store import Bot

from bot.installations import SCOPES, InstallationStore, StateStore
from grapevine.playground.config import PlaygroundConfig
from grapevine.store import Store
from tests.bot.stage import Browser, Page, Stage, staged, text_of
from tests.people import BEA, TEAM

#: slack_sdk 3.47 sends the client's credentials with aiohttp's older class
BASIC_AUTH = pytest.mark.filterwarnings("ignore:(BasicAuth is|The 'auth' parameter is) deprecated:DeprecationWarning")
ROOT = Path(__file__).parent.parent.parent


def installed(token: str, *, team: str | None = TEAM, enterprise: str | None = None, org: bool = False) -> Bot:
    return Bot(
        app_id="A1", enterprise_id=enterprise, team_id=team, bot_token=token, bot_id="B1", bot_user_id="U1",
        bot_scopes=["commands", "chat:write"], installed_at=1795262400.0, is_enterprise_install=org,
    )  # fmt: skip


async def test_an_installation_is_found_again_and_a_newer_one_takes_its_place(store: Store) -> None:
    kept = InstallationStore(store)
    await kept.async_save_bot(installed("xoxb-1"))
    await kept.async_save_bot(installed("xoxb-2"))
    found = await kept.async_find_bot(enterprise_id=None, team_id=TEAM)
    assert found is not None
    assert vars(found) == vars(installed("xoxb-2"))
    assert await store.installations.bot_token(TEAM) == "xoxb-2"
    assert await kept.async_find_bot(enterprise_id=None, team_id="T2") is None
    whole = await kept.async_find_installation(enterprise_id=None, team_id=TEAM)
    assert whole is not None
    assert whole.bot_token == "xoxb-2"


async def test_an_org_wide_installation_serves_every_team_of_the_organisation(store: Store) -> None:
    kept = InstallationStore(store)
    await kept.async_save_bot(installed("xoxb-org", team=None, enterprise="E1", org=True))
    assert await store.installations.bot_token("T7") is None
    found = await kept.async_find_bot(enterprise_id="E1", team_id="T7", is_enterprise_install=True)
    assert found is not None
    assert await store.installations.bot_token("T7") == "xoxb-org"


async def test_one_team_of_an_organisation_has_a_token_of_its_own(store: Store) -> None:
    kept = InstallationStore(store)
    await kept.async_save_bot(installed("xoxb-team", team="T7", enterprise="E1"))
    assert await store.installations.bot_token("T7") == "xoxb-team"
    await kept.async_delete_all(enterprise_id="E1", team_id="T7")
    assert await store.installations.bot_token("T7") is None


async def test_no_token_stands_readable_in_the_store(store: Store) -> None:
    await InstallationStore(store).async_save_bot(installed("xoxb-secret"))
    kept = [await store.redis.get(key) async for key in store.redis.scan_iter(match="i:*")]
    assert kept
    assert not any("xoxb-secret" in (text or "") for text in kept)


async def test_a_state_serves_once(store: Store) -> None:
    states = StateStore(store)
    state = await states.async_issue()
    assert await states.async_consume(state)
    assert not await states.async_consume(state)
    assert not await states.async_consume("invented")


def test_the_scopes_are_those_of_the_manifest() -> None:
    manifest = yaml.safe_load((ROOT / "manifest.yml").read_text())
    assert list(SCOPES) == manifest["oauth_config"]["scopes"]["bot"]


@pytest.fixture
async def many(store: Store, redis_url: str) -> AsyncIterator[Stage]:
    config = PlaygroundConfig()
    id_, secret = config.client_id, config.client_secret
    async with staged(
        store, redis_url, {}, slack_bot_token=None, slack_client_id=id_, slack_client_secret=secret
    ) as stage:
        yield stage


def first_link(page: Page) -> str:
    found = re.search(r'href="(http[^"]+)"', page.text)
    assert found is not None
    return unescape(found[1])


async def install(stage: Stage, browser: Browser) -> None:
    begun = await browser.get(f"{stage.url}/slack/install")
    assert begun.status == 200
    prompt = await browser.get(first_link(begun))
    assert "is requesting permission" in prompt.text
    # Bolt's cookie is Secure, and this is http: it is handed over as a browser would over https.
    cookie = begun.headers["Set-Cookie"].split(";")[0]
    assert (await browser.get(first_link(prompt), cookie=cookie)).status == 200
    assert await stage.store.installations.bot_token(TEAM) == stage.pg.bot_token


@BASIC_AUTH
async def test_a_workspace_installs_the_app_and_people_use_it(many: Stage, browser: Browser) -> None:
    await install(many, browser)
    assert "/grapevine share" in await many.types(BEA, "help")
    client = await many.bot.slack.of(TEAM)
    await client.chat_postMessage(channel=BEA.user, text="in the name of the workspace")
    assert "in the name" in text_of(many.pg.dms(BEA.user)[-1])


@BASIC_AUTH
async def test_a_workspace_that_removes_the_app_is_forgotten(many: Stage, browser: Browser) -> None:
    await install(many, browser)
    assert await many.pg.event({"type": "app_uninstalled"})
    await many.eventually(lambda: many.store.installations.bot_token(TEAM), lambda token: token is None)


async def test_one_bot_token_serves_one_workspace_and_offers_no_installing(stage: Stage, browser: Browser) -> None:
    assert (await browser.get(f"{stage.url}/slack/install")).status == 404
