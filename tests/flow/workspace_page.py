"""The playground's workspace as one person sees it in their own browser."""

import asyncio
import re
from pathlib import Path

from playwright.async_api import BrowserContext, Locator, Page, expect

from tests.people import Person

#: milliseconds that the app gets to answer what a person does
SOON = 15_000
GENERAL = "C0GENERAL1"


class WorkspacePage:
    def __init__(self, page: Page, url: str, person: Person) -> None:
        self.page, self.url, self.person = page, url, person

    @classmethod
    async def open(cls, context: BrowserContext, url: str, person: Person) -> "WorkspacePage":
        page = await context.new_page()
        page.set_default_timeout(SOON)
        return cls(page, url, person)

    async def goes_to(self, place: str) -> None:
        """*place* is home, messages or a channel; the app hears of it as of a click in Slack."""
        await self.page.goto("about:blank")
        await self.page.goto(f"{self.url}/?user={self.person.user}#{place}")
        await expect(self.page.get_by_role("link", name=self.person.name, exact=True)).to_be_visible()

    async def home(self) -> Locator:
        """The app's Home, drawn anew: what is pressed on the drawing before could be replaced under the finger."""
        known = await self.page.request.get(f"{self.url}/ui/home", params={"user": self.person.user})
        before = (await known.json())["view"]
        await self.goes_to("home")
        home = self.page.get_by_role("tabpanel", name="Home")
        old = before["hash"] if before else ""
        await expect(home.locator(f"[data-hash]:not([data-hash='{old}'])")).to_be_visible(timeout=SOON)
        await expect(home.get_by_role("heading", name="My accounts")).to_be_visible(timeout=SOON)
        return home

    async def messages(self) -> Locator:
        """The direct messages with the app."""
        await self.goes_to("messages")
        return self.page.get_by_role("log", name="Messages")

    async def types(self, command: str) -> Locator:
        """A slash command in #general; answers with the conversation."""
        if not self.page.url.endswith(f"?user={self.person.user}#{GENERAL}"):
            await self.goes_to(GENERAL)
        box = self.page.get_by_role("textbox", name="Message")
        await box.fill(command)
        await box.press("Enter")
        return self.page.get_by_role("log", name="Messages")

    async def dialog(self, title: str) -> Locator:
        found = self.page.get_by_role("dialog", name=title)
        await expect(found).to_be_visible(timeout=SOON)
        return found

    async def presses(self, inside: Locator, name: str) -> None:
        await inside.get_by_role("button", name=name, exact=True).click()

    async def saves(self, dialog: Locator, submit: str) -> None:
        """Send a modal that closes then."""
        await self.presses(dialog, submit)
        await expect(dialog).to_have_count(0, timeout=SOON)

    async def follows_button(self, inside: Locator, name: str) -> Page:
        """A button with an address opens a tab."""
        async with self.page.context.expect_page() as opened:
            await inside.get_by_role("button", name=re.compile(re.escape(name))).click()
        tab = await opened.value
        tab.set_default_timeout(SOON)
        return tab

    async def downloads(self, link: Locator, to: Path) -> str:
        """The file behind *link*, kept as *to*: its text."""
        async with self.page.expect_download() as coming:
            await link.click()
        await (await coming.value).save_as(to)
        return await asyncio.to_thread(to.read_text, "utf-8")
