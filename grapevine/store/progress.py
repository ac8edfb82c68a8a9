"""What was done: for the operator, in numbers only."""

from collections.abc import Mapping

from grapevine.domain.days import day_of
from grapevine.store import keys
from grapevine.store.commands import Client

_REMEMBERED = 3 * 86400_000


class Progress:
    def __init__(self, redis: Client) -> None:
        self._redis = redis

    async def read(self, network: str, count: int, now: float) -> None:
        """So many placements were read."""
        today = keys.reads_on(day_of(now))
        await self._redis.hincrby(keys.READS, network, count)
        await self._redis.hincrby(today, network, count)
        await self._redis.pexpire(today, _REMEMBERED)

    async def planned(self, network: str, count: int, now: float) -> None:
        """So many placements were given out to be read; one that is lost and given out again counts again.

        Fewer than none takes those back that turned out to be over.
        """
        today = keys.planned_on(day_of(now))
        await self._redis.hincrby(today, network, count)
        await self._redis.pexpire(today, _REMEMBERED)

    async def plans(self, now: float) -> Mapping[str, int]:
        """Placements given out by network on the day of *now*."""
        return {name: int(count) for name, count in (await self._redis.hgetall(keys.planned_on(day_of(now)))).items()}

    async def rested(self, network: str, count: int, now: float) -> None:
        """So many that were given out at *now* cannot be read, since their account is not connected."""
        today = keys.resting_on(day_of(now))
        await self._redis.hincrby(today, network, count)
        await self._redis.pexpire(today, _REMEMBERED)

    async def resting(self, now: float) -> Mapping[str, int]:
        """Those by network on the day of *now*."""
        return {name: int(count) for name, count in (await self._redis.hgetall(keys.resting_on(day_of(now)))).items()}

    async def put_off(self, until: float) -> int:
        """How many placements wait for a budget that begins anew then."""
        return await self._redis.zcount(keys.DUE_REACTIONS, until, until)

    async def reads(self, now: float | None = None) -> Mapping[str, int]:
        """Placements read by network: on the day of *now*, or ever."""
        key = keys.READS if now is None else keys.reads_on(day_of(now))
        return {network: int(count) for network, count in (await self._redis.hgetall(key)).items()}

    async def due(self, now: float) -> dict[str, tuple[int, int]]:
        """Each due list: how much of it is due, and how much stands in it."""
        return {
            name.partition(":")[2]: (await self._redis.zcount(name, "-inf", now), await self._redis.zcard(name))
            for name in keys.DUE_LISTS
        }

    async def tick(self, now: float) -> None:
        """The schedule's keeper is at work."""
        await self._redis.set(keys.TICK, repr(now))

    async def ticked(self) -> float | None:
        at = await self._redis.get(keys.TICK)
        return None if at is None else float(at)
