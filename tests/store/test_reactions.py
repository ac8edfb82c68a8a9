"""Windows of reactions in a real Redis, with its own clock: windows are short here, and waited for."""

import time
from collections.abc import AsyncIterator

import pytest

from grapevine.domain.reactions import Counts
from grapevine.store import Store, keys
from tests.waiting import eventually

MID, SID, NET = "abcdefgh", "abc123", "x"
WINDOW = 0.6


@pytest.fixture
async def store(store: Store) -> Store:
    """The store with a share in it."""
    await store.redis.set(keys.share(MID, SID), "{}")
    return store


@pytest.fixture
async def short(redis_url: str) -> AsyncIterator[Store]:
    store = Store.open(redis_url, window=WINDOW, interval=WINDOW / 10)
    await store.redis.set(keys.share(MID, SID), "{}")
    yield store
    await store.close()


async def until_over(store: Store) -> None:
    async def over() -> bool:
        return not await store.redis.exists(keys.window(MID, SID, NET))

    await eventually(over)


async def left(store: Store) -> float:
    return await store.redis.pttl(keys.window(MID, SID, NET)) / 1000


async def due(store: Store) -> list[tuple[str, str, str]]:
    return await store.reactions.due(float("inf"))


async def test_a_new_reaction_sets_the_window_anew_and_does_not_add_to_what_is_left(store: Store) -> None:
    day = 86400.0
    shared = float(int(time.time()))
    await store.reactions.open(MID, SID, NET, shared)
    assert await left(store) == pytest.approx(14 * day, abs=5)
    assert await store.reactions.take(MID, SID, NET, Counts(1, 0, 0), shared + 5 * day) == "gathering"
    known = await store.reactions.get(MID, SID, NET)
    assert known is not None
    assert known.ends == pytest.approx(shared + 19 * day, abs=1)
    assert await left(store) == pytest.approx(14 * day, abs=5)
    assert await store.reactions.take(MID, SID, NET, Counts(1, 1, 0), shared + 16 * day) == "gathering"
    known = await store.reactions.get(MID, SID, NET)
    assert known is not None
    assert known.ends == pytest.approx(shared + 30 * day, abs=1)


@pytest.mark.parametrize("before", [Counts(2, 2, 2)])
@pytest.mark.parametrize("after", [Counts(3, 0, 0), Counts(0, 3, 0), Counts(0, 0, 3)])
async def test_a_rise_of_any_of_the_three_is_a_new_reaction(store: Store, before: Counts, after: Counts) -> None:
    now = float(int(time.time()))
    await store.reactions.open(MID, SID, NET, now)
    await store.reactions.take(MID, SID, NET, before, now + 10)
    await store.reactions.take(MID, SID, NET, after, now + 1000)
    known = await store.reactions.get(MID, SID, NET)
    assert known is not None
    assert known.counts == after
    assert known.ends == pytest.approx(now + 1000 + 14 * 86400)


async def test_a_fall_is_shown_as_it_is_and_extends_nothing(store: Store) -> None:
    now = float(int(time.time()))
    await store.reactions.open(MID, SID, NET, now)
    await store.reactions.take(MID, SID, NET, Counts(5, 1, 1), now + 10)
    await store.redis.pexpire(keys.window(MID, SID, NET), 100_000)
    await store.reactions.take(MID, SID, NET, Counts(4, 1, 1), now + 1000)
    known = await store.reactions.get(MID, SID, NET)
    assert known is not None
    assert known.counts == Counts(4, 1, 1)
    assert known.ends == pytest.approx(now + 10 + 14 * 86400)
    assert await left(store) <= 100
    assert sum((await store.insights.by_day(MID, now + 1000, 2)).reactions) == 6


async def test_a_window_that_was_read_in_its_last_hours_closes_without_another_call(short: Store) -> None:
    now = float(int(time.time()))
    await short.reactions.open(MID, SID, NET, now)
    assert not await short.reactions.close_if_over(MID, SID, NET, now)
    last = now + WINDOW - WINDOW / 200
    assert await short.reactions.take(MID, SID, NET, Counts(0, 0, 0), last) == "gathering"
    await until_over(short)
    assert await short.reactions.close_if_over(MID, SID, NET, now + WINDOW)
    known = await short.reactions.get(MID, SID, NET)
    assert known is not None
    assert (known.closed, known.counts) == (now + WINDOW, Counts(0, 0, 0))
    assert await due(short) == []


async def test_after_the_last_read_the_next_look_comes_when_the_window_is_over_for_sure(store: Store) -> None:
    now = float(int(time.time()))
    await store.reactions.open(MID, SID, NET, now)
    ends = now + 14 * 86400
    await store.reactions.take(MID, SID, NET, Counts(0, 0, 0), ends - 3600)
    assert await store.redis.zscore(keys.DUE_REACTIONS, f"{MID}:{SID}:{NET}") == ends + 60
    await store.reactions.take(MID, SID, NET, Counts(0, 0, 0), ends + 60)  # its clock is late: the key still lives
    assert await store.redis.zscore(keys.DUE_REACTIONS, f"{MID}:{SID}:{NET}") == ends + 120


async def test_after_an_outage_one_closing_read_is_taken_and_then_the_counts_are_frozen(short: Store) -> None:
    now = float(int(time.time()))
    await short.reactions.open(MID, SID, NET, now)
    await until_over(short)
    assert not await short.reactions.close_if_over(MID, SID, NET, now + 100)  # never read at last: read it once more
    assert await short.reactions.take(MID, SID, NET, Counts(7, 0, 0), now + 100) == "closed"
    assert await short.reactions.take(MID, SID, NET, Counts(9, 0, 0), now + 200) == "frozen"
    known = await short.reactions.get(MID, SID, NET)
    assert known is not None
    assert (known.counts, known.closed) == (Counts(7, 0, 0), now + 100)
    assert not await short.redis.exists(keys.window(MID, SID, NET))
    assert await due(short) == []


async def test_a_closing_read_that_brings_no_counts_closes_with_the_reason(short: Store) -> None:
    now = float(int(time.time()))
    await short.reactions.open(MID, SID, NET, now)
    await short.reactions.take(MID, SID, NET, Counts(2, 0, 0), now)
    await until_over(short)
    await short.reactions.unavailable(MID, SID, NET, "The post is gone from X.", now + 9, again=5)
    known = await short.reactions.get(MID, SID, NET)
    assert known is not None
    assert (known.counts, known.closed, known.reason) == (Counts(2, 0, 0), now + 9, "The post is gone from X.")
    assert await due(short) == []


async def test_what_is_not_available_is_asked_for_again_and_its_reason_goes_when_it_comes(store: Store) -> None:
    now = float(int(time.time()))
    await store.reactions.open(MID, SID, NET, now)
    await store.reactions.unavailable(MID, SID, NET, "X does not tell.", now, again=5)
    known = await store.reactions.get(MID, SID, NET)
    assert known is not None
    assert (known.counts, known.reason, known.closed) == (None, "X does not tell.", None)
    assert await store.reactions.due(now + 4) == []
    assert await store.reactions.due(now + 5) == [(MID, SID, NET)]
    await store.reactions.take(MID, SID, NET, Counts(1, 0, 0), now + 5)
    known = await store.reactions.get(MID, SID, NET)
    assert known is not None
    assert (known.counts, known.reason) == (Counts(1, 0, 0), "")


async def test_opening_twice_changes_nothing(store: Store) -> None:
    now = float(int(time.time()))
    await store.reactions.open(MID, SID, NET, now)
    await store.reactions.take(MID, SID, NET, Counts(1, 0, 0), now + 50)
    before = await store.reactions.get(MID, SID, NET)
    assert before is not None
    assert before.counts == Counts(1, 0, 0)
    await store.reactions.open(MID, SID, NET, now + 100)
    assert await store.reactions.get(MID, SID, NET) == before


async def test_a_window_that_lapses_while_nobody_can_read_closes(short: Store) -> None:
    now = float(int(time.time()))
    await short.reactions.open(MID, SID, NET, now)
    assert not await short.reactions.lapse(MID, SID, NET, now)
    await until_over(short)
    assert await short.reactions.lapse(MID, SID, NET, now + WINDOW)
    assert await short.reactions.take(MID, SID, NET, Counts(1, 0, 0), now + 2) == "frozen"


async def test_placements_of_one_account_are_read_at_one_moment_and_each_within_every_interval(store: Store) -> None:
    now = float(int(time.time()))
    moments = set()
    for sid in ("aaaaaa", "bbbbbb", "cccccc"):
        await store.redis.set(keys.share(MID, sid), "{}")
        await store.reactions.open(MID, sid, NET, now)
        moments.add(await store.redis.zscore(keys.DUE_REACTIONS, f"{MID}:{sid}:{NET}"))
    (moment,) = moments
    assert moment is not None
    assert now < moment <= now + 86400
    await store.redis.set(keys.share("otherone", SID), "{}")
    await store.reactions.open("otherone", SID, NET, now)
    assert await store.redis.zscore(keys.DUE_REACTIONS, f"otherone:{SID}:{NET}") != moment


async def test_what_is_never_read_says_why_and_is_never_due(store: Store) -> None:
    await store.reactions.cannot(MID, SID, NET, "Only apps with a permission are told.")
    known = await store.reactions.get(MID, SID, NET)
    assert known is not None
    assert (known.reason, known.ends, known.closed) == ("Only apps with a permission are told.", None, None)
    assert await due(store) == []
    assert await store.reactions.close_if_over(MID, SID, NET, 1.0)


async def test_what_was_erased_does_not_come_back_with_a_publication_that_was_under_way(store: Store) -> None:
    """Rule 23."""
    await store.redis.delete(keys.share(MID, SID))
    await store.reactions.open(MID, SID, NET, time.time())
    await store.reactions.cannot(MID, SID, NET, "LinkedIn does not tell this app.")
    assert await store.redis.execute_command("KEYS", f"{{{MID}}}*") == []
    assert await due(store) == []


async def test_reshares_that_are_not_told_neither_rise_nor_fall_and_are_no_zero(store: Store) -> None:
    now = time.time()
    await store.reactions.open(MID, SID, NET, now)

    async def after(counts: Counts) -> tuple[Counts | None, int]:
        await store.reactions.take(MID, SID, NET, counts, now)
        known = await store.reactions.get(MID, SID, NET)
        assert known is not None
        return known.counts, sum(map(int, (await store.redis.hgetall(keys.reaction_days(MID))).values()))

    assert await after(Counts(1, 0, None)) == (Counts(1, 0, None), 1)
    assert await after(Counts(1, 0, 2)) == (Counts(1, 0, 2), 3)
    assert await after(Counts(2, 0, None)) == (Counts(2, 0, None), 4)
    assert await after(Counts(2, 0, None)) == (Counts(2, 0, None), 4)
    assert await after(Counts(2, 0, 3)) == (Counts(2, 0, 3), 5)
