"""Leaderboards (rules 16 and 17): off until switched on, of those who opted in, ranked with ties."""

from dataclasses import replace

from grapevine.domain.members import Preferences
from grapevine.domain.points import Period, Place, Rate
from grapevine.store import Store, keys
from grapevine.store.queue import Jobs
from grapevine.store.workspaces import WorkspaceSettings
from tests.people import ADA, BEA, CY, NOON, TEAM
from workers import points

IN = Preferences(leaderboard=True)


async def clicks(store: Store, mid: str, **days: int) -> None:
    await store.redis.hset(keys.click_days(mid), mapping={day.removeprefix("d"): count for day, count in days.items()})


async def test_boards_are_ranked_by_period_with_ties_and_only_those_who_opted_in(store: Store) -> None:
    ada, bea, cy = [await person.joins(store) for person in (ADA, BEA, CY)]
    dora = await store.members.join(TEAM, "U0DORA0001", NOON)
    for member in (ada, bea, cy):
        await store.members.prefer(member.id, IN)
    await clicks(store, ada.id, d20261121=2, d20261110=5)
    await clicks(store, bea.id, d20261120=2, d20261020=9)
    await clicks(store, cy.id, d20261119=1)
    await clicks(store, dora.id, d20261121=99)
    await points.boards(TEAM, store=store, now=NOON)

    at, week = await store.workspaces.board(TEAM, Period.WEEK)
    assert at == NOON
    assert {(place.rank, place.member, place.points) for place in week} == {
        (1, ada.id, 2),
        (1, bea.id, 2),
        (3, cy.id, 1),
    }
    assert (await store.workspaces.board(TEAM, Period.MONTH))[1][0] == Place(1, ada.id, 7)
    assert (await store.workspaces.board(TEAM, Period.ALL))[1][0] == Place(1, bea.id, 11)


async def test_a_changed_rate_counts_from_its_day_on(store: Store) -> None:
    members = [await person.joins(store) for person in (ADA, BEA, CY)]
    for member in members:
        await store.members.prefer(member.id, IN)
    await clicks(store, members[0].id, d20261120=1, d20261121=1)
    rates = (Rate("00000000", 1), Rate("20261121", 10))
    await store.workspaces.change(TEAM, replace(WorkspaceSettings(), rates=rates))
    await points.boards(TEAM, store=store, now=NOON)
    assert (await store.workspaces.board(TEAM, Period.ALL))[1][0].points == 11


async def test_below_three_participants_none_is_shown(store: Store) -> None:
    for person in (ADA, BEA):
        await store.members.prefer((await person.joins(store)).id, IN)
    await CY.joins(store)
    await points.boards(TEAM, store=store, now=NOON)
    assert await store.workspaces.board(TEAM, Period.ALL) == (NOON, [])


async def test_whoever_left_is_on_no_board(store: Store) -> None:
    members = [await person.joins(store) for person in (ADA, BEA, CY)]
    for member in members:
        await store.members.prefer(member.id, IN)
    await store.members.leave(members[0].id, NOON, NOON + 1)
    await points.boards(TEAM, store=store, now=NOON)
    assert await store.workspaces.board(TEAM, Period.ALL) == (NOON, [])


async def test_boards_are_off_until_an_admin_switches_them_on(store: Store, redis_url: str) -> None:
    await ADA.joins(store)
    jobs = Jobs(redis_url)
    await points.plan(store, jobs)
    assert await jobs.waiting() == 0
    await store.workspaces.change(TEAM, replace(WorkspaceSettings(), leaderboard=True))
    await points.plan(store, jobs)
    assert await jobs.waiting() == 1
    jobs.close()
