"""Addresses that bring many new visitors are watched in Redis, and no others."""

import asyncio
import random

from grapevine.domain.clicks import Row
from grapevine.store import Store, keys
from grapevine.store.clicks import Clicks
from grapevine.store.newcomers import HOUR, QUIET, Newcomers
from tests.people import NOON
from tests.store.clicks import Writer, a_share, strangers, visit


async def watched(store: Store, member: str) -> list[str]:
    return [name async for name in store.redis.scan_iter(f"{keys.caps(member, 'abcdef')}*")]


async def test_an_address_is_watched_after_ten_new_visitors_within_the_hour(store: Store) -> None:
    bea = await a_share(store)
    writer = Writer(store.clicks, bea)
    for tag in range(QUIET):
        assert await writer.settle(visit(tag, source=7), visit(tag, source=7)) == (Row.UNIQUE, Row.REPEAT)
    assert await watched(store, bea.id) == []
    await writer.settle(visit(QUIET, source=7))
    assert await store.redis.get(keys.cap(bea.id, "abcdef", 7, int(NOON // HOUR))) == str(QUIET + 1)
    await writer.settle(*(visit(tag, source=7) for tag in range(20, 30)))
    assert await store.redis.get(keys.cap(bea.id, "abcdef", 7, int(NOON // HOUR))) == str(QUIET + 11)


async def test_one_process_caps_exactly_however_the_clicks_come(store: Store) -> None:
    chance = random.Random(5)
    for number, most in enumerate((1, 3, 9, 10, 11, 100)):
        bea = await a_share(store, f"share{number}")
        writer = Writer(Clicks(store.redis, visitor_cap=most), bea, sid=f"share{number}")
        rows: list[Row | None] = []
        tags = strangers(chance, 150)
        while tags:
            size = chance.randint(1, 12)
            piece, tags = tags[:size], tags[size:]
            rows += await writer.settle(*(visit(tag, source=number) for tag in piece))
        assert rows == [Row.UNIQUE] * most + [Row.CAPPED] * (150 - most)


async def test_several_processes_let_in_ten_more_each_at_the_most(store: Store, redis_url: str) -> None:
    bea = await a_share(store)
    stores = [Store.open(redis_url) for _ in range(4)]

    async def write(number: int, own: Store) -> list[Row | None]:
        writer, rows = Writer(own.clicks, bea, f"writer{number}"), list[Row | None]()
        for tag in range(100):
            rows += await writer.settle(visit(number * 1000 + tag, source=7))
        return rows

    rows = [row for some in await asyncio.gather(*(write(*pair) for pair in enumerate(stores))) for row in some]
    assert 100 <= rows.count(Row.UNIQUE) <= 100 + 3 * QUIET
    for one in stores:
        await one.close()


async def test_the_hour_over_nobody_is_remembered(store: Store) -> None:
    newcomers = Newcomers()
    visits = [visit(tag, source=7) for tag in range(QUIET)]
    newcomers.came(visits, newcomers.watched(visits), "u" * QUIET)
    assert newcomers.watched([visit(99, source=7, at=NOON + 3599)]) == [QUIET]
    assert newcomers.watched([visit(99, source=7, at=NOON + 3600)]) == [None]


def test_a_crowd_of_addresses_is_counted_too_high_rather_than_too_low() -> None:
    newcomers, chance = Newcomers(), random.Random(3)
    mine = chance.getrandbits(64) - 2**63
    told: list[int | None] = []
    for number in range(20_000):
        one = visit(number, source=chance.getrandbits(64) - 2**63)
        newcomers.came([one], newcomers.watched([one]), "u")
        if number % 1000 == 0:
            own = visit(-number, source=mine)
            told += newcomers.watched([own])
            newcomers.came([own], told[-1:], "u")
    first = next(place for place, count in enumerate(told) if count is not None)
    assert first <= QUIET
    assert told[first:] == [told[first], *[0] * (19 - first)]
    assert QUIET - 1 <= (told[first] or 0) <= QUIET


async def test_a_repeat_or_a_click_that_is_not_gathered_tells_too(store: Store) -> None:
    bea = await a_share(store)
    writer = Writer(store.clicks, bea)
    await writer.settle(*(visit(tag, source=7) for tag in range(QUIET)))
    assert await writer.settle(visit(0, source=7)) == (Row.REPEAT,)
    assert await store.redis.get(keys.cap(bea.id, "abcdef", 7, int(NOON // HOUR))) == str(QUIET)
