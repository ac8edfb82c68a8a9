"""What tells this Grapevine from another one, and its visitors' secret from another one."""

import secrets

from grapevine.store import keys
from grapevine.store.commands import Client


class Identity:
    def __init__(self, redis: Client) -> None:
        self._redis = redis

    async def id(self) -> str:
        """The same for every program on this Redis; made at the first call."""
        await self._redis.hsetnx(keys.IDENTITY, "id", secrets.token_hex(8))
        return await self._redis.hget(keys.IDENTITY, "id") or ""

    async def counts_with(self, fingerprint: str, *, accept: bool = False) -> bool:
        """Whether visitors were counted with this secret so far; the first one is kept, another one if *accept*."""
        if accept:
            await self._redis.hset(keys.IDENTITY, "visitors", fingerprint)
            return True
        await self._redis.hsetnx(keys.IDENTITY, "visitors", fingerprint)
        return await self._redis.hget(keys.IDENTITY, "visitors") == fingerprint
