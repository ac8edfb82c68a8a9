"""Programme totals: what members did in a month, and the months that are frozen (rule 17)."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from grapevine.domain import months
from grapevine.domain.shares import PlacementState
from grapevine.domain.totals import OnNetwork, Part, Row, Totals
from grapevine.store import keys
from grapevine.store.commands import Client
from grapevine.store.records import fill, pack

#: members, and shares, that are read in one trip
_BATCH = 100
_NOT_OUT = (PlacementState.REFUSED, PlacementState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Taker:
    """A member who could take part from *created* on, until they *left*; and what they did.

    *opted_in*: they want to be on the leaderboard, if there is one.
    """

    created: float
    left: float | None
    opted_in: bool
    part: Part


class TotalsStore:
    def __init__(self, redis: Client) -> None:
        self._redis = redis

    async def frozen(self, team: str) -> dict[str, Totals | None]:
        """Month → its totals, newest first; None for a month in which nobody was a member yet."""
        stored = await self._redis.hgetall(keys.totals(team))
        return {month: _totals(stored[month]) for month in sorted(stored, reverse=True)}

    async def freeze(self, team: str, month: str, totals: Totals | None) -> bool:
        """Keep a month for good; False, and nothing changed, when somebody else did before."""
        return bool(await self._redis.hsetnx(keys.totals(team), month, pack(totals) if totals else ""))

    async def drop_before(self, team: str, month: str) -> None:
        """Months before this one are looked back at no more."""
        old = [one for one in await self.frozen(team) if one < month]
        if old:
            await self._redis.hdel(keys.totals(team), *old)

    async def takers(self, team: str, month: str) -> AsyncIterator[Taker]:
        """Every member of the workspace, a hundred at a time."""
        mids = sorted(await self._redis.smembers(keys.members_of(team)))
        for start in range(0, len(mids), _BATCH):
            for taker in await self._some(mids[start : start + _BATCH], month):
                yield taker

    async def _some(self, mids: Sequence[str], month: str) -> list[Taker]:
        days, (begins, ends) = months.days(month), months.span(month)
        async with self._redis.pipeline(transaction=False) as pipe:
            for mid in mids:
                pipe.hmget(keys.member(mid), ["created", "left", "leaderboard"])
                pipe.zrangebyscore(keys.shares(mid), begins, f"({ends}")
                for key in (keys.click_days(mid), keys.reaction_days(mid), keys.reach_days(mid)):
                    pipe.hmget(key, days)
            answers = await pipe.execute()
        found = []
        for place, mid in enumerate(mids):
            (created, left, board), sids, *by_day = answers[5 * place : 5 * place + 5]
            if created is None:  # erased since
                continue
            clicks, reactions, reach = (sum(int(count or 0) for count in counts) for counts in by_day)
            shares, networks = await self._shared(mid, sids) if sids else (0, {})
            part = Part(shares, clicks, reactions, reach, networks)
            found.append(Taker(float(created), float(left) if left else None, board == "1", part))
        return found

    async def _shared(self, mid: str, sids: Sequence[str]) -> tuple[int, dict[str, OnNetwork]]:
        """How many of these shares are out, or may be, and what came of them by network."""
        shares, on = 0, dict[str, OnNetwork]()
        for start in range(0, len(sids), _BATCH):
            batch = sids[start : start + _BATCH]
            async with self._redis.pipeline(transaction=False) as pipe:
                for sid in batch:
                    pipe.hgetall(keys.statuses(mid, sid))
                    pipe.hgetall(keys.receipt(mid, sid))
                    pipe.hgetall(keys.reactions(mid, sid))
                answers = await pipe.execute()
            for statuses, receipt, reactions in zip(*[iter(answers)] * 3, strict=True):
                out = [name for name, text in statuses.items() if json.loads(text)["state"] not in _NOT_OUT]
                shares += bool(out)
                for name in out:
                    so_far = on.get(name, OnNetwork())
                    clicks = int(receipt.get(f"u:{name}", 0))
                    counts = json.loads(reactions.get(name, "{}")).get("counts") or {}
                    liked = sum(int(counts.get(kind) or 0) for kind in ("likes", "comments", "reshares"))
                    on[name] = OnNetwork(so_far.placements + 1, so_far.clicks + clicks, so_far.reactions + liked)
        return shares, on


def _totals(text: str) -> Totals | None:
    if not text:
        return None
    raw = json.loads(text)
    return fill(Totals, raw, rows=tuple(fill(Row, row) for row in raw.get("rows", ())))
