"""Programme totals (rule 17): each month of each workspace once, on the third day after its end, nameless for ever."""

import asyncio
import time
from collections.abc import Mapping

from grapevine.domain import months
from grapevine.domain.members import Preferences
from grapevine.domain.shares import PlacementState
from grapevine.domain.totals import Row, Totals
from grapevine.settings import WorkerSettings, load
from grapevine.store import Store, keys
from grapevine.store.queue import Jobs
from tests.people import NOON, TEAM
from tests.programme import OCTOBER, clicked, company, shared
from workers import totals
from workers.job import opener
from workers.schedule import duties
from workers.worker import work

ENV = {"SLACK_BOT_TOKEN": "xoxb-1", "SHORT_URL": "http://127.0.0.1:8000"}
#: 3 November 2026, the third day after October's end
THIRD = months.span("202610")[1] + 2 * 86400


async def october(store: Store, team: str = TEAM) -> Totals:
    found = (await store.totals.frozen(team))["202610"]
    assert found is not None
    return found


async def test_a_month_is_what_all_members_did_together(store: Store) -> None:
    for member in await company(store, 12):
        share = await shared(store, member, {"linkedin": (3, 2)})
        await clicked(store, member, share, {"linkedin": 4}, THIRD - 86400)
    await totals.freeze(TEAM, store=store, now=THIRD)
    assert await october(store) == Totals("202610", THIRD, 5, 12, 36, 24, 1200, (Row("linkedin", 5, 12, 100, 100),))


async def test_four_people_are_never_shown(store: Store) -> None:
    for member in await company(store, 4):
        await shared(store, member, {"linkedin": (30, 20), "x": (10, 10)})
    await totals.freeze(TEAM, store=store, now=THIRD)
    assert await october(store) == Totals("202610", THIRD)


async def test_what_is_hidden_is_not_stored_either(store: Store) -> None:
    members = await company(store, 10)
    for member in members:
        await shared(store, member, {"linkedin": (1, 0)})
    for member in members[:2]:
        await shared(store, member, {"mastodon": (777, 0)})
    await totals.freeze(TEAM, store=store, now=THIRD)
    stored = await store.redis.hget(keys.totals(TEAM), "202610")
    assert stored is not None
    assert "mastodon" not in stored
    assert "777" not in stored
    assert "1564" not in stored  # the month's clicks, which with LinkedIn's would have told the others
    assert members[0].id not in stored


async def test_what_never_came_out_is_no_share(store: Store) -> None:
    for number, member in enumerate(await company(store, 20)):
        state = PlacementState.REFUSED if number % 2 else PlacementState.PUBLISHED
        await shared(store, member, {"linkedin": (0, 0)}, state=state)
    await totals.freeze(TEAM, store=store, now=THIRD)
    assert (await october(store)).shares == 10


async def test_a_frozen_month_stays_whatever_happens_later(store: Store) -> None:
    members = await company(store, 10)
    shares = [await shared(store, member, {"linkedin": (3, 2)}) for member in members]
    await totals.freeze(TEAM, store=store, now=THIRD)
    before = await october(store)
    await clicked(store, members[0], shares[0], {"linkedin": 50}, OCTOBER)  # from a journal that was found late
    await store.erasure.erase(members[1])
    await store.members.leave(members[2].id, NOON, NOON + 1)
    await totals.freeze(TEAM, store=store, now=NOON)
    assert await october(store) == before


async def test_of_two_jobs_at_once_one_writes_the_month(store: Store) -> None:
    for member in await company(store, 10):
        await shared(store, member, {"linkedin": (3, 2)})
    await asyncio.gather(*(totals.freeze(TEAM, store=store, now=THIRD + number) for number in range(4)))
    before = await october(store)
    assert not await store.totals.freeze(TEAM, "202610", Totals("202610", NOON, shares=99))
    assert await october(store) == before


async def test_whoever_left_in_the_meantime_is_counted_and_whoever_is_erased_is_not(store: Store) -> None:
    members = await company(store, 12)
    for member in members:
        await shared(store, member, {"linkedin": (3, 2)})
    await store.members.leave(members[0].id, THIRD - 1, NOON)
    await store.erasure.erase(members[1])
    await totals.freeze(TEAM, store=store, now=THIRD)
    assert (await october(store)).shares == 11


async def test_whoever_could_take_part_and_did_not_is_whom_the_number_of_people_leaves_room_for(store: Store) -> None:
    for member in await company(store, 12):
        await shared(store, member, {"linkedin": (3, 2)})
    begins, ends = months.span("202610")
    others = [await store.members.join(TEAM, f"U1{number:08}", begins - 86400) for number in range(16)]
    for number, other in enumerate(others):
        if number < 8:
            await store.members.leave(other.id, begins - 3600, NOON)
    for number in range(8):
        await store.members.join(TEAM, f"U2{number:08}", ends)
    await totals.freeze(TEAM, store=store, now=THIRD)
    assert (await october(store)).people == 10  # of 20
    await store.redis.delete(keys.totals(TEAM))
    for other in others[8:12]:
        await store.erasure.erase(other)
    await totals.freeze(TEAM, store=store, now=THIRD)
    assert (await october(store)).people == 10  # of 16
    await store.redis.delete(keys.totals(TEAM))
    for other in others[12:15]:
        await store.erasure.erase(other)
    await totals.freeze(TEAM, store=store, now=THIRD)
    assert (await october(store)).people == 5  # of 13


async def test_workspaces_are_counted_apart(store: Store) -> None:
    for team, clicks in ((TEAM, 3), ("T0OTHER001", 5)):
        for member in await company(store, 10, team):
            await shared(store, member, {"linkedin": (clicks, 2)})
        await totals.freeze(team, store=store, now=THIRD)
    assert (await october(store)).clicks == 30
    assert (await october(store, "T0OTHER001")).clicks == 50


async def test_months_before_this_was_there_are_made_up_for(store: Store) -> None:
    began = months.span("202606")[0] + 86400
    for member in await company(store, 10, since=began):
        share = await shared(store, member, {"linkedin": (3, 2)}, began + 86400)
        await clicked(store, member, share, {"linkedin": 2}, OCTOBER)
    await totals.freeze(TEAM, store=store, now=THIRD)
    frozen = await store.totals.frozen(TEAM)
    assert list(frozen) == months.settled(THIRD)
    assert [month for month, one in frozen.items() if one is None] == months.settled(THIRD)[5:]
    june = frozen["202606"]
    assert june is not None
    assert (june.partial, june.clicks) == (True, 30)
    assert june.rows == (Row("linkedin", 5, 10, 100, 100),)
    assert (await october(store)).clicks == 20


async def test_a_month_in_which_nobody_shared_looks_like_one_in_which_four_did(store: Store) -> None:
    members = await company(store, 10, since=OCTOBER - 50 * 86400)
    for member in members[:4]:
        await shared(store, member, {"linkedin": (3, 2)}, OCTOBER - 30 * 86400)
    await totals.freeze(TEAM, store=store, now=THIRD)
    frozen = await store.totals.frozen(TEAM)
    assert frozen["202610"] == Totals("202610", THIRD)
    assert frozen["202609"] == Totals("202609", THIRD)


async def test_clicks_are_hidden_where_the_leaderboard_tells_those_of_all_but_a_few(store: Store) -> None:
    members = await company(store, 10)
    for member in members:
        await shared(store, member, {"linkedin": (3, 2)})
    for member in members[1:]:
        await store.members.prefer(member.id, Preferences(leaderboard=True))
    for leaderboard, clicks in ((True, None), (False, 30)):
        await store.workspaces.put(TEAM, leaderboard=leaderboard)
        await store.redis.delete(keys.totals(TEAM))
        await totals.freeze(TEAM, store=store, now=THIRD)
        assert (await october(store)).clicks == clicks


async def test_a_leaderboard_with_too_few_on_it_is_not_shown_and_tells_nothing(store: Store) -> None:
    members = await company(store, 6)
    for member in members:
        await shared(store, member, {"linkedin": (3, 2)})
    await store.workspaces.put(TEAM, leaderboard=True)
    for on_it, clicks in ((2, 18), (3, None)):
        await store.members.prefer(members[on_it - 1].id, Preferences(leaderboard=True))
        await store.members.prefer(members[0].id, Preferences(leaderboard=True))
        await store.redis.delete(keys.totals(TEAM))
        await totals.freeze(TEAM, store=store, now=THIRD)
        assert (await october(store)).clicks == clicks


async def test_the_schedule_sees_to_it(store: Store, redis_url: str) -> None:
    await company(store, 5)
    jobs = Jobs(redis_url)
    try:
        (duty,) = [one for one in duties(load(WorkerSettings, ENV), store, jobs, {}) if one.name == "totals"]
        await duty.do(THIRD)
        assert await jobs.waiting() == 1
    finally:
        jobs.close()


def test_a_worker_does_it(redis_url: str) -> None:
    """By its own clock."""
    month = months.settled(time.time(), 1)[0]

    async def prepare() -> None:
        store, jobs = Store.open(redis_url), Jobs(redis_url)
        for member in await company(store, 10, since=months.span(month)[0] - 86400):
            await shared(store, member, {"linkedin": (3, 2)}, months.span(month)[0])
        await totals.plan(store, jobs, time.time())
        jobs.close()
        await store.close()

    async def found() -> Mapping[str, Totals | None]:
        store = Store.open(redis_url)
        try:
            return await store.totals.frozen(TEAM)
        finally:
            await store.close()

    asyncio.run(prepare())
    work(redis_url, opener(load(WorkerSettings, ENV), redis_url, ()), burst=True)
    frozen = asyncio.run(found())[month]
    assert frozen is not None
    assert frozen.shares == 10


async def test_each_workspace_gets_one_job_until_its_months_are_frozen(store: Store, redis_url: str) -> None:
    await company(store, 5)
    await company(store, 5, "T0OTHER001")
    jobs = Jobs(redis_url)
    try:
        await totals.plan(store, jobs, THIRD)
        await totals.plan(store, jobs, THIRD)
        assert await jobs.waiting() == 2
        jobs.redis.flushall()
        await company(store, 5)
        await totals.freeze(TEAM, store=store, now=THIRD)
        await totals.plan(store, jobs, THIRD)
        assert await jobs.waiting() == 0
    finally:
        jobs.close()


async def test_a_job_that_died_goes_on_where_it_was(store: Store) -> None:
    for member in await company(store, 10):
        await shared(store, member, {"linkedin": (3, 2)})
    kept = Totals("202610", THIRD - 60, shares=7)
    await store.totals.freeze(TEAM, "202610", kept)
    await totals.freeze(TEAM, store=store, now=THIRD)
    assert await october(store) == kept
    assert list(await store.totals.frozen(TEAM)) == months.settled(THIRD)


async def test_only_twelve_months_are_kept(store: Store, redis_url: str) -> None:
    await company(store, 5)
    await store.totals.freeze(TEAM, "202510", Totals("202510", NOON))
    jobs = Jobs(redis_url)
    try:
        await totals.plan(store, jobs, THIRD)
    finally:
        jobs.close()
    assert "202510" not in await store.totals.frozen(TEAM)
