"""Reactions of placements, and their windows: a key whose TTL is set to 14 days anew at each new reaction (rule 12)."""

import json
from collections.abc import Sequence
from typing import Any
from zlib import crc32

from grapevine.domain.budgets import Cadence, is_closing, is_lively
from grapevine.domain.days import day_of
from grapevine.domain.reactions import Counts, Reactions, next_read
from grapevine.store import keys
from grapevine.store.commands import Client
from grapevine.store.scripts import script


class ReactionStore:
    """*window* and *interval* are lengths in seconds (14 days and 24 hours unless set otherwise)."""

    def __init__(self, redis: Client, window: float, interval: float) -> None:
        self._redis = redis
        self._take = script(redis, "reactions")
        self._close = script(redis, "close")
        self._open = script(redis, "open")
        self._failed = script(redis, "failed")
        self.window = window
        self.interval = interval

    async def open(self, mid: str, sid: str, network: str, now: float) -> None:
        """Begin to gather: the placement is out since *now*. Calling it again changes nothing."""
        ends = now + self.window
        await self.plan(mid, sid, network, now, ends)
        if not await self._begin(mid, sid, network, {"ends": ends}, self.window):
            await self.forget(mid, sid, network)

    async def take(
        self, mid: str, sid: str, network: str, counts: Counts, now: float, cadence: Cadence | None = None
    ) -> str:
        """Keep what was read: "gathering", "closed" (this was the closing read) or "frozen" (nothing was changed)."""
        known = await self.get(mid, sid, network)
        nearly = known is not None and known.ends is not None and is_closing(now, known.ends, self.interval)
        state, ends = await self._take(
            keys=[keys.window(mid, sid, network), keys.reactions(mid, sid), keys.reaction_days(mid)],
            args=[
                network,
                counts.likes,
                counts.comments,
                "" if counts.reshares is None else counts.reshares,
                now,
                int(self.window * 1000),
                day_of(now),
                int(nearly),
                "" if counts.link_clicks is None else counts.link_clicks,
            ],
        )
        if state == "gathering":
            await self.plan(mid, sid, network, now, float(ends), cadence)
        else:
            await self.forget(mid, sid, network)
        return str(state)

    async def cannot(self, mid: str, sid: str, network: str, reason: str) -> None:
        """This placement's reactions are never read, for this reason (rule 11)."""
        await self._begin(mid, sid, network, {"reason": reason}, 0)

    async def unavailable(self, mid: str, sid: str, network: str, reason: str, now: float, again: float) -> None:
        """The counts could not be had at *now*, for this reason; they are asked for again after *again* seconds.

        In a window that is over this was the closing read: it closes with the reason.
        """
        if await self._look(mid, sid, network, now, reason, lapses=True) == "gathering":
            await self.later([(mid, sid, network)], now + again)

    async def failed(self, mid: str, sid: str, network: str, now: float) -> int:
        """It could not be read at *now*, though it may be later: how often that was so since it was read at last."""
        return int(await self._failed(keys=[keys.reactions(mid, sid)], args=[network, now]))

    async def lapse(self, mid: str, sid: str, network: str, now: float) -> bool:
        """Nobody can read while the account is not connected (rule 14): True when the window closed meanwhile."""
        return await self._look(mid, sid, network, now, "", lapses=True) != "gathering"

    async def close_if_over(self, mid: str, sid: str, network: str, now: float) -> bool:
        """Close a window that has expired and was read in its last hours; True when it is closed (now or before)."""
        return await self._look(mid, sid, network, now, "", lapses=False) != "gathering"

    async def get(self, mid: str, sid: str, network: str) -> Reactions | None:
        raw = await self._raw(mid, sid, network)
        return _reactions(raw) if raw is not None else None

    async def of_share(self, mid: str, sid: str) -> dict[str, Reactions]:
        stored = await self._redis.hgetall(keys.reactions(mid, sid))
        return {network: _reactions(json.loads(text)) for network, text in stored.items()}

    async def plan(
        self, mid: str, sid: str, network: str, now: float, ends: float, cadence: Cadence | None = None
    ) -> None:
        """Set the hint when this placement is to be read next (rule 11), at its *cadence* where a quota sets one.

        Its own moment of the interval is its account's: so one call reads them all, and accounts are spread.
        """
        lively = is_lively(now, ends, self.window, self.interval)
        own = crc32(f"{mid}:{network}".encode()) / 2**32 * self.interval
        due = next_read(now, ends, self.interval, own, (cadence or Cadence()).of(lively=lively))
        if due >= ends:  # to close it, when Redis has let the window's key go for sure: no call is needed then
            due += min(60.0, self.interval / 24)
        await self.later([(mid, sid, network)], due)

    async def due(self, now: float, most: int = 200_000) -> list[tuple[str, str, str]]:
        """Member, share and network of the placements that want a visit, longest due first."""
        names = await self._redis.zrangebyscore(keys.DUE_REACTIONS, "-inf", now, start=0, num=most)
        return [_parts(name) for name in names]

    async def due_at(self, mid: str, sid: str, network: str) -> float | None:
        """When this placement is looked at next; None: never again."""
        return await self._redis.zscore(keys.DUE_REACTIONS, _due(mid, sid, network))

    async def live(self) -> list[tuple[str, str, str]]:
        """All placements whose reactions are gathered, or are to be closed."""
        return [_parts(name) for name in await self._redis.zrange(keys.DUE_REACTIONS, 0, -1)]

    async def many(self, placements: Sequence[tuple[str, str, str]]) -> list[Reactions | None]:
        """What is known of each, in few trips."""
        found: list[Reactions | None] = []
        for start in range(0, len(placements), 1000):
            async with self._redis.pipeline(transaction=False) as pipe:
                for mid, sid, network in placements[start : start + 1000]:
                    pipe.hget(keys.reactions(mid, sid), network)
                found += [_reactions(json.loads(text)) if text else None for text in await pipe.execute()]
        return found

    async def later(self, placements: Sequence[tuple[str, str, str]], at: float) -> None:
        """Leave placements alone until *at*; whoever works on them sets the next hint itself when done."""
        names = [":".join(parts) for parts in placements]
        for start in range(0, len(names), 5000):
            await self._redis.zadd(keys.DUE_REACTIONS, dict.fromkeys(names[start : start + 5000], at))

    async def forget(self, mid: str, sid: str, network: str) -> None:
        await self._redis.zrem(keys.DUE_REACTIONS, _due(mid, sid, network))

    async def _begin(self, mid: str, sid: str, network: str, record: dict[str, Any], window: float) -> bool:
        """False when the share was erased meanwhile: nothing of it comes back."""
        begun = await self._open(
            keys=[keys.share(mid, sid), keys.window(mid, sid, network), keys.reactions(mid, sid)],
            args=[network, json.dumps(record), int(window * 1000)],
        )
        return bool(begun)

    async def _look(self, mid: str, sid: str, network: str, now: float, reason: str, *, lapses: bool) -> str:
        state = await self._close(
            keys=[keys.window(mid, sid, network), keys.reactions(mid, sid)], args=[network, now, reason, int(lapses)]
        )
        if state != "gathering":
            await self.forget(mid, sid, network)
        return str(state)

    async def _raw(self, mid: str, sid: str, network: str) -> dict[str, Any] | None:
        stored = await self._redis.hget(keys.reactions(mid, sid), network)
        return json.loads(stored) if stored else None


def _due(mid: str, sid: str, network: str) -> str:
    return f"{mid}:{sid}:{network}"


def _parts(name: str) -> tuple[str, str, str]:
    mid, sid, network = name.split(":", 2)
    return mid, sid, network


def _reactions(raw: dict[str, Any]) -> Reactions:
    return Reactions(
        counts=_counts(raw["counts"]) if raw.get("counts") else None,
        checked=raw.get("checked"),
        ends=raw.get("ends"),
        closed=raw.get("closed"),
        reason=raw.get("reason") or "",
        link_clicks=raw.get("link_clicks"),
        failed=int(raw.get("failed") or 0),
        tried=raw.get("tried"),
    )


def _counts(raw: dict[str, Any]) -> Counts:
    reshares = raw.get("reshares")
    return Counts(int(raw["likes"]), int(raw["comments"]), None if reshares is None else int(reshares))
