"""How long the shortener waits for Redis, and that it does not wait again and again for one that is away."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

from grapevine.domain.errors import TryLater
from grapevine.store.connection import UNREACHABLE

log = logging.getLogger(__name__)

T = TypeVar("T")
P = ParamSpec("P")

#: seconds: longer than this a reader does not wait for Redis
PATIENCE = 0.25


async def answered(asked: Awaitable[T], within: float) -> T:
    """What Redis answers *within* seconds; ``TryLater`` when it does not."""
    try:
        async with asyncio.timeout(within):
            return await asked
    except UNREACHABLE as error:
        raise TryLater(f"Redis does not answer ({type(error).__name__}).") from error


class Breaker:
    """Opens the first time that Redis does not answer in time; from then on nobody waits, until it is closed again."""

    def __init__(self, within: float = PATIENCE) -> None:
        self.within = within
        self._opened = asyncio.Event()

    @property
    def is_open(self) -> bool:
        return self._opened.is_set()

    async def ask(self, question: Callable[P, Awaitable[T]], *args: P.args, **more: P.kwargs) -> T:
        """What Redis answers to *question*; ``TryLater`` when it does not in time, and at once while it is away."""
        if self._opened.is_set():
            raise TryLater("Redis does not answer.")
        try:
            return await answered(question(*args, **more), self.within)
        except TryLater as error:
            self.open(error)
            raise

    async def carry(self, trip: Awaitable[T]) -> T:
        """``ask``, of something that keeps its time by itself."""
        try:
            return await trip
        except TryLater as error:
            self.open(error)
            raise

    def open(self, error: TryLater) -> None:
        if not self._opened.is_set():
            log.error("%s Known links lead on, and clicks go to the journal until it is back.", error)
            self._opened.set()

    async def opened(self) -> None:
        """Wait until it is open."""
        await self._opened.wait()

    def close(self) -> None:
        self._opened.clear()
