"""The schedule's own memory: who keeps it, and which of its slots are taken."""

from grapevine.store import keys
from grapevine.store.commands import Client
from grapevine.store.leases import Leases

_KEEPER = "schedule"


class Turns:
    """One keeper among many; each slot of a duty is given out once, whoever asks."""

    def __init__(self, redis: Client, leases: Leases) -> None:
        self._redis = redis
        self._leases = leases

    async def keep(self, who: str, seconds: float) -> bool:
        """Whether *who* keeps the schedule for the next *seconds*."""
        return await self._leases.hold(_KEEPER, who, seconds)

    async def resign(self, who: str) -> None:
        await self._leases.free(_KEEPER, who)

    async def claim(self, duty: str, slot: int) -> bool:
        """True once for each slot, and never for one before the last that was taken: slots are numbered in time."""
        return bool(await self._redis.execute_command("ZADD", keys.TURNS, "GT", "CH", slot, duty))
