"""Leaderboards, rebuilt from the members' clicks by day (rules 16 and 17)."""

from grapevine.domain.points import Period, first_day, points, ranked
from grapevine.store import Store
from grapevine.store.queue import BOARDS, Jobs, Work

PERIODS = (Period.WEEK, Period.MONTH, Period.ALL)


async def plan(store: Store, jobs: Jobs) -> None:
    """Puts a job for each workspace whose admin switched leaderboards on."""
    teams = [team for team in await store.members.teams() if (await store.workspaces.settings(team)).leaderboard]
    await jobs.put_all([Work(BOARDS, (team,), f"boards-{team}", timeout=600) for team in teams])


async def boards(team: str, *, store: Store, now: float) -> None:
    """The boards of one workspace: the week's, the month's and that of all time, of the members who opted in."""
    settings = await store.workspaces.settings(team)
    taking_part = [one for one in await store.members.all(team) if one.preferences.leaderboard and one.left is None]
    scores: dict[str, dict[str, int]] = {period: {} for period in PERIODS}
    for member in taking_part:
        days = await store.insights.clicks_since(member.id, first_day(Period.ALL, now))
        for period in PERIODS:
            since = first_day(period, now)
            within = {day: clicks for day, clicks in days.items() if day >= since}
            scores[period][member.id] = points(within, settings.rates)
    for period in PERIODS:
        await store.workspaces.set_board(team, period, ranked(scores[period], settings.least_participants), now)
