"""Bluesky where the member's own server asks: what the page says before, and who Grapevine is to that server."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser as Chromium
from playwright.async_api import expect

from grapevine.networks.bluesky import Bluesky
from grapevine.playground import bluesky
from grapevine.playground.bluesky_state import PEOPLE
from grapevine.playground.faults import Fault
from grapevine.store import Store
from tests.bot.stage import Browser, Stage, staged, urls_of
from tests.bot.test_dances import PHONE, phone
from tests.bot.test_dances import chromium as chromium
from tests.people import BEA

AT_BLUESKY = PEOPLE[1]
PUBLIC = "https://grapevine.acme.com"


@pytest.fixture
def state() -> bluesky.BlueskyStandIn:
    return bluesky.BlueskyStandIn()


@pytest.fixture
async def stage(store: Store, redis_url: str, state: bluesky.BlueskyStandIn) -> AsyncIterator[Stage]:
    def networks(url: str) -> dict[str, Bluesky]:
        site = f"{url}/bluesky"
        here = Bluesky(site, site, f"{site}/plc", allow_private=True, base_url="http://127.0.0.1")
        return {"bluesky": here}

    async with staged(store, redis_url, networks, subapps={"/bluesky": bluesky.create_app(state)}) as stage:
        yield stage


async def test_the_page_says_that_the_members_own_server_asks_and_folds_the_app_password_away(stage: Stage) -> None:
    async with Browser() as browser:
        page = await browser.get(urls_of(await stage.types_for(BEA, "connect bluesky"))[0])
    assert "What Bluesky will ask you to allow" in page.text
    assert "Create posts" in page.text
    assert "not to change or delete any" in page.text
    assert "The next page is Bluesky's own" in page.text
    folded = page.text.split("<details>", 1)[1].split("</details>", 1)[0]
    assert "My server has no page for this: use an app password" in folded
    assert 'name="answer.password"' in folded
    assert "required" not in folded
    assert "Continue to Bluesky" in page.text


async def test_an_app_password_that_is_typed_all_the_same_connects_without_a_prompt(
    stage: Stage, state: bluesky.BlueskyStandIn
) -> None:
    password = state.make_app_password(AT_BLUESKY, "Grapevine").password
    async with Browser() as browser:
        page = await browser.get(urls_of(await stage.types_for(BEA, "connect bluesky"))[0])
        typed = {"answer.handle": AT_BLUESKY.handle, "answer.password": password}
        page = await browser.press(page, follow=True, **typed)
    assert "Bluesky is connected as Bea Lindqvist" in page.text
    assert not state.oauth.granted


async def test_a_server_without_a_prompt_leads_to_the_app_password_on_the_same_page(
    stage: Stage, state: bluesky.BlueskyStandIn
) -> None:
    state.fault = Fault("no-oauth")
    async with Browser() as browser:
        page = await browser.get(urls_of(await stage.types_for(BEA, "connect bluesky"))[0])
        page = await browser.press(page, follow=True, **{"answer.handle": AT_BLUESKY.handle, "answer.password": ""})
    assert page.status == 422
    assert "has no page of its own on which it could ask you" in page.text
    assert "<details open>" in page.text
    assert f'value="{AT_BLUESKY.handle}"' in page.text


async def test_who_grapevine_is_stands_at_its_address_and_nothing_secret_with_it(store: Store, redis_url: str) -> None:
    known = Bluesky(base_url=PUBLIC, secrets=("a secret",))
    async with staged(store, redis_url, {"bluesky": known}) as stage, Browser() as browser:
        page = await browser.get(f"{stage.url}/oauth-client-metadata.json")
    document = known.client_document
    assert document is not None
    assert page.headers["Content-Type"].startswith("application/json")
    assert urlsplit(document["client_id"]).path == "/oauth-client-metadata.json", "where it is served"
    assert document["client_id"] in page.text
    assert document["redirect_uris"] == [f"{PUBLIC}/oauth/bluesky/callback"]
    assert '"d"' not in page.text


async def test_an_installation_that_nobody_can_reach_has_no_such_address(store: Store, redis_url: str) -> None:
    async with staged(store, redis_url, {"bluesky": Bluesky()}) as stage, Browser() as browser:
        assert (await browser.get(f"{stage.url}/oauth-client-metadata.json")).status == 404


@pytest.mark.browser
async def test_a_member_is_asked_by_their_server_and_disconnects_on_a_phone(stage: Stage, chromium: Chromium) -> None:
    page = await phone(chromium)
    (url,) = urls_of(await stage.types_for(BEA, "connect bluesky"))
    await page.goto(url)
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    await expect(page.get_by_label("An app password for Grapevine")).to_be_hidden()
    await page.get_by_label("Your Bluesky handle").fill("@bea.test")
    await page.get_by_role("button", name="Continue to Bluesky").click()
    await expect(page.get_by_text("Signed in as Bea Lindqvist")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    await page.get_by_role("button", name="Authorize").click()
    await expect(page.get_by_role("heading", name="Connected")).to_be_visible()
    await expect(page.get_by_text("Bluesky is connected as Bea Lindqvist")).to_be_visible()
    assert "Bluesky* is connected as" in await stage.told(BEA)
    assert "Bluesky confirmed" in await stage.disconnects(BEA, "bluesky")


@pytest.mark.browser
async def test_a_no_at_the_server_connects_nothing(stage: Stage, chromium: Chromium) -> None:
    page = await phone(chromium)
    (url,) = urls_of(await stage.types_for(BEA, "connect bluesky"))
    await page.goto(url)
    await page.get_by_label("Your Bluesky handle").fill("bea.test")
    await page.get_by_role("button", name="Continue to Bluesky").click()
    await page.get_by_role("button", name="Deny").click()
    await expect(page.get_by_text("You said no at")).to_be_visible()
    await page.get_by_role("link", name="Try again").click()
    await expect(page.get_by_label("Your Bluesky handle")).to_be_visible()
