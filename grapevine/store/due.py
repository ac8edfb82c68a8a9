"""Due lists: what is to be looked at, and when. Hints, written before what they hint at; they may name too many."""

from grapevine.store.commands import Client
from grapevine.store.scripts import script


class Due:
    """One due list. *key* is a sorted set: name → epoch seconds."""

    def __init__(self, redis: Client, key: str) -> None:
        self._redis = redis
        self._key = key
        self._settled = script(redis, "settled")

    async def at(self, name: str, when: float) -> None:
        """Look at *name* at *when*, whatever was planned before."""
        await self._redis.zadd(self._key, {name: when})

    async def now(self, now: float, most: int = 10_000) -> list[str]:
        """The names that are due, longest due first."""
        return await self._redis.zrangebyscore(self._key, "-inf", now, start=0, num=most)

    async def later(self, then: float) -> list[str]:
        """The names that are not due before *then*."""
        return await self._redis.zrangebyscore(self._key, f"({then!r}", "+inf")

    async def waits(self, name: str, now: float) -> float:
        """For how many seconds *name* has been due; 0 when it is not."""
        at = await self._redis.zscore(self._key, name)
        return 0.0 if at is None else max(0.0, now - at)

    async def done(self, name: str, when: float | None = None) -> None:
        """Nothing more to do; given *when*, only if nobody planned anything else since it was set to that."""
        if when is None:
            await self._redis.zrem(self._key, name)
        else:
            await self._settled(keys=[self._key], args=[name, repr(when)])
