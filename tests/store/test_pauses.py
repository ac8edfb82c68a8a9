"""Pauses that every worker obeys: of one account, and of a whole network."""

import pytest

from grapevine.domain.budgets import DAY, Use
from grapevine.domain.errors import Throttled, TryLater
from grapevine.store import Store
from tests.people import NOON

BEA, CY = "linkedin:7", "linkedin:8"


async def test_a_pause_ends_by_itself(store: Store) -> None:
    await store.pauses.account(BEA, 30, NOON)
    assert 29 < await store.pauses.left(BEA) <= 30
    assert await store.pauses.left(CY) == 0
    await store.pauses.account(CY, 0.001, NOON)
    assert await store.pauses.left(CY) <= 0.001


async def test_a_longer_pause_is_not_cut_short_by_who_was_told_a_shorter_one(store: Store) -> None:
    await store.pauses.account(BEA, 3600, NOON)
    await store.pauses.account(BEA, 5, NOON)
    assert await store.pauses.left(BEA) > 3590
    assert await store.pauses.accounts(NOON + 60) == {"linkedin": 1}


async def test_a_pause_of_the_network_holds_for_every_account_and_the_longer_one_counts(store: Store) -> None:
    await store.pauses.network("linkedin", 60)
    await store.pauses.network("linkedin", 5)
    assert 59 < await store.pauses.left(BEA) <= 60
    assert await store.pauses.left("x:7") == 0
    await store.pauses.account(CY, 90, NOON)
    assert 89 < await store.pauses.left(CY) <= 90


async def test_how_many_are_paused_is_known_and_who_is_not(store: Store) -> None:
    await store.pauses.account(BEA, 30, NOON)
    await store.pauses.account(BEA, 60, NOON)
    await store.pauses.account(CY, 30, NOON)
    assert await store.pauses.accounts(NOON) == {"linkedin": 2}
    assert await store.pauses.accounts(NOON + 45) == {"linkedin": 1}
    await store.pauses.account("x:1", 60, NOON + 100)
    assert await store.pauses.accounts(NOON) == {"x": 1}


async def test_a_limit_that_does_not_say_when_it_ends_is_waited_out_longer_each_time_until_midnight(
    store: Store,
) -> None:
    waited = [await store.pauses.strike(BEA, 900, NOON) for _ in range(8)]
    assert waited == [900, 1800, 3600, 7200, 14400, 28800, DAY / 2, DAY / 2]
    assert await store.pauses.of_network("linkedin") == 0


async def test_when_a_second_account_is_struck_it_is_the_apps_limit(store: Store) -> None:
    await store.pauses.strike(BEA, 900, NOON)
    assert await store.pauses.strike(CY, 900, NOON) == 900
    assert await store.pauses.of_network("linkedin") == pytest.approx(900, abs=1)
    assert await store.pauses.strike(BEA, 900, NOON) == 1800
    assert await store.pauses.left("linkedin:9") == pytest.approx(1800, abs=1)
    assert await store.pauses.of_network("x") == 0


async def test_of_two_accounts_that_may_not_post_nothing_is_concluded_for_a_third(store: Store) -> None:
    for account in (BEA, CY):
        assert await store.pauses.strike(account, 900, NOON, Use.POSTING) == 900
    assert await store.pauses.left("linkedin:9", Use.POSTING) == 0
    assert await store.pauses.left(BEA, Use.POSTING) == pytest.approx(900, abs=1)


async def test_a_pause_holds_for_the_calls_that_were_meant_and_the_longest_of_several_counts(store: Store) -> None:
    await store.pauses.account(BEA, 60, NOON, Use.UPLOADING)
    await store.pauses.network("linkedin", 30, Use.POSTING)
    assert await store.pauses.left(BEA) == 0
    assert await store.pauses.left(BEA, Use.POSTING) == pytest.approx(30, abs=1)
    assert await store.pauses.left(BEA, Use.POSTING, Use.UPLOADING) == pytest.approx(60, abs=1)
    assert await store.pauses.of_network("linkedin") == 0
    assert await store.pauses.of_network("linkedin", *Use) == pytest.approx(30, abs=1)


async def test_what_a_network_asked_for_is_obeyed_by_those_it_was_said_to(store: Store) -> None:
    said = Throttled("Wait.", 60)
    await store.pauses.obey(said, "linkedin", NOON, use=Use.POSTING, account=BEA)
    assert (await store.pauses.left(BEA, Use.POSTING) > 59, await store.pauses.left(BEA)) == (True, 0)
    said = Throttled("Wait.", 60, whole_app=True, uses=Use)
    await store.pauses.obey(said, "facebook", NOON)  # while somebody connects: no account is known yet
    assert all([await store.pauses.of_network("facebook", use) > 59 for use in Use])
    for unknown in (Throttled("Wait.", 60), Throttled("Wait.", 60, uses=Use), TryLater("Down.", 60)):
        await store.pauses.obey(unknown, "x", NOON)
    assert await store.pauses.of_network("x", *Use) == 0
    await store.pauses.obey(TryLater("Down.", 60), "x", NOON, use=Use.READING, account="x:1")
    await store.pauses.obey(TryLater("Down."), "x", NOON, use=Use.READING, account="x:2")
    assert (await store.pauses.left("x:1") > 59, await store.pauses.left("x:2")) == (True, 0)
    await store.pauses.obey(TryLater("The video is not ready.", 30), "x", NOON, use=Use.POSTING, account="x:3")
    assert await store.pauses.left("x:3", *Use) == 0


async def test_nothing_is_left_of_an_account_that_is_forgotten(store: Store) -> None:
    for use in Use:
        await store.pauses.strike(BEA, 900, NOON, use)
    await store.pauses.forget(BEA)
    assert [key async for key in store.redis.scan_iter(match="*")] == []


async def test_who_runs_grapevine_lifts_the_pauses_of_one_network_and_of_no_other(store: Store) -> None:
    await store.pauses.network("linkedin", 60, Use.POSTING)
    await store.pauses.strike(BEA, 900, NOON)
    await store.pauses.account("linkedinish:7", 60, NOON)
    assert await store.pauses.lift("linkedin")
    assert (await store.pauses.left(BEA, *Use), await store.pauses.left(CY, *Use)) == (0, 0)
    assert await store.pauses.accounts(NOON) == {"linkedinish": 1}
    assert await store.pauses.strike(BEA, 900, NOON) == 900  # as if it were the first
    assert not await store.pauses.lift("x")
    assert await store.pauses.left("linkedinish:7") > 0
