"""How long the shortener waits for Redis, and what it says when that was in vain."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from grapevine.domain.errors import TryLater
from grapevine.store.connection import UNREACHABLE

T = TypeVar("T")


async def answered(asked: Awaitable[T], within: float) -> T:
    """What Redis answers *within* seconds; ``TryLater`` when it does not."""
    try:
        async with asyncio.timeout(within):
            return await asked
    except UNREACHABLE as error:
        raise TryLater(f"Redis does not answer ({type(error).__name__}).") from error
