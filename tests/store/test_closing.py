"""Closing a share for clicks, against crashes and amid clicks (rule 9)."""

import asyncio
import random

import pytest

from grapevine.domain.clicks import Row
from grapevine.store import Store, keys
from tests.people import NOON
from tests.store.clicks import Writer, a_share, strangers, tags_of, visit


async def test_closing_one_share_leaves_the_others_alone(store: Store) -> None:
    bea = await a_share(store)
    for sid in ("abcdeg", "abcde"):
        await a_share(store, sid)
        await Writer(store.clicks, bea, sid=sid).settle(*(visit(tag, source=1) for tag in range(50)))
    await Writer(store.clicks, bea).settle(visit(1))
    await store.clicks.close(bea.id, "abcdef")
    for sid in ("abcdeg", "abcde"):
        assert await Writer(store.clicks, bea, "other", sid=sid).settle(visit(1), visit(99)) == (Row.REPEAT, Row.UNIQUE)
        assert await store.redis.get(keys.cap(bea.id, sid, 1, int(NOON // 3600))) == "50"


@pytest.mark.parametrize("unlinked", [0, 1, 2, 3])
async def test_a_closing_that_a_crash_cut_short_is_finished_by_the_next(
    store: Store, monkeypatch: pytest.MonkeyPatch, unlinked: int
) -> None:
    bea = await a_share(store)
    await Writer(store.clicks, bea).settle(*(visit(tag, source=0) for tag in strangers(random.Random(9), 60)))
    store.clicks._cap = 10**6
    for start in range(0, 12_000, 500):
        await Writer(store.clicks, bea, f"w{start}").settle(
            *(visit(tag, source=0) for tag in strangers(random.Random(start), 500))
        )
    unlink, calls = store.redis.unlink, 0

    async def cut(*names: str) -> int:
        nonlocal calls
        done = 0
        for name in names:
            if (calls := calls + 1) > unlinked * 7:
                raise ConnectionError
            done += await unlink(name)
        return done

    monkeypatch.setattr(store.redis, "unlink", cut)
    with pytest.raises(ConnectionError):
        await store.clicks.close(bea.id, "abcdef")
    assert await tags_of(store, bea)
    monkeypatch.undo()
    assert not await store.clicks.close(bea.id, "abcdef")
    assert await tags_of(store, bea) == []
    assert (await store.shares.receipt(bea.id, "abcdef")).unique == 12_060


async def test_closing_what_is_gone_brings_nothing_back(store: Store) -> None:
    assert not await store.clicks.close("nobody22", "abcdef")
    assert [name async for name in store.redis.scan_iter("*")] == []


async def test_closing_amid_clicks_leaves_no_visitor_and_loses_no_number(store: Store, redis_url: str) -> None:
    """Four writers, each click from one address of a few, so that addresses are remembered too."""
    bea = await a_share(store)
    stores = [Store.open(redis_url) for _ in range(4)]
    settled, amid = 0, asyncio.Event()

    async def write(number: int, own: Store) -> int:
        nonlocal settled
        writer, chance, found = Writer(own.clicks, bea, f"writer{number}"), random.Random(number), 0
        while True:
            rows = await writer.settle(*(visit(tag, source=tag % 40) for tag in strangers(chance, 20)))
            found += rows.count(Row.UNIQUE)
            if (settled := settled + 1) == 120:
                amid.set()
            if None in rows:
                assert set(rows) == {None}  # a batch is wholly before the closing or wholly after
                return found

    writers = [asyncio.create_task(write(*pair)) for pair in enumerate(stores)]
    await amid.wait()
    await store.clicks.close(bea.id, "abcdef")
    uniques = await asyncio.gather(*writers)
    assert await tags_of(store, bea) == []
    assert [name async for name in store.redis.scan_iter(f"{keys.caps(bea.id, 'abcdef')}*")] == []
    assert (await store.shares.receipt(bea.id, "abcdef")).unique == sum(uniques) > 0
    for one in stores:
        await one.close()
