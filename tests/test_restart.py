"""A demo that is started again finds everything again, however it ended: its accounts, its posts, its conversations."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.async_api import expect

from grapevine.demo import memory_beside
from tests.flow.browser import chromium
from tests.flow.house import House, demo
from tests.flow.people import flow
from tests.people import FAY
from tests.waiting import eventually

pytestmark = pytest.mark.browser
OUT = "Your post is out on LinkedIn"
#: seconds: reactions are read every 20 seconds in the demo
A_ROUND = 45.0


@pytest.mark.parametrize("end", [House.stop, House.kill])
async def test_a_restart_finds_everything_again(tmp_path: Path, end: Callable[[House], object]) -> None:
    chromium()
    data = tmp_path / "demo"
    with demo(data) as house:
        async with flow(house) as on:
            await on.bea_connects("LinkedIn", allow="Allow")
            await on.bea.types(f"/grapevine share {on.company.url}/news/night")
            composer = await on.bea.dialog("Share a post")
            await on.bea.presses(composer, "Share")
            await expect(composer).to_contain_text("On its way to LinkedIn.")
            await on.bea.presses(composer, "Done")
            await expect(await on.bea.messages()).to_contain_text(OUT)
            token = (await on.secrets())[0][-1]

        async def written() -> bool:
            text = (memory_beside(data) / "memory.json").read_text()
            return token in text and OUT in text and bool(json.loads(text)["rooms"]["LinkedIn"]["posts"])

        await eventually(written, within=5)
        end(house)

    with demo(data) as house:
        async with flow(house) as on:
            await expect(await on.bea.messages()).to_contain_text(OUT)
            home = await on.bea.home()
            await expect(home.get_by_role("button", name="Disconnect LinkedIn")).to_be_visible()
            await (await on.reader(FAY)).likes_on_linkedin()
            await eventually(lambda: on.has_likes("linkedin", 1), within=A_ROUND)
            home = await on.bea.home()
            await expect(home).to_contain_text("1 reaction (1 like, 0 comments, 0 reshares)")
            await on.bea.presses(home, "Disconnect LinkedIn")
            await on.bea.presses(on.bea.page.get_by_role("alertdialog"), "Disconnect")
            await expect(home.get_by_role("button", name="Connect LinkedIn", exact=True)).to_be_visible(timeout=20_000)
            messages = await on.bea.messages()
            said = "LinkedIn confirmed that Grapevine's permission has ended"
            await expect(messages).to_contain_text(said, timeout=20_000)
