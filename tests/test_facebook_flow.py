"""A Facebook Page, whole: chosen after login, shared to, followed, liked, changed for another, and given back.

The real house (``grapevine demo``) in real browsers; only Slack and Facebook are stand-ins.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from grapevine.domain.members import Member
from grapevine.store import keys
from tests.flow.browser import chromium
from tests.flow.house import House, demo
from tests.flow.people import Flow, flow
from tests.flow.workspace_page import GENERAL, SOON
from tests.people import ADA, DORA, TEAM
from tests.waiting import eventually

pytestmark = pytest.mark.browser

CAPTION = "Proud of our careers page."
#: seconds: reactions are read every 20 seconds in the demo
A_ROUND = 45.0


@pytest.fixture
def running(tmp_path: Path) -> Iterator[House]:
    chromium()
    with demo(tmp_path / "demo", "--transport", "socket") as running:
        yield running


async def test_a_page_from_the_choice_to_the_end(running: House) -> None:
    async with flow(running) as on:
        await ada_connects(on, "Vine & Co")
        await ada_shares(on)
        await a_reader_follows_the_card_and_likes(on)
        await ada_changes_to_another_page(on)
        await ada_disconnects(on)


async def ada(on: Flow) -> Member:
    found = await on.store.members.of(TEAM, ADA.user)
    assert found is not None
    return found


async def ada_connects(on: Flow, name: str, *, before: int = 0) -> None:
    """The Page of that *name*; *before* is how often she has asked for a link."""
    await on.ada.goes_to(GENERAL)
    answer = on.ada.page.get_by_role("log", name="Messages")
    buttons = answer.get_by_role("button", name=re.compile("Connect a Facebook Page"))
    await expect(buttons).to_have_count(before, timeout=SOON)
    await on.ada.types("/grapevine connect facebook")
    await expect(buttons).to_have_count(before + 1, timeout=SOON)
    await expect(answer.get_by_text("took posting on personal profiles away").last).to_be_visible()
    async with on.ada.page.context.expect_page() as opened:
        await buttons.last.click()
    tab = await opened.value
    tab.set_default_timeout(SOON)
    await tab.get_by_role("button", name="Continue to Facebook").click()
    await tab.get_by_role("button", name="Sign in as Ada").click()
    await tab.get_by_role("button", name="Continue as Ada").click()
    row = tab.get_by_role("radio", name=re.compile(rf"^{re.escape(name)}\s+[\d,]+ followers"))
    await row.check()
    await tab.get_by_role("button", name="Connect this Page").click()
    await expect(tab.get_by_text(f"Facebook is connected as {name}.")).to_be_visible(timeout=SOON)
    await tab.close()


async def ada_shares(on: Flow) -> None:
    await on.ada.types(f"/grapevine share {on.company.url}/news/night")
    composer = await on.ada.dialog("Share a post")
    await expect(composer.get_by_label("Facebook", exact=True)).to_be_checked()
    await composer.get_by_label("Caption on Facebook").fill(CAPTION)
    await on.ada.presses(composer, "Share")
    await expect(composer).to_contain_text("On its way to Facebook.")
    await on.ada.presses(composer, "Done")
    await expect(await on.ada.messages()).to_contain_text("Your post is out on Facebook", timeout=SOON)


async def a_reader_follows_the_card_and_likes(on: Flow) -> None:
    dora = (await on.reader(DORA)).page
    await dora.goto(f"{on.house.url}/facebook/")
    newest = dora.get_by_role("article", name="Post by Vine & Co").first
    await expect(newest).to_contain_text(CAPTION)
    card = newest.locator("a.card")
    await expect(card).to_have_attribute("href", re.compile(f"^{re.escape(on.short_url)}/"))
    await card.click()
    await expect(dora).to_have_url(re.compile("utm_source=facebook"))
    await dora.goto(f"{on.house.url}/facebook/")
    await newest.get_by_role("button", name="Like").click()
    await expect(newest).to_contain_text("1 reaction")
    (share,) = await on.store.shares.newest((await ada(on)).id, 0, 10)

    async def clicked() -> bool:
        return (await on.store.shares.receipt(share.member, share.id)).unique == 1

    async def liked() -> bool:
        known = await on.store.reactions.get(share.member, share.id, "facebook")
        return known is not None and known.counts is not None and known.counts.likes == 1

    await eventually(clicked, within=A_ROUND)
    await eventually(liked, within=A_ROUND)


async def ada_changes_to_another_page(on: Flow) -> None:
    await ada_connects(on, "Vine & Co Careers", before=1)
    said = await on.ada.messages()
    await expect(said).to_contain_text("Facebook gives one permission for all of your Pages", timeout=SOON)
    await expect(await on.ada.home()).to_contain_text("Vine & Co Careers")


async def ada_disconnects(on: Flow) -> None:
    said = await on.ada.types("/grapevine disconnect facebook")
    await on.ada.presses(said, "Disconnect")
    await on.ada.presses(on.ada.page.get_by_role("alertdialog"), "Disconnect")
    await expect(said).to_contain_text("Facebook confirmed that Grapevine's permission has ended", timeout=SOON)
    dora = (await on.reader(DORA)).page
    await dora.goto(f"{on.house.url}/facebook/settings/business-integrations")
    await expect(dora.get_by_text("Nobody has connected an app.")).to_be_visible()
    assert await on.store.redis.hgetall(keys.tokens((await ada(on)).id)) == {}
