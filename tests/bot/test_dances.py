"""Real dances in a real browser: Slack's stand-in, our pages, the networks' own prompts, on a phone's screen."""

import shutil
from collections.abc import AsyncIterator, Mapping

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from grapevine.networks.base import Network
from grapevine.networks.bluesky import Bluesky
from grapevine.networks.linkedin import LinkedIn
from grapevine.networks.mastodon import Mastodon
from grapevine.networks.x import X
from grapevine.playground import bluesky, linkedin, mastodon, x
from grapevine.store import Store
from tests.bot.stage import Stage, staged, urls_of
from tests.networks.mastodon_stand_in import serving
from tests.people import BEA
from tests.playground.conftest import QUIET

pytestmark = pytest.mark.browser
PHONE = (390, 844)


@pytest.fixture
async def stage(store: Store, redis_url: str) -> AsyncIterator[Stage]:
    linkedin_state, x_state = linkedin.LinkedInStandIn(settling=0.0), x.XStandIn()

    def networks(url: str) -> Mapping[str, Network]:
        scopes = " ".join(linkedin_state.scopes)
        id_, secret = linkedin_state.client_id, linkedin_state.client_secret
        return {
            "linkedin": LinkedIn(id_, secret, "202610", scopes, f"{url}/linkedin", f"{url}/linkedin-api"),
            "x": X(x_state.api_key, x_state.api_secret, f"{url}/x"),
            "mastodon": Mastodon(allow_private=True),
            "bluesky": Bluesky(f"{url}/bluesky", f"{url}/bluesky", f"{url}/bluesky/plc", allow_private=True),
        }

    subapps = {
        "/linkedin-api": linkedin.create_api_app(linkedin_state),
        "/linkedin": linkedin.create_auth_app(linkedin_state),
        "/x": x.create_app(x_state),
        "/bluesky": bluesky.create_app(bluesky.BlueskyStandIn()),
    }
    async with staged(store, redis_url, networks, subapps=subapps) as stage:
        yield stage


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("No chromium on PATH: install Debian's to see the dances danced.")
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        await browser.close()


async def phone(chromium: Browser) -> Page:
    """A browser with cookies of its own."""
    page = await (await chromium.new_context(viewport={"width": PHONE[0], "height": PHONE[1]})).new_page()
    page.set_default_timeout(8000)
    return page


async def asked(stage: Stage, page: Page, network: str) -> None:
    """From the link in Slack to the network's own prompt."""
    (url,) = urls_of(await stage.types_for(BEA, f"connect {network}"))
    await page.goto(url)
    await expect(page.get_by_text("Bea Lindqvist")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    await page.get_by_role("button", name="Continue to").click()


async def test_linkedin_is_connected_and_disconnected(stage: Stage, chromium: Browser) -> None:
    page = await phone(chromium)
    await asked(stage, page, "linkedin")
    await page.get_by_role("button", name="Sign in as Bea").click()
    await page.get_by_role("button", name="Allow").click()
    await expect(page.get_by_role("heading", name="Connected")).to_be_visible()
    await expect(page.get_by_text("You can close this page and go back to Slack")).to_be_visible()
    assert "LinkedIn* is connected as" in await stage.told(BEA)
    assert "LinkedIn confirmed" in await stage.types(BEA, "disconnect linkedin")


async def test_x_is_connected_and_disconnected(stage: Stage, chromium: Browser) -> None:
    page = await phone(chromium)
    await asked(stage, page, "x")
    await page.get_by_role("button", name="Sign in as Bea").click()
    await page.get_by_role("button", name="Authorize app").click()
    await expect(page.get_by_role("heading", name="Connected")).to_be_visible()
    assert "X* is connected as" in await stage.told(BEA)
    assert "X confirmed" in await stage.types(BEA, "disconnect x")


async def test_a_mastodon_server_is_named_connected_and_disconnected(stage: Stage, chromium: Browser) -> None:
    page = await phone(chromium)
    async with serving(mastodon.create_app(mastodon.MastodonStandIn())) as server:
        name = server.removeprefix("http://")
        (url,) = urls_of(await stage.types_for(BEA, "connect mastodon"))
        await page.goto(url)
        field = page.get_by_label("Your Mastodon server")
        await page.get_by_role("button", name="Continue to Mastodon").click()
        await expect(field).to_be_focused()  # the browser itself says that it has to be filled in
        await field.fill("not a server")
        await page.get_by_role("button", name="Continue to Mastodon").click()
        await expect(page.get_by_role("alert")).to_contain_text("“not a server” is no server that Grapevine can speak")
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
        await expect(field).to_have_value("not a server")
        await field.fill(f"@bea@{name}")
        await page.get_by_role("button", name="Continue to Mastodon").click()
        await page.get_by_role("button", name="Sign in as Bea").click()
        await expect(page.get_by_text("Publish posts")).to_be_visible()
        await page.get_by_role("button", name="Authorize", exact=True).click()
        await expect(page.get_by_role("heading", name="Connected")).to_be_visible()
        assert "Mastodon* is connected as" in await stage.told(BEA)
        (account,) = await stage.store.accounts.all((await stage.member(BEA)).id)
        assert account == f"mastodon:109348684141000002@{name}"
        assert "Mastodon confirmed" in await stage.types(BEA, "disconnect mastodon")


@pytest.mark.parametrize(
    ("network", "said"), [("linkedin", "You cancelled at LinkedIn"), ("x", "nothing was connected")]
)
async def test_cancelling_at_the_prompt_is_said(stage: Stage, chromium: Browser, network: str, said: str) -> None:
    page = await phone(chromium)
    await asked(stage, page, network)
    if network == "x":
        await page.get_by_role("button", name="Sign in as Bea").click()
    await page.get_by_role("button", name="Cancel").first.click()
    await expect(page.get_by_text(said)).to_be_visible()
    assert await stage.store.accounts.all((await stage.member(BEA)).id) == {}


async def test_the_prompt_that_ends_in_another_browser_asks_once_more(stage: Stage, chromium: Browser) -> None:
    page, other = await phone(chromium), await phone(chromium)
    await asked(stage, page, "linkedin")
    await other.goto(page.url)
    await other.get_by_role("button", name="Sign in as Bea").click()
    await other.get_by_role("button", name="Allow").click()
    await expect(other.get_by_text("asks once more")).to_be_visible()
    await expect(other.get_by_text("Bea Lindqvist")).to_have_count(2)
    await other.get_by_role("button", name="Yes, both are me").click()
    await expect(other.get_by_role("heading", name="Connected")).to_be_visible()
    assert "LinkedIn* is connected as" in await stage.told(BEA)


async def test_bluesky_is_connected_with_an_app_password_and_disconnected(stage: Stage, chromium: Browser) -> None:
    page = await phone(chromium)
    await page.goto(f"{stage.pg.url}/bluesky/settings/app-passwords")
    bea = page.get_by_role("region", name="Bea Lindqvist")
    await bea.get_by_role("button", name="Add app password for Bea Lindqvist").click()
    made = str(await bea.locator("li code").text_content())
    (url,) = urls_of(await stage.types_for(BEA, "connect bluesky"))
    await page.goto(url)
    await expect(page.get_by_role("heading", name="What an app password allows")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    handle, password = page.get_by_label("Your Bluesky handle"), page.get_by_label("An app password for Grapevine")
    await handle.fill("@bea.test")
    await password.fill("my real password")
    await page.get_by_role("button", name="Connect Bluesky").click()
    await expect(page.get_by_role("alert")).to_contain_text("This is no app password")
    await expect(handle).to_have_value("@bea.test")
    await expect(password).to_have_value("")
    await password.fill(made)
    await page.get_by_role("button", name="Connect Bluesky").click()
    await expect(page.get_by_role("heading", name="Connected")).to_be_visible()
    await expect(page.get_by_text("Bluesky is connected as Bea Lindqvist")).to_be_visible()
    assert made not in page.url
    assert "Bluesky* is connected as" in await stage.told(BEA)
    assert "Bluesky confirmed" in await stage.types(BEA, "disconnect bluesky")
