"""Real dances in a real browser: Slack's stand-in, our pages, the networks' own prompts, on a phone's screen."""

import shutil
import time
from collections.abc import AsyncIterator, Mapping

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from grapevine.networks.base import Network
from grapevine.networks.bluesky import Bluesky
from grapevine.networks.facebook import Facebook
from grapevine.networks.linkedin import LinkedIn
from grapevine.networks.mastodon import Mastodon
from grapevine.networks.x import X
from grapevine.playground import bluesky, facebook, linkedin, mastodon, x
from grapevine.store import Store
from tests.bot.stage import Stage, staged, urls_of
from tests.people import ADA, BEA, TEAM, Person
from tests.playground.conftest import QUIET
from tests.serving import serving

pytestmark = pytest.mark.browser
PHONE = (390, 844)


@pytest.fixture
async def stage(store: Store, redis_url: str) -> AsyncIterator[Stage]:
    linkedin_state, x_state = linkedin.LinkedInStandIn(settling=0.0), x.XStandIn()
    app = facebook.FacebookStandIn()

    def networks(url: str) -> Mapping[str, Network]:
        scopes = " ".join(linkedin_state.scopes)
        id_, secret = linkedin_state.client_id, linkedin_state.client_secret
        return {
            "linkedin": LinkedIn(id_, secret, "202610", scopes, f"{url}/linkedin", f"{url}/linkedin-api"),
            "x": X(x_state.api_key, x_state.api_secret, f"{url}/x"),
            "facebook": Facebook(app.app_id, app.app_secret, "v25.0", f"{url}/facebook", f"{url}/facebook/graph"),
            "mastodon": Mastodon(allow_private=True),
            "bluesky": Bluesky(f"{url}/bluesky", f"{url}/bluesky", f"{url}/bluesky/plc", allow_private=True),
        }

    subapps = {
        "/linkedin-api": linkedin.create_api_app(linkedin_state),
        "/linkedin": linkedin.create_auth_app(linkedin_state),
        "/x": x.create_app(x_state),
        "/bluesky": bluesky.create_app(bluesky.BlueskyStandIn()),
        "/facebook": facebook.create_app(app),
    }
    async with staged(store, redis_url, networks, subapps=subapps) as stage:
        app.redirect_uris.append(f"{stage.url}/oauth/facebook/callback")
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


async def asked(stage: Stage, page: Page, network: str, person: Person = BEA) -> None:
    """From the link in Slack to the network's own prompt."""
    (url,) = urls_of(await stage.types_for(person, f"connect {network}"))
    await page.goto(url)
    await expect(page.get_by_text(person.name)).to_be_visible()
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
    assert "LinkedIn confirmed" in await stage.disconnects(BEA, "linkedin")


async def test_x_is_connected_and_disconnected(stage: Stage, chromium: Browser) -> None:
    page = await phone(chromium)
    await asked(stage, page, "x")
    await page.get_by_role("button", name="Sign in as Bea").click()
    await page.get_by_role("button", name="Authorize app").click()
    await expect(page.get_by_role("heading", name="Connected")).to_be_visible()
    assert "X* is connected as" in await stage.told(BEA)
    assert await stage.store.spending.spent(TEAM, "x", time.time()) == 100, "the profile"
    assert "X confirmed" in await stage.disconnects(BEA, "x")


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
        assert "Mastodon confirmed" in await stage.disconnects(BEA, "mastodon")


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
    assert "Bluesky confirmed" in await stage.disconnects(BEA, "bluesky")


async def at_facebook(page: Page, name: str) -> None:
    """Through Facebook's prompt, with all that it offers."""
    await page.get_by_role("button", name=f"Sign in as {name}").click()
    await page.get_by_role("button", name=f"Continue as {name}").click()


async def test_a_facebook_page_is_connected_and_disconnected(stage: Stage, chromium: Browser) -> None:
    page = await phone(chromium)
    (url,) = urls_of(await stage.types_for(BEA, "connect facebook"))
    await page.goto(url)
    await expect(page.get_by_role("heading", name="A Page, not your profile")).to_be_visible()
    await asked(stage, page, "facebook")
    await at_facebook(page, "Bea")
    await expect(page.get_by_role("heading", name="Connected")).to_be_visible()
    await expect(page.get_by_text("Facebook is connected as Vine & Co.")).to_be_visible()
    assert "Facebook* is connected as" in await stage.told(BEA)
    assert "Facebook confirmed" in await stage.disconnects(BEA, "facebook")


async def test_of_several_facebook_pages_one_is_chosen_by_thumb_or_by_keyboard(stage: Stage, chromium: Browser) -> None:
    page = await phone(chromium)
    await asked(stage, page, "facebook", ADA)
    await at_facebook(page, "Ada")
    await expect(page.get_by_role("heading", name="Choose a Facebook Page")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    group = page.get_by_role("group", name="Which Page is it?")
    choices = group.get_by_role("radio")
    await expect(choices).to_have_count(2)
    await expect(group.get_by_role("radio", checked=True)).to_have_count(0)
    for number in range(2):  # a thumb's size, all of the row
        box = await group.locator("label").nth(number).bounding_box()
        assert box is not None
        assert box["height"] >= 44
    await page.get_by_role("button", name="Connect this Page").click()
    await expect(page.get_by_role("heading", name="Choose a Facebook Page")).to_be_visible()  # the browser asks
    await page.reload()
    await group.get_by_text("Vine & Co Careers").click()
    await expect(choices.nth(1)).to_be_checked()
    await page.keyboard.press("ArrowUp")
    await expect(choices.nth(0)).to_be_checked()
    await page.keyboard.press("ArrowDown")
    await page.get_by_role("button", name="Connect this Page").click()
    await expect(page.get_by_text("Facebook is connected as Vine & Co Careers.")).to_be_visible()
    (account,) = await stage.store.accounts.all((await stage.member(ADA)).id)
    assert account == "facebook:101550000000002"


async def test_none_of_the_facebook_pages_needs_no_choice(stage: Stage, chromium: Browser) -> None:
    page = await phone(chromium)
    await asked(stage, page, "facebook", ADA)
    await at_facebook(page, "Ada")
    await page.get_by_role("button", name="None of these").click()
    await expect(page.get_by_role("heading", name="Nothing was connected")).to_be_visible()
    assert await stage.store.accounts.all((await stage.member(ADA)).id) == {}
