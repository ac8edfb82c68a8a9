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
        await self._redis.set(keys.pass_(token), json.dumps({"kind": kind, **holds}), ex=lives)

    async def look(self, kind: str, token: str) -> dict[str, Any] | None:
        """What a pass holds, without using it up."""
        return _holds(kind, await self._redis.get(keys.pass_(token)))

    async def use(self, kind: str, token: str) -> dict[str, Any] | None:
        """What a pass holds, once: the second caller gets None."""
        return _holds(kind, await self._redis.getdel(keys.pass_(token)))

    async def first(self, event: str, lives: int = 7200) -> bool:
        """True the first time that this delivery is seen within *lives* seconds (Slack delivers again after errors)."""
        return bool(await self._redis.set(keys.seen(event), "1", nx=True, ex=lives))

    async def forget(self, event: str) -> None:
        """What was taken came to nothing: the next delivery counts as the first again."""
        await self._redis.delete(keys.seen(event))


def _holds(kind: str, stored: str | None) -> dict[str, Any] | None:
    if stored is None:
        return None
    held: dict[str, Any] = json.loads(stored)
    return held if held.pop("kind", None) == kind else None
