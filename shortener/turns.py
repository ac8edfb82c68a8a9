"""Whose turn it is to settle clicks: those who carry trips share it, whoever seals the journal has it alone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turn:
    """A lock with two sides. Whoever wants it alone goes before those who come later to share it."""

    def __init__(self) -> None:
        self._alone = asyncio.Lock()
        self._sharing = 0
        self._free = asyncio.Event()
        self._free.set()

    async def join(self) -> None:
        """Share it, until ``leave``."""
        async with self._alone:
            self._sharing += 1
            self._free.clear()

    def leave(self) -> None:
        self._sharing -= 1
        if not self._sharing:
            self._free.set()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        async with self._alone:
            await self._free.wait()
            yield
