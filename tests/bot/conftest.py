"""What the bot's tests stand on: a small network, the bot over HTTP, a browser."""

from collections.abc import AsyncIterator

import pytest

from grapevine.store import Store
from tests.bot.stage import Browser, Stage, staged
from tests.fakes import Birdsong


@pytest.fixture
def birdsong() -> Birdsong:
    return Birdsong()


@pytest.fixture
async def stage(store: Store, redis_url: str, birdsong: Birdsong) -> AsyncIterator[Stage]:
    async with staged(store, redis_url, {"birdsong": birdsong}) as stage:
        yield stage


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with Browser() as browser:
        yield browser
