"""Money for a network that charges: reserved once, within the month's budget, given back when nothing came of it."""

import asyncio
import sys
from datetime import UTC, datetime

import pytest

from grapevine.domain.money import Prices
from grapevine.store import Store
from grapevine.store.spending import Purse
from tests.people import NOON, TEAM
from tests.processes import ROOT

PRICES = Prices(post=150, link_post=2000, read=50, profile=100)


def purse(store: Store, bound: int | None = None, team: str = TEAM) -> Purse:
    return Purse(store.spending, team, "x", PRICES, bound)


async def test_what_is_spent_is_added_up_by_workspace_and_month(store: Store) -> None:
    assert await purse(store).post("a", 2000, NOON)
    assert await purse(store).post("b", 150, NOON)
    assert await purse(store).spent(NOON) == 2150
    assert await purse(store, team="T0OTHER").spent(NOON) == 0
    assert await purse(store).spent(NOON + 15 * 86400) == 0


async def test_a_post_is_paid_for_once_however_often_its_job_begins_anew(store: Store) -> None:
    small = purse(store, 2000)
    assert await small.post("a", 2000, NOON)
    assert await small.post("a", 2000, NOON)
    assert await small.spent(NOON) == 2000
    assert not await small.post("b", 1, NOON)


async def test_what_did_not_go_out_is_given_back_once(store: Store) -> None:
    small = purse(store, 2000)
    await small.post("a", 2000, NOON)
    assert not await small.open(NOON)
    await small.unpost("a", NOON)
    await small.unpost("a", NOON)
    assert await small.spent(NOON) == 0
    assert await small.open(NOON)


async def test_what_was_reserved_in_the_last_minute_of_a_month_is_given_back_in_the_next(store: Store) -> None:
    end = datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC).timestamp()
    await purse(store).post("a", 2000, end)
    await purse(store).unpost("a", end + 60)
    assert (await purse(store).spent(end), await purse(store).spent(end + 60)) == (0, 0)


async def test_a_post_is_charged_for_once_a_utc_day_however_often_it_is_read(store: Store) -> None:
    assert await purse(store).read(["1", "2"], NOON) == ["1", "2"]
    assert await purse(store).read(["2", "3"], NOON + 3600) == ["3"]
    assert await purse(store).spent(NOON) == 150
    assert await purse(store).read(["1"], NOON + 86400) == ["1"]
    assert await purse(store).profile("x:7", NOON)
    assert await purse(store).profile("x:7", NOON + 60) == []
    assert await purse(store).spent(NOON) == 300


async def test_what_could_not_be_read_is_given_back_and_paid_for_when_it_can(store: Store) -> None:
    paid = await purse(store).read(["1", "2"], NOON)
    assert paid
    await purse(store).unread(paid, NOON)
    await purse(store).unread([], NOON)
    assert await purse(store).spent(NOON) == 0
    assert await purse(store).read(["1"], NOON) == ["1"]
    paid = await purse(store).profile("x:7", NOON)
    assert paid
    await purse(store).unprofile(paid, NOON)
    assert await purse(store).spent(NOON) == 50


async def test_a_look_is_paid_for_before_it_and_costs_what_was_shown_for_the_first_time_that_day(store: Store) -> None:
    small = purse(store, 1050)
    assert await small.read(["1"], NOON) is None
    assert await small.look("a", 20, NOON)
    assert await small.spent(NOON) == 1000
    assert not await small.look("b", 20, NOON)
    await small.looked("a", ["1", "2"], NOON)
    assert await small.spent(NOON) == 100
    assert not await small.look("a", 20, NOON), "950 are left"
    assert await small.look("a", 19, NOON)
    await small.looked("a", ["2"], NOON)
    assert await small.spent(NOON) == 100


async def test_a_look_whose_answer_was_lost_stays_paid_with_its_day(store: Store) -> None:
    assert await purse(store).look("a", 20, NOON) == 1
    assert await purse(store).look("a", 20, NOON + 3600) == 2
    assert await purse(store).look("a", 20, NOON + 86400) == 1
    await purse(store).looked("a", [], NOON + 86400)
    assert await purse(store).spent(NOON) == 1000


async def test_sharing_comes_first_reading_leaves_what_one_more_share_costs(store: Store) -> None:
    small = purse(store, 2100)
    assert await small.read(["1", "2"], NOON) == ["1", "2"]
    assert await small.read(["3"], NOON) is None
    assert await small.read(["1"], NOON) == [], "it was paid for today"
    assert await small.profile("x:7", NOON) is None
    assert await small.open(NOON)
    assert await small.post("a", 2000, NOON)
    assert not await small.open(NOON)


@pytest.mark.parametrize("bound", [0, 1999])
async def test_a_budget_below_one_share_is_used_up_from_the_start(store: Store, bound: int) -> None:
    assert not await purse(store, bound).open(NOON)
    assert not await purse(store, bound).post("a", 2000, NOON)
    assert await purse(store, bound).read(["1"], NOON) is None


async def test_nothing_that_is_kept_names_a_member_or_a_post_and_all_of_it_ends(store: Store) -> None:
    await purse(store).post("abcdefgh:s1:x", 2000, NOON)
    await purse(store).read(["1795262400"], NOON)
    found = [key async for key in store.redis.scan_iter(match="*")]
    assert len(found) == 2
    for key in found:
        assert key.startswith(f"{{{TEAM}}}"), "one script touches both, also on a cluster"
        assert 0 < await store.redis.pttl(key) <= 70 * 86400 * 1000
    month, day = sorted(found, reverse=True)
    kept = f"{found} {await store.redis.hgetall(month)} {await store.redis.smembers(day)}"
    assert "abcdefgh" not in kept
    assert "1795262400" not in kept


_WORKER = """
import asyncio, sys
from grapevine.domain.money import Prices
from grapevine.store import Store
from grapevine.store.spending import Purse

async def main(url, team, who, now):
    store = Store.open(url)
    purse = Purse(store.spending, team, "x", Prices(150, 2000, 50, 100), 7 * 2000 + 1999)
    await store.redis.ping()
    print("ready", flush=True)
    sys.stdin.readline()
    tries = (purse.post(f"{who}:{n}", 2000, float(now)) for n in range(20))
    print(sum(await asyncio.gather(*tries)), flush=True)
    await store.close()

asyncio.run(main(*sys.argv[1:]))
"""


async def test_workers_in_several_processes_never_spend_the_last_share_twice(store: Store, redis_url: str) -> None:
    """Three processes want 60 shares at once, and the budget has room for seven."""
    pipe = asyncio.subprocess.PIPE
    crew = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", _WORKER, redis_url, TEAM, str(number), str(NOON)), stdin=pipe, stdout=pipe, cwd=ROOT
        )
        for number in range(3)
    ]
    for worker in crew:
        assert worker.stdout is not None
        assert await worker.stdout.readline() == b"ready\n"
    got = await asyncio.gather(*(worker.communicate(b"go\n") for worker in crew))
    assert sum(int(said) for said, _ in got) == 7
    assert await purse(store).spent(NOON) == 7 * 2000
