"""Budgets, cadences, pauses and progress on a cluster, where a member's keys and everybody's lie on different nodes."""

from collections.abc import Awaitable, Callable

import pytest

from grapevine.domain.budgets import Cadence
from grapevine.store import Store
from tests.people import BEA, NOON
from tests.store import test_budgets, test_pauses

CHECKS: list[Callable[[Store], Awaitable[None]]] = [
    test_budgets.test_a_budget_is_never_exceeded_however_many_take_from_it_at_once,
    test_budgets.test_the_apps_budget_binds_all_accounts_and_a_refusal_costs_nobody_anything,
    test_budgets.test_what_was_not_used_is_given_back_to_its_own_day,
    test_pauses.test_a_pause_of_the_network_holds_for_every_account_and_the_longer_one_counts,
    test_pauses.test_when_a_second_account_is_struck_it_is_the_apps_limit,
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_it_holds_on_a_cluster(clustered: Store, check: Callable[[Store], Awaitable[None]]) -> None:
    await check(clustered)


async def test_what_is_known_of_many_members_is_read_in_few_trips(clustered: Store) -> None:
    member = await BEA.joins(clustered)
    await clustered.cadences.note("linkedin", Cadence(1, 3, extras=False), {member.id: Cadence(2, 2, extras=False)})
    assert await clustered.cadences.of("linkedin", member.id) == Cadence(2, 3, extras=False)
    assert await clustered.reactions.many([(member.id, "a", "x"), ("somebody", "b", "x")]) == [None, None]
    await clustered.progress.read("x", 3, NOON)
    assert (await clustered.progress.reads(NOON), await clustered.progress.reads()) == ({"x": 3}, {"x": 3})
    assert (await clustered.progress.due(NOON))["reactions"] == (0, 0)
