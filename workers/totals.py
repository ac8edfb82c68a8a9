"""Programme totals: each finished month is counted once, on the third day after its end, and frozen (rule 17)."""

from grapevine.domain import months
from grapevine.domain.days import DAY
from grapevine.domain.totals import totals
from grapevine.store import Store
from grapevine.store.queue import TOTALS, Jobs, Work

#: seconds after a month's end from which on what came of its shares says nothing about it any more
_LATE = 10 * DAY


async def plan(store: Store, jobs: Jobs, now: float) -> None:
    """Puts a job for each workspace that has a month to be frozen; months before this was there are made up for."""
    due = set(months.settled(now))
    works = []
    for team in await store.members.teams():
        known = await store.totals.frozen(team)
        if due - known.keys():
            works.append(Work(TOTALS, (team,), f"totals-{team}", timeout=3600))
        if min(known, default="9") < min(due):
            await store.totals.drop_before(team, min(due))
    await jobs.put_all(works)


async def freeze(team: str, *, store: Store, now: float) -> None:
    """Freezes what is due of one workspace, newest first; run again after its death it goes on with what is left."""
    for month in months.settled(now):
        if month in await store.totals.frozen(team):
            continue
        begins, ends = months.span(month)
        late = now > ends + _LATE
        parts, earliest, members = [], now, 0
        async for taker in store.totals.takers(team, month, late=late):
            earliest = min(earliest, taker.created)
            members += taker.created < ends and (taker.left is None or taker.left >= begins)
            if any((taker.part.shares, taker.part.clicks, taker.part.reactions, taker.part.reach)):
                parts.append(taker.part)
        made = totals(month, now, parts, members, partial=earliest > begins, late=late)
        await store.totals.freeze(team, month, made if earliest < ends else None)
