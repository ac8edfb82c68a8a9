"""Whether the append-only file still holds what was destroyed, and is to be written anew (rules 9 and 23)."""

from grapevine.store import keys
from grapevine.store.commands import Client


class Rewrites:
    """A wish for a rewrite, kept until one has begun: whoever destroys wishes first, so that a crash loses no wish."""

    def __init__(self, redis: Client) -> None:
        self._redis = redis

    async def want(self) -> None:
        await self._redis.set(keys.REWRITE, 1)

    async def wanted(self) -> bool:
        return bool(await self._redis.exists(keys.REWRITE))

    async def done(self) -> None:
        await self._redis.delete(keys.REWRITE)
