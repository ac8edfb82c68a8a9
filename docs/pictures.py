"""The README's pictures, taken from a running demo: ``make pictures``.

What is to be seen was done in the demo's own pages, except for the past: shares and clicks of earlier weeks, and the
reactions to them, are written by the store as bot, shortener and workers write them.
"""

import asyncio
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright, expect

from grapevine.domain.links import Link
from grapevine.domain.members import Member
from grapevine.domain.posts import Post, PostKind
from grapevine.domain.reactions import Counts
from grapevine.domain.shares import MY_LINK, Placement, PlacementState, Share, ShortLink, Status
from grapevine.house import free_port
from grapevine.store import Store, keys
from grapevine.store.clicks import Batch, Click
from tests.flow.browser import QUIET, chromium
from tests.flow.house import House, running
from tests.flow.workspace_page import WorkspacePage
from tests.people import ADA, BEA, TEAM, Person
from tests.waiting import eventually

PICTURES = Path(__file__).parent / "pictures"
DAY = 86400.0
#: the demo with windows as long as in life
DEMO = """
import sys
from grapevine import cli, demo
demo._SHORT |= {"REACTION_WINDOW": "14d"}
sys.exit(cli.main(sys.argv[1:]))
"""
SITE = "https://www.vine.example"
#: title, networks, days ago, people since, reactions at each network by day
PAST = (
    ("Our year in the vineyard, in numbers", ("linkedin", "x"), 26, 140, {1: Counts(9, 2, 0), 3: Counts(13, 3, 1)}),
    ("We are hiring: cellar masters wanted", ("linkedin",), 17, 95, {1: Counts(11, 3, 1), 6: Counts(19, 6, 3)}),
    (
        "How we got by without pesticides",
        ("linkedin", "x", MY_LINK),
        9,
        120,
        {1: Counts(8, 1, 0), 2: Counts(12, 3, 1), 5: Counts(17, 4, 3)},
    ),
)
TODAY = (
    "Picking at night keeps the grapes cool",
    "Three in the morning, minus two degrees, and the best grapes of the year.",
)
OFFER = (
    "Come to our harvest festival",
    "We open the cellar for everybody on 5 December. I pour, you taste.\n\n"
    "Harvest festival! Meet the people who make our wine, me among them.",
)


async def main() -> None:
    if shutil.which("chromium") is None:
        sys.exit("No chromium on PATH: install Debian's, then run make pictures again.")
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "demo"
        command = ["-c", DEMO, "demo", "--data", str(data), "--port", str(free_port(8080))]
        with running(command, {}, data, "Open  http", 60) as house:
            await take(house)


async def take(house: House) -> None:
    store = Store.open(house.redis_url, encryption_keys=[house.secrets["ENCRYPTION_KEYS"]])
    try:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium(), args=QUIET)
            ada, bea = [await at_slack(browser, house, person) for person in (ADA, BEA)]
            await offers(ada, "night", *TODAY)
            await connects(bea, "LinkedIn", "Allow")
            await connects(bea, "X", "Authorize app")
            await remembers(store)
            await shares(bea)
            await offers(ada, "festival", *OFFER)
            for link, people in ((0, 19), (1, 8)):
                await crowd(bea.page, house, clicks=people, link=await link_of(store, house, link))
            await crowd(bea.page, house, reactions=14, bot=True)
            await picture_of_home(bea, store)
            await picture_of_the_composer(bea)
            await browser.close()
    finally:
        await store.close()


async def at_slack(browser: Browser, house: House, person: Person) -> WorkspacePage:
    context = await browser.new_context(viewport={"width": 1280, "height": 1240}, device_scale_factor=1.5)
    return await WorkspacePage.open(context, house.url, person)


async def offers(ada: WorkspacePage, page: str, title: str, captions: str) -> None:
    await ada.types(f"/grapevine offer {SITE}/{page}")
    form = await ada.dialog("Offer a post")
    await form.get_by_label("Title").fill(title)
    await form.get_by_label("Suggested captions").fill(captions)
    await ada.saves(form, "Offer it")


async def connects(bea: WorkspacePage, network: str, allow: str) -> None:
    await bea.presses(await bea.home(), f"Connect {network}")
    dialog = await bea.dialog(f"Connect {network}")
    tab = await bea.follows_button(dialog, f"Continue to {network}")
    for name in (f"Continue to {network}", "Sign in as Bea", allow):
        await tab.get_by_role("button", name=name).click()
    await expect(tab.get_by_role("heading", name="Connected")).to_be_visible()
    await tab.close()
    await bea.presses(await bea.dialog("Connected"), "Done")


async def shares(bea: WorkspacePage) -> None:
    """What is on offer, everywhere."""
    await bea.presses(await bea.home(), "Share")
    composer = await bea.dialog("Share a post")
    await composer.get_by_label("My link").check()
    await bea.presses(composer, "Share")
    await bea.presses(composer, "Done")
    told = (await bea.messages()).get_by_role("article").filter(has_text=f"Your share is out: {TODAY[0]}")
    for title in ("LinkedIn", "X"):
        await expect(told).to_contain_text(f"✓ {title} · your post is out")


async def crowd(page: Page, house: House, **wanted: object) -> None:
    answer = await page.request.post(f"{house.url}/ui/crowd", data=wanted)
    assert answer.ok, await answer.text()


async def link_of(store: Store, house: House, number: int) -> str:
    (share,) = await store.shares.newest((await bea_of(store)).id, 0, 1)
    return f"{house.short_url}/{share.placements[number].card}"


async def bea_of(store: Store) -> Member:
    member = await store.members.of(TEAM, BEA.user)
    assert member is not None
    return member


async def remembers(store: Store) -> None:
    """Bea's earlier shares, and the people who have followed them since."""
    bea, dice = await bea_of(store), random.Random(14)
    accounts = {account.network: account for account in (await store.accounts.all(bea.id)).values()}
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
    for number, (title, networks, ago, people, counts) in enumerate(PAST):
        sid, url, then = store.shares.new_id(), f"{SITE}/{number}", midnight - ago * DAY + 9 * 3600
        placements = []
        for name in networks:
            account = accounts[name].id if name in accounts else ""
            slug = await store.links.claim(Link(url, bea.id, sid, name, account))
            placements.append(Placement(name, account, "", (ShortLink(slug, url),), slug))
        reach = sum(accounts[name].reach or 0 for name in networks if name in accounts)
        share = Share(sid, bea.id, Post(PostKind.LINK, url, title), then, tuple(placements), reach=reach)
        out = {name: Status(PlacementState.PUBLISHED, then, f"past-{sid}", url) for name in networks}
        await store.shares.make(share, out, then)
        # most come in the first days
        days = [min(ago - 1, int(dice.expovariate(1 / 3.5))) for _ in range(people)]
        clicks = tuple(
            Click(None, one.network, one.account, then + day * DAY, dice.getrandbits(63), dice.getrandbits(63))
            for day in days
            for one in dice.choices(placements, k=1)
        )
        await store.clicks.settle([Batch(bea.id, sid, "pictures", 1, clicks)], time.time())
        for name in set(networks) - {MY_LINK}:
            await reacts(store, (bea.id, sid, name), then, counts)


async def reacts(store: Store, placement: tuple[str, str, str], then: float, counts: Mapping[int, Counts]) -> None:
    """What the worker has read of a placement by day, and that it closed where nothing came for 14 days."""
    now = time.time()
    await store.reactions.open(*placement, then)
    for day, read in counts.items():
        await store.reactions.take(*placement, read, then + day * DAY)
    ends = then + max(counts) * DAY + 14 * DAY
    if ends < now:
        await store.redis.delete(keys.window(*placement))
        await store.reactions.lapse(*placement, ends)
    else:
        await store.reactions.take(*placement, counts[max(counts)], now)
        await store.reactions.later([placement], now + DAY)  # the stand-ins know nothing of it


async def picture_of_home(bea: WorkspacePage, store: Store) -> None:
    member = await bea_of(store)
    (share,) = await store.shares.newest(member.id, 0, 1)

    async def read() -> bool:
        known = await store.reactions.of_share(member.id, share.id)
        return all(one.counts and one.counts.likes for one in known.values())

    await eventually(read, within=60)
    home = await bea.home()
    await expect(home.get_by_role("img", name="The last 30 days")).to_be_visible()
    await bea.page.screenshot(path=PICTURES / "home.png")


async def picture_of_the_composer(bea: WorkspacePage) -> None:
    await bea.presses(await bea.home(), "Share")
    composer = await bea.dialog("Share a post")
    await composer.get_by_label("My link").check()
    await composer.get_by_label("Caption on X").fill("Harvest festival on 5 December! I pour, you taste. #wine")
    # whole, which on most screens one scrolls for
    await bea.page.set_viewport_size({"width": 1280, "height": 1300})
    await bea.page.add_style_tag(
        content=".modal, .modal form { max-height: none !important; height: fit-content !important }"
    )
    await bea.page.evaluate("document.activeElement.blur()")
    await composer.screenshot(path=PICTURES / "composer.png")


if __name__ == "__main__":
    asyncio.run(main())
