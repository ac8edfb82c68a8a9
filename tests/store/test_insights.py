"""A member's numbers by day."""

from grapevine.store import Store, keys
from tests.people import NOON

DAY = 86400


async def test_days_without_numbers_are_zero_and_today_is_last(store: Store) -> None:
    await store.redis.hset(keys.click_days("bea"), mapping={"20261121": 3, "20261119": 2, "20261112": 9})
    await store.redis.hset(keys.reaction_days("bea"), mapping={"20261120": -1})
    await store.redis.hset(keys.reach_days("bea"), mapping={"20261121": 120})
    found = await store.insights.by_day("bea", NOON, 3)
    assert list(found.days) == ["20261119", "20261120", "20261121"]
    assert (found.clicks, found.reactions, found.reach) == ([2, 0, 3], [0, -1, 0], [0, 0, 120])
    nobody = await store.insights.by_day("cy", NOON, 90)
    assert len(nobody.days) == 90
    assert set(nobody.clicks) == set(nobody.reactions) == set(nobody.reach) == {0}


async def test_rule_7_the_days_are_utc(store: Store) -> None:
    await store.redis.hset(keys.click_days("bea"), mapping={"20261121": 1, "20261122": 2})
    midnight = NOON + DAY / 2
    assert (await store.insights.by_day("bea", midnight - 0.001, 1)).clicks == [1]
    assert (await store.insights.by_day("bea", midnight, 1)).clicks == [2]


async def test_the_days_since_one_include_it(store: Store) -> None:
    await store.redis.hset(keys.click_days("bea"), mapping={"20261231": 1, "20270101": 2, "20270102": 3})
    assert await store.insights.clicks_since("bea", "20270101") == {"20270101": 2, "20270102": 3}
    assert sum((await store.insights.clicks_since("bea", "00000000")).values()) == 6
    assert await store.insights.clicks_since("cy", "00000000") == {}
