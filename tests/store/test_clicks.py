"""Clicks in the store: settled wholly and once, by one script call a batch."""

import asyncio
import random

import pytest

from grapevine.domain.accounts import Account, AccountState
from grapevine.domain.clicks import Row
from grapevine.domain.days import DAY
from grapevine.domain.errors import TryLater
from grapevine.domain.posts import PostKind
from grapevine.domain.shares import Receipt
from grapevine.store import Store, keys
from grapevine.store.clicks import REMEMBERED, Batch, Clicks
from tests.people import NOON
from tests.store.clicks import ACCOUNT, Writer, a_share, days_of, marks_of, other, strangers, tags_of, visit


async def test_a_visitor_is_unique_once_and_repeats_afterwards(store: Store) -> None:
    bea = await a_share(store)
    writer = Writer(store.clicks, bea)
    assert await writer.settle(visit(1), visit(2), visit(1)) == (Row.UNIQUE, Row.UNIQUE, Row.REPEAT)
    assert await writer.settle(visit(2, at=NOON + 3 * 86400), visit(3)) == (Row.REPEAT, Row.UNIQUE)
    receipt = await store.shares.receipt(bea.id, "abcdef")
    assert receipt == Receipt(repeat=2, unique=3, networks={"linkedin": 3})


async def test_the_network_first_followed_gets_the_credit(store: Store) -> None:
    bea = await a_share(store)
    writer = Writer(store.clicks, bea)
    rows = await writer.settle(visit(1, network="mylink"), visit(1), visit(2), visit(2, network="mylink"))
    assert rows == (Row.UNIQUE, Row.REPEAT, Row.UNIQUE, Row.REPEAT)
    receipt = await store.shares.receipt(bea.id, "abcdef")
    assert receipt.networks == {"linkedin": 1, "mylink": 1}


async def test_a_unique_click_is_in_the_days_the_news_and_the_hints(store: Store) -> None:
    bea = await a_share(store)
    await Writer(store.clicks, bea).settle(visit(1), visit(2, at=NOON - 86400), other(Row.BOT), visit(1))
    days = {"20261121": "1", "20261120": "1"}
    assert await days_of(store, bea) == days
    assert await store.redis.hgetall(keys.click_days(bea.id)) == days
    assert await store.redis.hgetall(keys.news(bea.id)) == {"abcdef": "2"}
    assert await store.redis.hget(keys.receipt(bea.id, "abcdef"), "last") == str(int(NOON))
    assert await store.digests.due(NOON) == [bea.id]


async def test_a_request_that_is_no_visit_touches_its_row_alone(store: Store) -> None:
    bea = await a_share(store)
    given = [other(row) for row in (Row.PREFETCH, Row.PREVIEW, Row.BOT, Row.OWN, Row.COLLEAGUE)]
    assert await Writer(store.clicks, bea).settle(*given) == tuple(click.row for click in given)
    assert await store.shares.receipt(bea.id, "abcdef") == Receipt(1, 1, 1, 1, 1, networks={})
    assert await tags_of(store, bea) == []
    assert await store.redis.hgetall(keys.news(bea.id)) == {}
    assert await store.digests.due(NOON) == []


async def test_a_batch_whose_answer_was_lost_counts_once(store: Store) -> None:
    bea = await a_share(store)
    writer = Writer(store.clicks, bea)
    first, second = writer.batch([visit(1), other(Row.BOT)]), writer.batch([visit(1), visit(2)])
    for batch in (first, first, second, first, second):
        await store.clicks.settle([batch], NOON)
    assert await store.shares.receipt(bea.id, "abcdef") == Receipt(bot=1, repeat=1, unique=2, networks={"linkedin": 2})
    # another process counts its own batches
    assert await Writer(store.clicks, bea, "other").settle(visit(3)) == (Row.UNIQUE,)


@pytest.mark.parametrize(("age", "remembered"), [(REMEMBERED, True), (REMEMBERED + 3 * DAY, False)])
async def test_a_batch_is_remembered_for_a_week_and_not_for_ever(store: Store, age: int, remembered: bool) -> None:
    bea = await a_share(store)
    old = Batch(bea.id, "abcdef", "old", 1, (visit(1),))
    await store.clicks.settle([old], NOON - age)
    await store.clicks.settle([Batch(bea.id, "abcdef", "new", 1, (visit(2),))], NOON)
    assert await marks_of(store, bea) == ({"b:old", "b:new"} if remembered else {"b:new"})
    assert await store.clicks.settle([old], NOON) == [() if remembered else (Row.REPEAT,)]


async def test_one_click_and_many_are_settled_alike(store: Store) -> None:
    bea = await a_share(store)
    await a_share(store, "ghijkm")
    clicks = [
        *(
            visit(tag % 7, network=network, at=NOON + 40 * tag)
            for tag in range(30)
            for network in ("linkedin", "mylink")
        ),
        visit(8, at=NOON - 86400),
        other(Row.BOT),
        visit(8),
    ]
    alone, together = Writer(store.clicks, bea), Writer(store.clicks, bea, sid="ghijkm")
    rows = [(await alone.settle(click))[0] for click in clicks]
    assert tuple(rows) == await together.settle(*clicks)
    one, many = [await store.redis.hgetall(keys.receipt(bea.id, sid)) for sid in ("abcdef", "ghijkm")]
    for receipt in (one, many):
        del receipt["salt"], receipt["b:writer"]
    assert one == many


async def test_a_server_says_which_process_answers_and_whether_all_is_in_its_file(store: Store) -> None:
    standing = await store.clicks.standing()
    assert standing == await store.clicks.standing()
    assert (len(standing.servers), standing.written) == (1, True)


async def test_nothing_is_recorded_while_the_account_does_not_gather(store: Store) -> None:
    bea = await a_share(store)
    writer = Writer(store.clicks, bea)
    await store.accounts.disconnect(bea, ACCOUNT)
    assert await writer.settle(visit(1), other(Row.BOT), visit(2, network="mylink")) == (None, None, Row.UNIQUE)
    assert await store.shares.receipt(bea.id, "abcdef") == Receipt(unique=1, networks={"mylink": 1})
    await store.accounts.connect(bea, Account("linkedin", "bea", "Bea", AccountState.CONNECTED, NOON), "token")
    assert await writer.settle(visit(1)) == (Row.UNIQUE,)


async def test_an_account_whose_token_merely_expired_goes_on_gathering(store: Store) -> None:
    bea = await a_share(store)
    expired = await store.accounts.change(bea.id, ACCOUNT, state=AccountState.EXPIRED)
    assert expired is not None
    assert expired.state is AccountState.EXPIRED
    assert await Writer(store.clicks, bea).settle(visit(1)) == (Row.UNIQUE,)


@pytest.mark.parametrize("kind", [PostKind.IMAGE, PostKind.VIDEO])
async def test_an_image_or_a_video_has_no_clicks(store: Store, kind: PostKind) -> None:
    bea = await a_share(store, kind=kind)
    assert await Writer(store.clicks, bea).settle(visit(1)) == (None,)
    assert await store.clicks.salt(bea.id, "abcdef") is None
    assert not await store.redis.exists(keys.receipt(bea.id, "abcdef"))


async def test_a_closed_share_keeps_its_numbers_and_forgets_its_visitors(store: Store) -> None:
    bea = await a_share(store)
    writer = Writer(store.clicks, bea)
    await writer.settle(*(visit(tag, source=tag % 50) for tag in range(3000)))
    late = writer.batch([visit(1), visit(9999)])
    assert len([name async for name in store.redis.scan_iter(f"{keys.caps(bea.id, 'abcdef')}*")]) == 50
    assert await store.clicks.close(bea.id, "abcdef")
    assert await store.clicks.settle([late], NOON) == [(None, None)]
    assert await tags_of(store, bea) == []
    assert await store.clicks.salt(bea.id, "abcdef") is None
    assert await store.redis.hget(keys.receipt(bea.id, "abcdef"), "salt") is None
    assert await marks_of(store, bea) == set()
    assert await store.shares.receipt(bea.id, "abcdef") == Receipt(unique=3000, networks={"linkedin": 3000})
    assert [name async for name in store.redis.scan_iter(f"{keys.caps(bea.id, 'abcdef')}*")] == []
    assert await store.redis.hgetall(keys.click_days(bea.id)) == {"20261121": "3000"}
    assert not await store.clicks.close(bea.id, "abcdef")


async def test_nothing_brings_back_an_erased_member(store: Store) -> None:
    bea = await a_share(store)
    writer = Writer(store.clicks, bea)
    await writer.settle(visit(1))
    late = writer.batch([visit(2), other(Row.BOT)])
    await store.erasure.erase(bea)
    assert await store.clicks.settle([late], NOON) == [(None, None)]
    assert [name async for name in store.redis.scan_iter(f"{{{bea.id}}}*")] == []


async def test_more_new_visitors_of_one_address_than_the_cap_are_capped_for_an_hour(store: Store) -> None:
    bea = await a_share(store)
    writer = Writer(Clicks(store.redis, visitor_cap=3), bea)
    rows = await writer.settle(*(visit(tag, source=7) for tag in (1, 2, 3, 4, 2)), visit(5, source=8))
    assert rows == (Row.UNIQUE, Row.UNIQUE, Row.UNIQUE, Row.CAPPED, Row.REPEAT, Row.UNIQUE)
    assert sorted(await tags_of(store, bea)) == [1, 2, 3, 5]
    name = keys.cap(bea.id, "abcdef", 7, int(NOON // 3600))
    assert 3500_000 < await store.redis.pttl(name) <= 3600_000
    assert await writer.settle(visit(4, source=7, at=NOON + 3599)) == (Row.CAPPED,)
    assert await writer.settle(visit(4, source=7, at=NOON + 3600)) == (Row.UNIQUE,)


async def test_what_an_outage_held_back_is_capped_by_the_hour_it_was_clicked_in(store: Store) -> None:
    bea = await a_share(store)
    writer = Writer(Clicks(store.redis, visitor_cap=20), bea)
    await writer.settle(visit(1, at=NOON))
    hours = [[visit(100 * hour + tag, source=7, at=NOON - 3600 * hour) for tag in range(30)] for hour in range(1, 6)]
    rows = [row for clicks in hours for row in await writer.settle(*clicks)]
    assert rows == ([Row.UNIQUE] * 20 + [Row.CAPPED] * 10) * 5


@pytest.mark.parametrize("count", [510, 511, 512, 513, 2555, 2556, 6000])
async def test_every_visitor_is_exact_at_each_size_of_the_cascade(store: Store, count: int) -> None:
    bea = await a_share(store)
    chance = random.Random(count)
    tags = strangers(chance, count)
    stream = [*tags, *chance.choices(tags, k=300)]
    writer, seen = Writer(store.clicks, bea), set[int]()
    for start in range(0, len(stream), 64):
        piece = stream[start : start + 64]
        expected = []
        for tag in piece:
            expected.append(Row.REPEAT if tag in seen else Row.UNIQUE)
            seen.add(tag)
        assert await writer.settle(*map(visit, piece)) == tuple(expected)
    held = await tags_of(store, bea)
    assert len(held) == count
    assert set(held) == set(tags)
    assert (await store.shares.receipt(bea.id, "abcdef")).unique == count


async def test_one_click_a_batch_crosses_the_boundary_too(store: Store) -> None:
    bea = await a_share(store)
    writer = Writer(store.clicks, bea)
    await writer.settle(*map(visit, range(500)))
    rows = [(await writer.settle(visit(tag)))[0] for tag in [*range(490, 530), *range(490, 530)]]
    assert rows == [Row.REPEAT] * 10 + [Row.UNIQUE] * 30 + [Row.REPEAT] * 40


async def test_four_writers_at_the_boundary_count_each_visitor_once(store: Store, redis_url: str) -> None:
    bea = await a_share(store)
    chance = random.Random(4)
    tags = strangers(chance, 700)
    stores = [Store.open(redis_url) for _ in range(4)]

    async def write(number: int, own: Store) -> int:
        writer, mine = Writer(own.clicks, bea, f"writer{number}"), random.Random(number).sample(tags, len(tags))
        rows: list[Row | None] = []
        for start in range(0, len(mine), 7):
            rows += await writer.settle(*map(visit, mine[start : start + 7]))
        return rows.count(Row.UNIQUE)

    assert sum(await asyncio.gather(*(write(*pair) for pair in enumerate(stores)))) == 700
    assert sorted(await tags_of(store, bea)) == sorted(tags)
    for one in stores:
        await one.close()


async def test_a_server_that_forgot_the_script_is_told_again(store: Store) -> None:
    bea = await a_share(store)
    writer = Writer(store.clicks, bea)
    await writer.settle(visit(1))
    await store.redis.execute_command("SCRIPT", "FLUSH")
    assert await writer.settle(visit(1), visit(2)) == (Row.REPEAT, Row.UNIQUE)


async def test_one_trip_settles_many_shares(store: Store) -> None:
    bea = await a_share(store)
    shares = [f"share{letter}" for letter in "abcdefgh"]
    for sid in shares:
        await a_share(store, sid)
    batches = [Writer(store.clicks, bea, sid=sid).batch(map(visit, range(600))) for sid in shares]
    assert await store.clicks.settle(batches, NOON) == [(Row.UNIQUE,) * 600] * 8
    again = [Writer(store.clicks, bea, "next", sid=sid).batch([visit(5)]) for sid in shares]
    assert await store.clicks.settle(again, NOON) == [(Row.REPEAT,)] * 8


async def test_a_share_whose_keys_are_broken_holds_up_no_other(store: Store) -> None:
    bea = await a_share(store)
    await a_share(store, "other1")
    await store.redis.set(keys.visitors(bea.id, "other1"), "no set")
    batches = [Writer(store.clicks, bea, sid=sid).batch([visit(1)]) for sid in ("other1", "abcdef")]
    assert await store.clicks.settle(batches, NOON) == [(), (Row.UNIQUE,)]


async def test_no_server_means_try_later(unused_tcp_port: int) -> None:
    store = Store.open(f"redis://127.0.0.1:{unused_tcp_port}")
    try:
        with pytest.raises(TryLater):
            await store.clicks.salt("member", "abcdef")
        with pytest.raises(TryLater):
            await store.clicks.settle([Batch("member", "abcdef", "writer", 1, (visit(1),))], NOON)
    finally:
        await store.close()


async def test_the_days_end_at_midnight_utc(store: Store) -> None:
    bea = await a_share(store)
    midnight = NOON + 12 * 3600
    await Writer(store.clicks, bea).settle(visit(1, at=midnight - 0.001), visit(2, at=midnight))
    assert await days_of(store, bea) == {"20261121": "1", "20261122": "1"}
