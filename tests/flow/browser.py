"""A real browser: for each person of Slack, and each reader on the networks, a profile of their own."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, BrowserContext, async_playwright

from tests.people import Visitor

QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)


def chromium() -> str:
    """Where the browser is; the test is skipped where there is none."""
    found = shutil.which("chromium")
    if found is None:
        pytest.skip("No chromium on PATH: install Debian's to see the whole flow tested.")
    return found


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        yield running
        await running.close()


async def profile_of(browser: Browser, visitor: Visitor) -> BrowserContext:
    """A browser as this reader's: their user agent and language, and their address as a proxy tells it."""
    return await browser.new_context(
        user_agent=visitor.user_agent,
        extra_http_headers={"X-Forwarded-For": visitor.address, "Accept-Language": visitor.language},
    )
