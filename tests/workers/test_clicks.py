"""Closing shares for clicks (rule 9): 180 days after the last new visitor, 13 months after the share at the latest."""

import time

from grapevine.domain.closing import closes_at
from grapevine.store import keys
from tests.workers.stage import Stage
from workers import clicks, publishing

DAY = 86400.0
WINDOW, LONGEST = 180 * DAY, 396 * DAY


def test_the_last_new_visitor_keeps_a_share_open_but_not_for_ever() -> None:
    assert closes_at(0.0, 0.0, WINDOW, LONGEST) == 180 * DAY
    assert closes_at(0.0, 100 * DAY, WINDOW, LONGEST) == 280 * DAY
    assert closes_at(0.0, 300 * DAY, WINDOW, LONGEST) == 396 * DAY


async def test_a_share_closes_180_days_after_its_last_new_visitor_and_keeps_its_numbers(stage: Stage) -> None:
    share = await stage.share()
    receipt = keys.receipt(share.member, share.id)
    await stage.store.redis.hset(receipt, mapping={"unique": 3, "last": int(share.created + 100 * DAY)})
    await stage.store.redis.sadd(keys.visitors(share.member, share.id), 1, 2, 3)
    await publishing.plan(stage.store, stage.jobs, share.created)
    for day in (0, 180, 279):
        assert await clicks.close(stage.store, WINDOW, LONGEST, share.created + day * DAY) == 0
    assert await stage.store.clicks.salt(share.member, share.id) is not None
    assert await clicks.close(stage.store, WINDOW, LONGEST, share.created + 280 * DAY) == 1
    assert await stage.store.clicks.salt(share.member, share.id) is None
    assert await stage.store.redis.hget(receipt, "salt") is None
    assert await stage.store.redis.exists(keys.visitors(share.member, share.id)) == 0
    assert (await stage.store.shares.receipt(share.member, share.id)).unique == 3
    assert await stage.hints(keys.DUE_CLOSINGS) == {}


async def test_a_hint_to_a_share_that_is_about_to_be_made_is_kept(stage: Stage) -> None:
    now = time.time()
    await stage.store.shares.hint_publication(stage.bea.id, "abcdef", now)
    assert await stage.store.publishing.due(now + 1) == []
    assert await stage.hints(keys.DUE_PUBLICATIONS) == {f"{stage.bea.id}:abcdef": now}
    assert await stage.store.publishing.due(now + 301) == []
    assert await stage.hints(keys.DUE_PUBLICATIONS) == {}
