"""Waiting for something to come true, and failing when it does not."""

import asyncio
import time
from collections.abc import Awaitable, Callable


async def eventually(condition: Callable[[], Awaitable[object]], within: float = 15.0) -> None:
    """Wait for *condition*; fail when it has not come true *within* seconds."""
    deadline = time.monotonic() + within
    while not await condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        await asyncio.sleep(0.02)


async def until(true: Callable[[], object], within: float = 15.0) -> None:
    """``eventually``, of something that needs no waiting to be looked at."""

    async def looked() -> object:
        return true()

    await eventually(looked, within)
