"""Programme totals: each finished month is counted once, on the third day after its end, and frozen (rule 17)."""

from dataclasses import replace

from grapevine.domain import months
from grapevine.domain.totals import Part, Totals, totals
from grapevine.store import Store
from grapevine.store.queue import TOTALS, Jobs, Work


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
        if month not in await store.totals.frozen(team):
            await store.totals.freeze(team, month, await _counted(store, team, month, now))


async def _counted(store: Store, team: str, month: str, now: float) -> Totals | None:
    """The month's totals; None when nobody had come yet by its end."""
    begins, ends = months.span(month)
    workspace = await store.workspaces.settings(team)
    earliest, members, opted_in, parts = now, 0, 0, list[Part]()
    async for taker in store.totals.takers(team, month):
        earliest = min(earliest, taker.created)
        members += taker.created < ends and (taker.left is None or taker.left >= begins)
        opted_in += taker.opted_in
        part = taker.part
        if any((part.shares, part.clicks, part.reactions, part.reach)):
            parts.append(replace(part, named=taker.opted_in))
    if earliest >= ends:
        return None
    if not workspace.leaderboard or opted_in < workspace.least_participants:  # then there is none
        parts = [replace(part, named=False) for part in parts]
    return totals(month, now, parts, members, partial=earliest > begins)
