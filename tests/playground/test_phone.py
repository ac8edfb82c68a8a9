"""The stand-in networks on a phone: nothing is cut off."""

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Page

from grapevine.playground.__main__ import playground
from grapevine.playground.config import PlaygroundConfig

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("network", ["linkedin", "x", "bluesky", "facebook"])
async def test_no_page_of_a_network_scrolls_sideways(page: Page, network: str) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    async with TestServer(playground(PlaygroundConfig())) as server:
        for name in ("", "faults"):
            await page.goto(str(server.make_url(f"/{network}/{name}")))
            assert await page.evaluate("document.documentElement.scrollWidth") <= 390
