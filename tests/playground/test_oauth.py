"""The app is installed through Bolt's own OAuth flow: install, Allow, and the code's exchange."""

import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from slack_bolt.async_app import AsyncApp
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth.installation_store import FileInstallationStore
from slack_sdk.oauth.state_store import FileOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient

from grapevine.playground.app import Playground
from tests.playground.bolt import QUICK

# slack_sdk 3.47 builds the Authorization header with what aiohttp 3.14 deprecates
pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")
BACK = "http://127.0.0.1:9/slack/oauth_redirect"


@pytest.fixture
async def pg() -> AsyncIterator[Playground]:
    async with Playground(QUICK) as pg:
        yield pg


def link(page: str, name: str) -> str:
    found = re.search(rf'href="([^"]+)"[^>]*>{name}<', page)
    assert found, page
    return unescape(found[1])


async def asked(pg: Playground, **changes: str) -> tuple[int, str]:
    query = {"client_id": pg.config.client_id, "scope": "commands,chat:write", "state": "s", "redirect_uri": BACK}
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{pg.url}/oauth/v2/authorize", params=query | changes) as response,
    ):
        return response.status, await response.text()


async def test_bolt_installs_itself(pg: Playground, tmp_path: Path) -> None:
    settings = AsyncOAuthSettings(
        client_id=pg.config.client_id,
        client_secret=pg.config.client_secret,
        scopes=["commands", "chat:write"],
        authorization_url=f"{pg.url}/oauth/v2/authorize",
        redirect_uri=BACK,
        installation_store=FileInstallationStore(base_dir=str(tmp_path)),
        state_store=FileOAuthStateStore(expiration_seconds=60, base_dir=str(tmp_path)),
    )
    flow = AsyncOAuthFlow(client=AsyncWebClient(base_url=pg.slack_api_url), settings=settings)
    app = AsyncApp(signing_secret=pg.signing_secret, oauth_flow=flow)
    async with TestServer(app.web_app()) as server, aiohttp.ClientSession() as session:
        async with session.get(server.make_url("/slack/install")) as response:
            cookie = response.headers["Set-Cookie"].partition(";")[0]
            consent = link(await response.text(), ".*")
        async with session.get(consent) as response:
            allowed = urlsplit(link(await response.text(), "Allow"))
        back = server.make_url(f"/slack/oauth_redirect?{allowed.query}")
        async with session.get(back, headers={"Cookie": cookie}) as response:
            assert response.status == 200, await response.text()

    installed = FileInstallationStore(base_dir=str(tmp_path)).find_bot(enterprise_id=None, team_id="T0GRAPE001")
    assert installed
    assert installed.bot_token == pg.bot_token
    assert list(installed.bot_scopes) == ["commands", "chat:write"]


async def test_cancel_leads_back_with_access_denied(pg: Playground) -> None:
    _, page = await asked(pg)

    assert parse_qs(urlsplit(link(page, "Cancel")).query) == {"error": ["access_denied"], "state": ["s"]}


async def test_a_request_that_the_manifest_does_not_cover_is_refused(pg: Playground) -> None:
    assert (await asked(pg, client_id="other"))[0] == 400
    assert (await asked(pg, redirect_uri="http://elsewhere.example/"))[0] == 400
    status, said = await asked(pg, scope="commands,admin")
    assert (status, said) == (400, "invalid_scope: the manifest does not ask for admin.")


async def test_a_code_serves_once_for_its_own_app(pg: Playground) -> None:
    _, page = await asked(pg)
    code = parse_qs(urlsplit(link(page, "Allow")).query)["code"][0]
    client = AsyncWebClient(base_url=pg.slack_api_url)
    own = {"client_id": pg.config.client_id, "client_secret": pg.config.client_secret}

    with pytest.raises(SlackApiError, match="bad_client_secret"):
        await client.oauth_v2_access(client_id=own["client_id"], client_secret="guessed", code=code, redirect_uri=BACK)
    assert (await client.oauth_v2_access(**own, code=code, redirect_uri=BACK))["access_token"] == pg.bot_token
    with pytest.raises(SlackApiError, match="invalid_code"):
        await client.oauth_v2_access(**own, code=code, redirect_uri=BACK)
