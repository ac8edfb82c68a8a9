"""Everybody in the flow: Ada, Bea and Cy at Slack, readers on the networks, and a view of the store that only looks."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

import aiohttp
from playwright.async_api import Browser, Page, expect

from grapevine.domain.members import Member
from grapevine.domain.reactions import Reactions
from grapevine.domain.shares import Share
from grapevine.store import Store, keys
from tests.flow.browser import browser, profile_of
from tests.flow.company import Company, company
from tests.flow.house import House
from tests.flow.workspace_page import SOON, WorkspacePage
from tests.people import ADA, BEA, CY, TEAM, Person, Visitor

FEEDS = {"linkedin": "/linkedin/", "x": "/x/"}


@dataclass
class Reader:
    """Somebody who reads the networks' feeds in a browser of their own."""

    page: Page
    url: str

    async def follows(self, network: str, link: str) -> str:
        """Press *link* in the newest post: the address of the page it led to."""
        await self.page.goto(self.url + FEEDS[network])
        async with self.page.context.expect_page() as opened:
            await self.page.locator(f"article a[href='{link}']").first.click()
        landed = await opened.value
        await landed.wait_for_load_state()
        address = landed.url
        await landed.close()
        return address

    async def likes_on_linkedin(self) -> None:
        """Like the newest post."""
        await self.page.goto(self.url + FEEDS["linkedin"])
        newest = self.page.get_by_role("article").first
        await newest.get_by_role("button", name="Like").click()
        await expect(newest).to_contain_text("1 like")

    async def cookies(self) -> Sequence[object]:
        return await self.page.context.cookies()


@dataclass
class Flow:
    house: House
    browser: Browser
    company: Company
    store: Store
    ada: WorkspacePage
    bea: WorkspacePage
    cy: WorkspacePage
    short_url: str
    readers: dict[Visitor, Reader] = field(default_factory=dict)

    async def bea_connects(self, network: str, allow: str) -> None:
        """From Home through Grapevine's own page and the network's prompt; *allow* is its button."""
        home = await self.bea.home()
        await self.bea.presses(home, f"Connect {network}")
        dialog = await self.bea.dialog(f"Connect {network}")
        tab = await self.bea.follows_button(dialog, f"Continue to {network}")
        await expect(tab.get_by_text("You are about to connect your own")).to_contain_text("Bea Lindqvist")
        await tab.get_by_role("button", name=f"Continue to {network}").click()
        await tab.get_by_role("button", name="Sign in as Bea").click()
        await tab.get_by_role("button", name=allow).click()
        await expect(tab.get_by_role("heading", name="Connected")).to_be_visible(timeout=SOON)
        await tab.close()
        await self.bea.presses(await self.bea.dialog("Connected"), "Done")

    async def reader(self, visitor: Visitor) -> Reader:
        """The visitor's browser, the same one each time."""
        if visitor not in self.readers:
            context = await profile_of(self.browser, visitor)
            self.readers[visitor] = Reader(await context.new_page(), self.house.url)
        return self.readers[visitor]

    async def fetches(self, url: str, user_agent: str, address: str = "192.0.2.99") -> aiohttp.ClientResponse:
        """What a program, or a browser that stays where it is, gets."""
        headers = {"User-Agent": user_agent, "X-Forwarded-For": address}
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session,
            session.get(url, headers=headers, allow_redirects=False) as answer,
        ):
            return answer

    async def told(self) -> int:
        """How many new people Bea's direct messages tell of in all."""
        said = await self.bea.page.get_by_role("log", name="Messages").inner_text()
        return sum(map(int, re.findall(r"(\d+) new (?:person|people) followed", said)))

    async def has_told(self, people: int) -> bool:
        return await self.told() == people

    async def member(self) -> Member:
        found = await self.store.members.of(TEAM, BEA.user)
        assert found is not None
        return found

    async def share(self) -> Share:
        """The one that Bea made."""
        (share,) = await self.store.shares.newest((await self.member()).id, 0, 10)
        return share

    async def link(self, network: str) -> str:
        """The short link of one placement, as readers meet it."""
        return f"{self.short_url}/{(await self.share()).placement(network).card}"

    async def reactions(self, network: str) -> Reactions:
        share = await self.share()
        known = await self.store.reactions.get(share.member, share.id, network)
        assert known is not None
        return known

    async def has_likes(self, network: str, likes: int) -> bool:
        counts = (await self.reactions(network)).counts
        return counts is not None and counts.likes == likes

    async def seconds_left(self, network: str) -> float:
        """Until the window closes."""
        share = await self.share()
        return float(await self.store.redis.pttl(keys.window(share.member, share.id, network))) / 1000

    async def has_points(self, period: str, points: int) -> bool:
        _, places = await self.store.workspaces.board(TEAM, period)
        me = (await self.member()).id
        return any(place.member == me and place.points == points for place in places)

    async def secrets(self) -> tuple[list[str], list[str]]:
        """Of the tokens that are held for Bea: the secret parts, and what is stored in their place."""
        member = await self.member()
        stored = await self.store.redis.hgetall(keys.tokens(member.id))
        packed = [await self.store.tokens.get(member.id, account) or "" for account in stored]
        parts = [part for one in packed for part in re.split(r"[^\w.~+/=-]+", one) if len(part) > 20]
        return [*packed, *parts], list(stored.values())

    async def identities(self) -> list[str]:
        """What else names Bea: her accounts' ids at the networks, and her own name."""
        accounts = await self.store.accounts.all((await self.member()).id)
        return ["Bea Lindqvist", *(account.uid for account in accounts.values())]

    @staticmethod
    def clock(then: float) -> str:
        """A moment as Bea's Home writes it when it is near."""
        local = datetime.fromtimestamp(then, ZoneInfo("Europe/Stockholm"))
        return f"{local.day} {local:%b %H:%M}"


@asynccontextmanager
async def flow(house: House) -> AsyncIterator[Flow]:
    store = Store.open(house.redis_url, encryption_keys=[house.secrets["ENCRYPTION_KEYS"]])
    try:
        async with company() as site, browser() as chromium:

            async def at_slack(person: Person) -> WorkspacePage:
                return await WorkspacePage.open(await chromium.new_context(), house.url, person)

            ada, bea, cy = [await at_slack(person) for person in (ADA, BEA, CY)]
            yield Flow(house, chromium, site, store, ada, bea, cy, house.short_url)
    finally:
        await store.close()
