"""Digests: every new click is told once, or seen on Home; none is lost, whoever dies."""

import asyncio
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grapevine.domain.members import Member
from grapevine.store import Store, keys
from tests.people import BEA, NOON
from tests.store.full import a_share, account, clicked, pending


async def bea_shares(store: Store) -> Member:
    bea = await BEA.joins(store)
    await store.accounts.connect(bea, account(BEA), "token")
    for sid in ("abcdef", "ghijkm"):
        share = a_share(bea, sid)
        await store.shares.make(share, pending(share), NOON)
    return bea


async def test_what_was_confirmed_is_not_told_again(store: Store) -> None:
    bea = await bea_shares(store)
    await clicked(store, bea, "abcdef", 1, 2)
    await clicked(store, bea, "ghijkm", 1, 1)
    assert await store.digests.last(bea.id) == 0
    assert await store.digests.take(bea.id, NOON, 900) == {"abcdef": 2, "ghijkm": 1}
    await store.digests.confirm(bea.id)
    await store.digests.confirm(bea.id)
    assert await store.digests.last(bea.id) == NOON
    assert await store.digests.take(bea.id, NOON + 901, 900) == {}
    assert await store.digests.last(bea.id) == NOON  # nothing was told


async def test_a_click_that_comes_while_its_member_is_told_is_told_next(store: Store) -> None:
    bea = await bea_shares(store)
    await clicked(store, bea, "abcdef", 1, 2)
    assert await store.digests.take(bea.id, NOON, 900) == {"abcdef": 2}
    await clicked(store, bea, "abcdef", 2, 1)
    await store.digests.confirm(bea.id)
    assert await store.digests.take(bea.id, NOON + 900, 900) == {"abcdef": 1}


async def test_there_is_at_most_one_an_interval(store: Store) -> None:
    bea = await bea_shares(store)
    await clicked(store, bea, "abcdef", 1, 2)
    await store.digests.take(bea.id, NOON, 900)
    await store.digests.confirm(bea.id)
    await clicked(store, bea, "abcdef", 2, 1)
    assert await store.digests.take(bea.id, NOON + 899.9, 900) == {}
    assert await store.digests.take(bea.id, NOON + 900, 900) == {"abcdef": 1}
    await clicked(store, bea, "abcdef", 3, 1)
    assert await store.digests.take(bea.id, NOON + 900, 0) == {"abcdef": 2}  # not confirmed, and at once


async def test_what_a_dead_teller_took_is_told_with_what_has_come_since(store: Store) -> None:
    bea = await bea_shares(store)
    await clicked(store, bea, "abcdef", 1, 2)
    await store.digests.take(bea.id, NOON, 900)  # and dies
    await clicked(store, bea, "abcdef", 2, 1)
    await clicked(store, bea, "ghijkm", 1, 4)
    assert await store.digests.take(bea.id, NOON + 1, 900) == {}
    assert await store.digests.take(bea.id, NOON + 900, 900) == {"abcdef": 3, "ghijkm": 4}
    await store.digests.confirm(bea.id)
    assert await store.digests.take(bea.id, NOON + 1800, 900) == {}


async def test_what_was_seen_on_home_is_not_announced(store: Store) -> None:
    bea = await bea_shares(store)
    await clicked(store, bea, "abcdef", 1, 2)
    await store.digests.seen(bea.id)
    assert await store.digests.take(bea.id, NOON, 900) == {}
    await clicked(store, bea, "abcdef", 2, 1)
    await store.digests.take(bea.id, NOON, 900)  # and dies; what was pending is seen as well
    await store.digests.seen(bea.id)
    await clicked(store, bea, "abcdef", 3, 5)
    assert await store.digests.take(bea.id, NOON + 900, 900) == {"abcdef": 5}
    await store.digests.seen(bea.id)  # between take and confirm
    await store.digests.confirm(bea.id)
    assert await store.digests.take(bea.id, NOON + 1800, 900) == {}


async def test_seeing_what_is_not_there_makes_no_key(store: Store) -> None:
    await store.digests.seen("nobodyyy")
    assert await store.digests.take("nobodyyy", NOON, 0) == {}
    assert [key async for key in store.redis.scan_iter(match="*")] == []


async def test_a_hint_names_a_member_from_their_first_new_click_on(store: Store) -> None:
    bea = await bea_shares(store)
    assert await store.digests.due(NOON) == []
    await clicked(store, bea, "abcdef", 1, 1)
    assert await store.digests.due(NOON) == [bea.id]
    await store.digests.later(bea.id, NOON + 60)
    assert await store.digests.due(NOON + 59) == []
    await store.digests.hint(bea.id, NOON + 90)  # no later than planned
    assert await store.digests.due(NOON + 60) == [bea.id]
    await store.digests.hint(bea.id, NOON + 30)
    assert await store.digests.due(NOON + 30) == [bea.id]
    await store.digests.done(bea.id)
    assert await store.digests.due(NOON + 1e9) == []


async def test_a_hint_is_used_up_unless_a_click_came_meanwhile(store: Store) -> None:
    bea = await bea_shares(store)
    again = NOON + 300.123456789
    await store.digests.later(bea.id, again)
    await clicked(store, bea, "abcdef", 1, 1)
    await store.digests.done(bea.id, again)
    assert await store.digests.due(NOON) == [bea.id]
    await store.digests.later(bea.id, again)
    await store.digests.done(bea.id, again)
    assert await store.digests.due(NOON + 1e9) == []


async def test_clicks_tellers_and_home_at_once_lose_and_double_nothing(store: Store) -> None:
    """What was told and confirmed adds up to the clicks, however the tellings lie between them."""
    bea = await bea_shares(store)
    told = 0
    clicking = asyncio.gather(*(clicked(store, bea, "abcdef", number, 5) for number in range(1, 41)))
    now = NOON
    while not clicking.done() or told < await unique(store, bea):
        now += 1
        told += sum((await store.digests.take(bea.id, now, 1)).values())
        await store.digests.confirm(bea.id)
        await asyncio.sleep(0)
    assert told == await unique(store, bea) > 0


async def unique(store: Store, bea: Member) -> int:
    return (await store.shares.receipt(bea.id, "abcdef")).unique


STEPS = st.lists(st.sampled_from(["click", "take", "confirm", "die", "seen", "early"]), max_size=25)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
async def test_any_order_of_events_tells_each_click_as_a_model_says(store: Store, steps: list[str]) -> None:
    await store.redis.execute_command("FLUSHALL")
    news, pending_, now, number = 0, 0, NOON, count(1)
    for step in steps:
        if step == "click":
            await store.redis.hincrby(keys.news("bea"), f"s{next(number) % 2}", 1)
            news += 1
        elif step == "take":
            now += 900
            told = sum((await store.digests.take("bea", now, 900)).values())
            assert told == news + pending_
            news, pending_ = 0, told
        elif step == "early":
            at = await store.digests.last("bea")
            assert at == 0 or await store.digests.take("bea", at + 899, 900) == {}
        elif step == "confirm":
            await store.digests.confirm("bea")
            pending_ = 0
        elif step == "seen":
            await store.digests.seen("bea")
            news = pending_ = 0
    assert sum((await store.digests.take("bea", now + 900, 900)).values()) == news + pending_


async def test_what_home_could_not_show_after_all_is_told(store: Store) -> None:
    bea = await bea_shares(store)
    await clicked(store, bea, "abcdef", 1, 2)
    news = await store.digests.seen(bea.id)
    assert news == {"abcdef": 2}
    await clicked(store, bea, "abcdef", 2, 1)  # while Home is being made
    await store.digests.done(bea.id)
    await store.digests.unseen(bea.id, news, NOON)
    assert await store.digests.due(NOON) == [bea.id]
    assert await store.digests.take(bea.id, NOON, 900) == {"abcdef": 3}
