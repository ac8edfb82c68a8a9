"""Apps before the stand-in Slack, the stand-in networks, and browsers."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiohttp import ClientSession, CookieJar
from playwright.async_api import Page, async_playwright

from tests.networks.facebook_stand_in import facebook
from tests.networks.linkedin_stand_in import linkedin
from tests.networks.mastodon_stand_in import mastodon
from tests.networks.x_stand_in import x
from tests.playground.bolt import QUICK, on_stage
from tests.playground.bolt import Stage as BoltStage
from tests.playground.tiny_app import Stage, staged

__all__ = ["facebook", "linkedin", "mastodon", "x"]
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = (1280, 860)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged() as stage:
        yield stage


@pytest.fixture(params=["socket", "http"])
async def bolt(request: pytest.FixtureRequest) -> AsyncIterator[BoltStage]:
    """A real Bolt app; each test twice, once for each way by which Slack reaches apps."""
    async with on_stage(replace(QUICK, transport=request.param)) as stage:
        yield stage


@pytest.fixture
async def browser() -> AsyncIterator[ClientSession]:
    """Keeps cookies, and shows nothing; ``page`` does."""
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
        yield session


@pytest.fixture
async def page(stage: Stage) -> AsyncIterator[Page]:
    """A browser without a page's errors: one that went uncaught fails the test."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("No chromium on PATH: install Debian's to see the page tested.")
    failures: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=QUIET)
        page = await browser.new_page(viewport={"width": DESKTOP[0], "height": DESKTOP[1]})
        page.set_default_timeout(8000)
        page.on("pageerror", lambda error: failures.append(str(error)))
        yield page
        await browser.close()
    assert not failures
