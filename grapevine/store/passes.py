"""Short-lived, single-use passes: connect links, OAuth states, what a half-filled form needs to remember."""

import json
import secrets
from collections.abc import Mapping
from typing import Any

from grapevine.store import keys
from grapevine.store.commands import Client


class Passes:
    def __init__(self, redis: Client) -> None:
        self._redis = redis

    async def issue(self, kind: str, holds: Mapping[str, Any], lives: int) -> str:
        """A new pass of a *kind* that holds something JSON can say, for *lives* seconds."""
        token = secrets.token_urlsafe(24)
        await self.keep(kind, token, holds, lives)
        return token

    async def keep(self, kind: str, token: str, holds: Mapping[str, Any], lives: int) -> None:
        """A pass under a name that the caller made, which must be unguessable."""
        await self._redis.set(keys.pass_(kind, token), json.dumps(holds), ex=lives)

    async def look(self, kind: str, token: str) -> dict[str, Any] | None:
        """What a pass holds, without using it up."""
        return _holds(await self._redis.get(keys.pass_(kind, token)))

    async def use(self, kind: str, token: str) -> dict[str, Any] | None:
        """What a pass holds, once: the second caller gets None."""
        return _holds(await self._redis.getdel(keys.pass_(kind, token)))

    async def withdraw(self, mid: str) -> None:
        """Delete every pass that holds this member's id, and every one that stands for a pass that does (rule 23)."""
        passes = {key: await self._redis.get(key) or "" async for key in self._redis.scan_iter(match="t:*")}
        names, doomed = {mid}, list[str]()
        while found := [key for key, text in passes.items() if any(name in key or name in text for name in names)]:
            doomed += found
            for key in found:
                del passes[key]
            names = {key.split(":", 2)[2] for key in found}
        for key in reversed(doomed):  # the member's own last, by which the others are found
            await self._redis.delete(key)

    async def first(self, event: str, lives: int = 7200) -> bool:
        """True the first time that this delivery is seen within *lives* seconds (Slack delivers again after errors)."""
        return bool(await self._redis.set(keys.seen(event), "1", nx=True, ex=lives))

    async def forget(self, event: str) -> None:
        """What was taken came to nothing: the next delivery counts as the first again."""
        await self._redis.delete(keys.seen(event))


def _holds(stored: str | None) -> dict[str, Any] | None:
    return None if stored is None else json.loads(stored)
