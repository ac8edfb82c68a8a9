"""A member's numbers by day: what Home and points are computed from, in as many reads for 10 shares as for 10,000."""

from collections.abc import Sequence
from dataclasses import dataclass

from grapevine.domain.days import last_days
from grapevine.store import keys
from grapevine.store.commands import Client


@dataclass(frozen=True, slots=True)
class ByDay:
    """Some days' numbers, a value a day: *days* oldest first."""

    days: Sequence[str]
    clicks: Sequence[int]
    reactions: Sequence[int]
    reach: Sequence[int]


class InsightStore:
    def __init__(self, redis: Client) -> None:
        self._redis = redis

    async def by_day(self, mid: str, now: float, count: int) -> ByDay:
        """The last *count* UTC days, today included."""
        days = last_days(now, count)
        rows = []
        for key in (keys.click_days(mid), keys.reaction_days(mid), keys.reach_days(mid)):
            rows.append([int(value or 0) for value in await self._redis.hmget(key, days)])
        return ByDay(days, *rows)

    async def clicks_since(self, mid: str, first: str) -> dict[str, int]:
        """UTC day → unique clicks, from the day *first* on."""
        stored = await self._redis.hgetall(keys.click_days(mid))
        return {day: int(count) for day, count in stored.items() if day >= first}
