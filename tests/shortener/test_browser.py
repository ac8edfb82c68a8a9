"""A real browser's prefetch and its real click."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from html import escape

import pytest
from aiohttp import web
from playwright.async_api import Browser, async_playwright

from grapevine.domain.members import Member
from grapevine.domain.shares import Receipt
from tests.people import CHROME
from tests.serving import serving
from tests.shortener.conftest import Shares, Shortener, Start

pytestmark = pytest.mark.browser
ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync"
).split()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("chromium is not installed here")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
async def site() -> AsyncIterator[str]:
    """A site of somebody else's: the target at /news, and at / a post with a short link, prefetched."""
    pages = web.Application()

    async def post(request: web.Request) -> web.Response:
        link = escape(request.query["link"])
        text = f'<!doctype html><link rel="prefetch" href="{link}"><a href="{link}">News</a>'
        return web.Response(text=text, content_type="text/html")

    async def news(_: web.Request) -> web.Response:
        return web.Response(text="<!doctype html><title>News</title>", content_type="text/html")

    pages.router.add_get("/", post)
    pages.router.add_get("/news", news)
    async with serving(pages) as url:
        yield url


async def until(shares: Shares, member: Member, wanted: Receipt) -> None:
    deadline = time.monotonic() + 10
    while (found := await shares.receipt(member)) != wanted:
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.02)


async def test_a_prefetch_is_no_click_and_the_click_after_it_is_one(
    start: Start, shares: Shares, browser: Browser, site: str
) -> None:
    shortener: Shortener = await start()
    bea, slug, _ = await shares.make(target=f"{site}/news")
    link = f"{shortener.url}/{slug}"
    # headless Chromium says so in its user agent; a person's does not
    page = await browser.new_page(user_agent=CHROME)
    await page.goto(f"{site}/?link={link}")
    await until(shares, bea, Receipt(prefetch=1, networks={}))
    await page.click("a")
    await page.wait_for_url(f"{site}/news")
    assert await page.title() == "News"
    await until(shares, bea, Receipt(prefetch=1, unique=1, networks={"linkedin": 1}))
    await page.goto(link)
    await until(shares, bea, Receipt(prefetch=1, repeat=1, unique=1, networks={"linkedin": 1}))
