"""The main job, whole: shared from Slack, followed by people, counted, told of, and forgotten when that is wanted.

The real house (``grapevine demo``) in real browsers; only Slack and the networks are stand-ins.
"""

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from grapevine.domain.points import Period
from grapevine.domain.shares import MY_LINK
from tests.flow import traces
from tests.flow.browser import chromium
from tests.flow.house import House, demo
from tests.flow.people import Flow, flow
from tests.people import ADA, BEA, DORA, EMIL, FAY, LINKEDINBOT
from tests.waiting import eventually

pytestmark = pytest.mark.browser

TITLE = "We pick grapes at night"
CAPTION = "Proud of my colleagues."
#: seconds: reactions are read, and digests and leaderboards made, every 20 seconds in the demo
A_ROUND = 45.0


@pytest.fixture(params=["socket", "http"])
def running(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    chromium()
    with demo(tmp_path / "demo", "--transport", request.param) as running:
        traces.uncompressed(running)
        yield running


async def test_the_main_job_from_the_offer_to_the_erasure(running: House, tmp_path: Path) -> None:
    async with flow(running) as on:
        await ada_offers_a_post_and_wants_a_leaderboard(on)
        await three_take_part_and_two_are_not_enough(on)
        await bea_connects_and_shares(on)
        tokens, ciphertexts = await on.secrets()
        await people_follow_two_of_the_links(on)
        await one_digest_tells_of_them(on)
        await home_and_the_receipt_show_two_people(on)
        await a_reaction_appears_and_moves_the_window(on)
        await the_leaderboard_follows(on)
        await after_disconnecting_x_its_link_redirects_and_counts_nothing(on)
        await nobody_is_announced_twice(on)
        await bea_exports(on, tmp_path, tokens)
        await bea_erases_and_nothing_of_her_or_her_readers_remains(on, tokens, ciphertexts)


async def ada_offers_a_post_and_wants_a_leaderboard(on: Flow) -> None:
    await on.ada.types(f"/grapevine offer {on.company.url}/news/night")
    offer = await on.ada.dialog("Offer a post")
    await offer.get_by_label("Title").fill(TITLE)
    await offer.get_by_label("Suggested captions").fill(CAPTION)
    await on.ada.saves(offer, "Offer it")
    await on.ada.types("/grapevine settings")
    await on.ada.presses(await on.ada.dialog("Your settings"), "Workspace settings")
    workspace = await on.ada.dialog("Workspace settings")
    await workspace.get_by_label("Have a leaderboard").check()
    await on.ada.saves(workspace, "Save")
    await on.ada.presses(await on.ada.dialog("Your settings"), "Cancel")


async def three_take_part_and_two_are_not_enough(on: Flow) -> None:
    for one in (on.ada, on.bea):
        await one.types("/grapevine settings")
        chosen = await one.dialog("Your settings")
        await chosen.get_by_label("Quiet from").select_option(label="No quiet hours")
        await chosen.get_by_label("Show me on the leaderboard").check()
        await one.saves(chosen, "Save")
    said = await on.bea.types("/grapevine leaderboard")
    await expect(said).to_contain_text("it is shown from 3 participants up")
    await on.cy.types("/grapevine settings")
    chosen = await on.cy.dialog("Your settings")
    await chosen.get_by_label("Show me on the leaderboard").check()
    await on.cy.saves(chosen, "Save")


async def bea_connects_and_shares(on: Flow) -> None:
    await on.bea_connects("LinkedIn", allow="Allow")
    await on.bea_connects("X", allow="Authorize app")
    home = await on.bea.home()
    await on.bea.presses(home, "Share")
    composer = await on.bea.dialog("Share a post")
    for name in ("LinkedIn", "X"):
        await expect(composer.get_by_label(name, exact=True)).to_be_checked()
        await expect(composer.get_by_label(f"Caption on {name}")).to_have_value(CAPTION)
    await composer.get_by_label("My link").check()
    await on.bea.presses(composer, "Share")
    await expect(composer).to_contain_text("On its way to LinkedIn and X.")
    await expect(composer).to_contain_text(await on.link(MY_LINK))
    await on.bea.presses(composer, "Done")
    messages = await on.bea.messages()
    told = messages.get_by_role("article").filter(has_text=f"Your share is out: {TITLE}")
    for name in ("LinkedIn", "X"):
        await expect(told).to_contain_text(f"✓ {name} · your post is out")


async def people_follow_two_of_the_links(on: Flow) -> None:
    """Dora twice from LinkedIn, whose previewer comes too; Emil once from X."""
    linkedin, x = await on.link("linkedin"), await on.link("x")
    assert (await on.fetches(linkedin, LINKEDINBOT)).status == 302
    dora, emil = await asyncio.gather(on.reader(DORA), on.reader(EMIL))
    first, second = await asyncio.gather(dora.follows("linkedin", linkedin), emil.follows("x", x))
    campaign = f"utm_medium=advocacy&utm_campaign={(await on.share()).offer}"
    assert first == f"{on.company.url}/news/night?utm_source=linkedin&{campaign}"
    assert second == f"{on.company.url}/news/night?utm_source=x&{campaign}"
    assert await dora.follows("linkedin", linkedin) == first
    assert await dora.cookies() == await emil.cookies() == []


async def one_digest_tells_of_them(on: Flow) -> None:
    """Unless the minute's tick falls between the two: then it is two, and still everybody is told of once."""
    messages = await on.bea.messages()
    await eventually(lambda: on.has_told(2), within=A_ROUND)
    await messages.get_by_role("button", name="See my insights").last.click()
    await expect(on.bea.page.get_by_role("tab", name="Home")).to_have_attribute("aria-selected", "true")


async def home_and_the_receipt_show_two_people(on: Flow) -> None:
    home = await on.bea.home()
    await expect(home).to_contain_text("Unique clicks2 people")
    await expect(home).to_contain_text("Points2")
    await expect(home).to_contain_text("2 people clicked")
    await expect(home.get_by_role("img", name=re.compile("30 days"))).to_be_visible()
    await on.bea.presses(home, "Details")
    receipt = await on.bea.dialog("Receipt")
    await expect(receipt).to_contain_text("every request to this share's links, 4 in all")
    rows = dict(re.findall(r"^(.+)\n+(\d+)$", await receipt.inner_text(), re.MULTILINE))
    assert {name: count for name, count in rows.items() if count != "0"} == {
        "People, each once": "2",
        "The same people again": "1",
        "Link previews": "1",
    }
    assert sum(map(int, rows.values())) == 4
    assert len(rows) == 8
    await expect(receipt).to_contain_text("LinkedIn 1, X 1")
    await on.bea.presses(receipt, "Close")


async def a_reaction_appears_and_moves_the_window(on: Flow) -> None:
    before = await on.reactions("linkedin")
    assert before.ends is not None
    await (await on.reader(FAY)).likes_on_linkedin()
    await eventually(lambda: on.has_likes("linkedin", 1), within=A_ROUND)
    after = await on.reactions("linkedin")
    assert after.ends is not None
    assert after.ends >= before.ends + 1
    assert 270 < await on.seconds_left("linkedin") <= 280
    home = await on.bea.home()
    await expect(home).to_contain_text("1 reaction (1 like, 0 comments, 0 reshares)")
    await expect(home).to_contain_text(f"LinkedIn: gathering until {on.clock(after.ends)} · last checked")


async def the_leaderboard_follows(on: Flow) -> None:
    await eventually(lambda: on.has_points(Period.WEEK, 2), within=A_ROUND)
    said = (await on.cy.types("/grapevine leaderboard")).get_by_role("article").last
    await expect(said).to_contain_text("This week🥇 @Bea Lindqvist · 2 points")
    await expect(said).to_contain_text("@Cy Ortega (you) · 0 points")


async def after_disconnecting_x_its_link_redirects_and_counts_nothing(on: Flow) -> None:
    home = await on.bea.home()
    await on.bea.presses(home, "Disconnect X")
    await on.bea.presses(on.bea.page.get_by_role("alertdialog"), "Disconnect")
    await expect(home.get_by_role("button", name="Connect X")).to_be_visible()
    fay = await on.reader(FAY)
    assert (await fay.follows("x", await on.link("x"))).startswith(f"{on.company.url}/news/night?utm_source=x&")
    share = await on.share()
    receipt = await on.store.shares.receipt(share.member, share.id)
    assert (receipt.total, receipt.unique) == (4, 2)


async def nobody_is_announced_twice(on: Flow) -> None:
    await expect(await on.bea.messages()).to_contain_text("X confirmed that Grapevine's permission has ended")
    assert await on.told() == 2


async def bea_exports(on: Flow, folder: Path, tokens: list[str]) -> None:
    await on.bea.types("/grapevine export")
    messages = await on.bea.messages()
    exported = await on.bea.downloads(messages.get_by_role("link", name="Your data in Grapevine"), folder / "bea.json")
    told = json.loads(exported)
    assert told["member"]["user"] == BEA.user
    (share,) = told["shares"]
    assert share["share"]["post"]["title"] == TITLE
    assert set(share["placements"]) == {"linkedin", "x", MY_LINK}
    assert not [token for token in tokens if token in exported]


async def bea_erases_and_nothing_of_her_or_her_readers_remains(
    on: Flow, tokens: list[str], ciphertexts: list[str]
) -> None:
    readers = [part for one in (DORA, EMIL, FAY) for part in (one.address, one.user_agent)] + [LINKEDINBOT]
    needles = [BEA.user, *await on.identities(), *ciphertexts, *tokens, *readers]
    assert (len(await on.identities()), len(ciphertexts)) == (3, 2)
    assert len(tokens) >= 5
    links = [await on.link(name) for name in ("linkedin", "x", MY_LINK)]
    before = traces.places(await asyncio.to_thread(traces.everything, on.house), *needles)
    on_disk = [text for text in needles if any(place.startswith("appendonlydir") for place in before[text])]
    assert on_disk == [BEA.user, *await on.identities(), *ciphertexts]
    assert not any(before[text] for text in [*tokens, *readers])

    await on.bea.types("/grapevine erase")
    confirmation = await on.bea.dialog("Erase my data")
    await confirmation.get_by_label("Type erase to confirm").fill("erase")
    await on.bea.presses(confirmation, "Erase everything")
    erased = await on.bea.dialog("Erased")
    await expect(erased).to_contain_text("Everything that Grapevine held about you is erased")
    await expect(erased).to_contain_text("LinkedIn confirmed that Grapevine's permission has ended")
    await on.bea.presses(erased, "Close")

    for link in links:
        answer = await on.fetches(link, FAY.user_agent, FAY.address)
        assert (answer.status, answer.headers["Location"].split("?")[0]) == (302, f"{on.company.url}/news/night")
    held = await asyncio.to_thread(traces.everything, on.house)
    nowhere: dict[str, list[str]] = {text: [] for text in needles}
    assert traces.places(held, *needles) == nowhere
    assert traces.places(held, ADA.user)[ADA.user], "the others are still there"
    assert await asyncio.to_thread(on.house.stop) == 0
    assert traces.places(traces.at_rest(on.house), *needles) == nowhere
