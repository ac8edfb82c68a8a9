"""Budgets: taken before the use, shared by all, never exceeded, given back where nothing was used."""

import asyncio

from grapevine.domain.budgets import DAY, Quota, Rank, span
from grapevine.store import Store
from grapevine.store.budgets import Calls
from tests.people import NOON

TODAY, TOMORROW = span(NOON, DAY), span(NOON + DAY, DAY)
QUOTA = Quota(per_account=100, per_app=200, calls=3)


async def test_a_budget_is_never_exceeded_however_many_take_from_it_at_once(store: Store) -> None:
    taken = await asyncio.gather(*(store.budgets.take("linkedin", 3, 100, NOON, TODAY) for _ in range(60)))
    assert taken.count(True) == 33
    assert await store.budgets.used("linkedin", TODAY) == 99
    assert await store.budgets.take("linkedin", 1, 100, NOON, TODAY)
    assert not await store.budgets.take("linkedin", 1, 100, NOON, TODAY)


async def test_each_day_has_a_budget_of_its_own_and_is_forgotten_after_it(store: Store) -> None:
    assert await store.budgets.take("linkedin", 5, 5, NOON, TODAY)
    assert await store.budgets.take("linkedin", 5, 5, NOON + DAY, TOMORROW)
    [key, _] = sorted([key async for key in store.redis.scan_iter(match="q:*")])
    assert DAY / 2 < await store.redis.pttl(key) / 1000 <= DAY / 2 + 3600


async def test_what_a_member_does_is_counted_and_never_refused(store: Store) -> None:
    calls = Calls(store.budgets, "linkedin", QUOTA, "linkedin:bea")
    for _ in range(120):
        assert await calls.take(1, Rank.ACT, NOON) == TODAY
    assert await calls.take(1, Rank.CLOSING, NOON) is None
    assert await calls.left(Rank.ORDINARY, NOON) == 0


async def test_reading_leaves_a_part_to_closing_reads_and_these_leave_one_to_members(store: Store) -> None:
    calls = Calls(store.budgets, "linkedin", QUOTA, "linkedin:bea")
    assert await calls.left(Rank.ORDINARY, NOON) == 90
    assert await calls.take(90, Rank.ORDINARY, NOON)
    assert await calls.take(1, Rank.ORDINARY, NOON) is None
    assert await calls.take(5, Rank.CLOSING, NOON)
    assert await calls.take(1, Rank.CLOSING, NOON) is None


async def test_the_apps_budget_binds_all_accounts_and_a_refusal_costs_nobody_anything(store: Store) -> None:
    bea = Calls(store.budgets, "linkedin", QUOTA, "linkedin:bea")
    cy = Calls(store.budgets, "linkedin", QUOTA, "linkedin:cy")
    dora = Calls(store.budgets, "linkedin", QUOTA, "linkedin:dora")
    assert await bea.take(90, Rank.ORDINARY, NOON)
    assert await cy.take(89, Rank.ORDINARY, NOON)
    assert await dora.take(2, Rank.ORDINARY, NOON) is None
    assert await dora.left(Rank.ORDINARY, NOON) == 1
    assert await store.budgets.used("linkedin", TODAY, "linkedin:dora") == 0


async def test_what_was_not_used_is_given_back_to_its_own_day(store: Store) -> None:
    calls = Calls(store.budgets, "linkedin", QUOTA, "linkedin:bea")
    taken = await calls.take(3, Rank.ORDINARY, NOON)
    assert taken is not None
    await calls.give_back(2, taken)
    assert await calls.left(Rank.ORDINARY, NOON) == 89
    await calls.give_back(2, TOMORROW)
    assert await store.budgets.used("linkedin", TOMORROW) == 0


async def test_without_a_bound_everything_is_granted_and_counted(store: Store) -> None:
    calls = Calls(store.budgets, "linkedin", Quota(), "linkedin:bea")
    assert await calls.take(10_000, Rank.ORDINARY, NOON)
    assert await calls.left(Rank.ORDINARY, NOON) is None
    assert await store.budgets.used("linkedin", TODAY) == 10_000
