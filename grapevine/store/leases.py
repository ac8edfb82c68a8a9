"""Leases: who may do something alone. They end by themselves when their holder dies."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from grapevine.store import keys
from grapevine.store.commands import Client
from grapevine.store.scripts import script


class Leases:
    def __init__(self, redis: Client) -> None:
        self._lease = script(redis, "lease")

    async def hold(self, name: str, who: str, seconds: float) -> bool:
        """Take the lease, or keep it for *seconds* from now; False while somebody else has it."""
        return bool(await self._lease(keys=[keys.lease(name)], args=[who, int(seconds * 1000)]))

    async def free(self, name: str, who: str) -> None:
        await self._lease(keys=[keys.lease(name)], args=[who, 0])

    @asynccontextmanager
    async def holding(self, name: str, seconds: float) -> AsyncIterator[bool]:
        """True for the one who has the lease within the block, which may last longer than *seconds*."""
        who = secrets.token_hex(8)
        if not await self.hold(name, who, seconds):
            yield False
            return
        renewing = asyncio.create_task(self._renew(name, who, seconds))
        try:
            yield True
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)
            await self.free(name, who)

    async def _renew(self, name: str, who: str, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds / 3)
            await self.hold(name, who, seconds)
