"""Somebody with a phone before the pages on which Bluesky's own servers ask them."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.flow.browser import QUIET, chromium
from tests.second_opinion.acme import Acme

T = TypeVar("T")
_PHONE: ViewportSize = {"width": 390, "height": 844}


@dataclass
class Visitor:
    """*_thread* is the browser's own, since that lives in one only."""

    _browser: Browser
    _thread: ThreadPoolExecutor

    async def decide(self, prompt: str, password: str, callback: str, button: str) -> dict[str, str]:
        """The query with which they come back to *callback*; *button* is empty for a page that does not ask them."""

        def decided(page: Page) -> dict[str, str]:
            with page.expect_request(lambda request: request.url.startswith(f"{callback}?")) as back:
                page.goto(prompt)
                _sign_in(page, password)
                if button:
                    page.get_by_role("button", name=button).click()
            return dict(parse_qsl(urlsplit(back.value.url).query))

        return await self._on_page(decided)

    async def read(self, prompt: str, password: str) -> str:
        """What the page says that asks them, and what it unfolds; it fits their phone."""

        def read(page: Page) -> str:
            page.goto(prompt)
            _sign_in(page, password)
            page.get_by_role("button", name="Authorize").wait_for()
            assert page.evaluate("document.documentElement.scrollWidth") <= _PHONE["width"]
            page.get_by_role("button", name="Technical details").click()
            page.get_by_text("atproto", exact=True).wait_for()
            return page.inner_text("body")

        return await self._on_page(read)

    async def connect(self, link: str, handle: str, password: str) -> str:
        """From the link that Grapevine gave them in Slack through its page and their server's, to what it says then."""

        def connected(page: Page) -> str:
            page.goto(link)
            page.get_by_label("Your Bluesky handle").fill(handle)
            page.get_by_role("button", name="Continue to Bluesky").click()
            _sign_in(page, password)
            page.get_by_role("button", name="Authorize").click()
            page.get_by_role("heading", name="Connected").wait_for()
            return page.inner_text("body")

        return await self._on_page(connected)

    async def take_back(self, account: str, handle: str, password: str, host: str) -> None:
        """End what the app at *host* may do, at the address *account*."""

        def taken_back(page: Page) -> None:
            page.goto(account)
            page.get_by_role("textbox", name="Identifier").fill(handle)
            page.get_by_role("textbox", name="Password").fill(password)
            page.get_by_role("button", name="Sign in").click()
            button = page.get_by_role("button", name="Revoke access")
            app = page.locator("div", has=page.get_by_text(host, exact=True)).filter(has=button).last
            app.get_by_role("button").click()
            page.get_by_text("Are you sure").wait_for()
            button.last.click()
            app.wait_for(state="detached")

        await self._on_page(taken_back)

    async def _on_page(self, what: Callable[[Page], T]) -> T:
        def on_page() -> T:
            # Grapevine's certificate vouches for itself
            page = self._browser.new_page(viewport=_PHONE, locale="en-US", ignore_https_errors=True)
            page.set_default_timeout(15000)
            try:
                return what(page)
            finally:
                page.close()

        return await asyncio.get_running_loop().run_in_executor(self._thread, on_page)


def _sign_in(page: Page, password: str) -> None:
    """Who they are, the page knows from Grapevine."""
    page.get_by_role("textbox", name="Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


@contextmanager
def visitor(house: Acme) -> Iterator[Visitor]:
    path = chromium()
    with ThreadPoolExecutor(1) as thread:
        playwright = thread.submit(sync_playwright().start).result()
        try:
            browser = thread.submit(
                playwright.chromium.launch,
                executable_path=path,
                args=[*QUIET, f"--host-resolver-rules=MAP *.acme.com 127.0.0.1:{house.port}"],
            ).result()
            yield Visitor(browser, thread)
            thread.submit(browser.close).result()
        finally:
            thread.submit(playwright.stop).result()
