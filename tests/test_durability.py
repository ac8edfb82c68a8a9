"""What is kept when the house dies, and what is left of it when it ends: with the real programs."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from grapevine.domain.links import Link
from grapevine.domain.posts import Post, PostKind
from grapevine.domain.shares import MY_LINK, Placement, PlacementState, Receipt, Share, Status
from grapevine.playground.app import Playground
from grapevine.store import Store
from tests.flow.house import House, demo, up
from tests.people import BEA, DORA, EMIL, Visitor
from tests.processes import alive, until

TARGET = "https://example.com/news"


@asynccontextmanager
async def store_of(house: House) -> AsyncIterator[Store]:
    store = Store.open(house.redis_url, encryption_keys=[house.secrets["ENCRYPTION_KEYS"]])
    try:
        yield store
    finally:
        await store.close()


async def shares(house: House) -> tuple[str, str]:
    """Bea makes a link of her own: her member id and its slug."""
    now = time.time()
    async with store_of(house) as store:
        bea = await BEA.joins(store, now)
        slug = await store.links.claim(Link(TARGET, bea.id, "abcdef", MY_LINK))
        placement = Placement(MY_LINK, "", "", card=slug)
        share = Share("abcdef", bea.id, Post(PostKind.LINK, TARGET), now, (placement,))
        await store.shares.make(share, {MY_LINK: Status(PlacementState.PUBLISHED, now)}, now)
    return bea.id, slug


async def click(house: House, slug: str, visitor: Visitor) -> None:
    async with (
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session,
        session.get(f"{house.short_url}/{slug}", headers=visitor.headers, allow_redirects=False) as answer,
    ):
        assert (answer.status, answer.headers.get("Location")) == (302, TARGET)


async def receipt(house: House, member: str) -> Receipt:
    async with store_of(house) as store:
        assert await store.members.of(BEA.team, BEA.user) == await store.members.get(member)
        return await store.shares.receipt(member, "abcdef")


async def end(house: House, by: signal.Signals) -> None:
    """Ended by a signal: with 0, and no process of it is left."""
    pids = house.pids()
    assert len(pids) >= 5
    assert await asyncio.to_thread(house.stop, by) == 0
    assert not [pid for pid in pids if alive(pid)]


async def test_a_demo_killed_as_a_whole_finds_everything_again_and_ends_without_a_trace(tmp_path: Path) -> None:
    with demo(tmp_path / "data") as first:
        member, slug = await shares(first)
        await click(first, slug, DORA)
        pids = first.pids()
        first.kill()
        until(lambda: not [pid for pid in pids if alive(pid)])
    with demo(tmp_path / "data") as second:
        await click(second, slug, DORA)  # is still known
        await click(second, slug, EMIL)
        known = await receipt(second, member)
        assert (known.unique, known.repeat, known.total) == (2, 1, 3)
        await end(second, signal.SIGINT)


@pytest.mark.parametrize("way", ["killed", "ended"])
async def test_up_finds_everything_again(tmp_path: Path, way: str) -> None:
    async with Playground() as slack:
        settings = {
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_API_URL": slack.slack_api_url,
            "TRUSTED_PROXIES": "127.0.0.1",
        }
        # in a thread: Slack's stand-in answers from this one
        async with started(tmp_path, settings) as first:
            member, slug = await shares(first)
            await click(first, slug, DORA)
            if way == "killed":
                await asyncio.to_thread(first.kill)
            else:
                await end(first, signal.SIGTERM)
        async with started(tmp_path, settings) as second:
            await click(second, slug, DORA)
            known = await receipt(second, member)
            assert (known.unique, known.repeat, known.total) == (1, 1, 2)
            await end(second, signal.SIGTERM)


@asynccontextmanager
async def started(folder: Path, settings: dict[str, str]) -> AsyncIterator[House]:
    opened = up(folder / "data", settings)
    house = await asyncio.to_thread(opened.__enter__)
    try:
        yield house
    finally:
        await asyncio.to_thread(opened.__exit__, None, None, None)
