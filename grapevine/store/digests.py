"""What members have not been told of yet."""

from collections.abc import Mapping

from grapevine.store import keys
from grapevine.store.commands import Client
from grapevine.store.due import Due
from grapevine.store.scripts import script


class Digests:
    """New unique clicks by share; the click script adds to them, Home and the digest take them away."""

    def __init__(self, redis: Client) -> None:
        self._redis = redis
        self._tell = script(redis, "tell")
        self._due = Due(redis, keys.DUE_DIGESTS)

    async def due(self, now: float, most: int = 1000) -> list[str]:
        """Members with something new; a hint, which may name too many."""
        return await self._redis.zrangebyscore(keys.DUE_DIGESTS, "-inf", now, start=0, num=most)

    async def hint(self, mid: str, at: float) -> None:
        """Look at this member at *at*, or earlier if that is planned already."""
        await self._redis.zadd(keys.DUE_DIGESTS, {mid: at}, lt=True)

    async def later(self, mid: str, at: float) -> None:
        await self._redis.zadd(keys.DUE_DIGESTS, {mid: at})

    async def done(self, mid: str, at: float | None = None) -> None:
        """The hint is used up; given *at*, only if no click has come since it was set to that."""
        await self._due.done(mid, at)

    async def last(self, mid: str) -> float:
        """When the last digest went out, 0 for never."""
        return float(await self._redis.hget(keys.told(mid), "at") or 0)

    async def take(self, mid: str, now: float, interval: float) -> dict[str, int]:
        """Share id → new unique clicks, to be told now; empty when there are none or the interval is not over.

        What was taken stays pending until ``confirm``: a teller that dies leaves it for the next digest.
        """
        flat = await self._tell(keys=[keys.news(mid), keys.told(mid)], args=[now, interval, 0]) or []
        return {share: int(count) for share, count in zip(flat[::2], flat[1::2], strict=True)}

    async def confirm(self, mid: str) -> None:
        await self._redis.hdel(keys.told(mid), "pending")

    async def seen(self, mid: str) -> dict[str, int]:
        """The member looks at Home: what they see is not announced (design §5). What was taken away: share id → new.

        Call it *before* reading what Home shows, so that a click that comes meanwhile is announced.
        """
        flat = await self._tell(keys=[keys.news(mid), keys.told(mid)], args=[0, 0, 1]) or []
        return {share: int(count) for share, count in zip(flat[::2], flat[1::2], strict=True)}

    async def unseen(self, mid: str, news: Mapping[str, int], now: float) -> None:
        """Home could not be shown after all: what was taken away by ``seen`` is announced as if it were new."""
        if news:
            await self.hint(mid, now)
        for share, count in news.items():
            await self._redis.hincrby(keys.news(mid), share, count)
