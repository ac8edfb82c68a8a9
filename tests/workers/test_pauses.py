"""A network that asks to wait is left alone with the calls that it meant, and with no others."""

import time

import pytest

from grapevine.domain.budgets import DAY, Rank, Use
from grapevine.domain.errors import Throttled
from grapevine.domain.posts import Post, PostKind
from grapevine.domain.shares import PlacementState
from grapevine.networks.base import Draft
from grapevine.store import keys
from tests.people import NOON
from tests.workers.stage import Stage
from workers.calls import Meter

PENDING, OUT = PlacementState.PENDING, PlacementState.PUBLISHED
#: whose limits are an account's or an app's whole, not an address's
SHARED = ("facebook", "mastodon")


async def due(stage: Stage, sid: str) -> float:
    return (await stage.hints(keys.DUE_PUBLICATIONS))[f"{stage.bea.id}:{sid}:{stage.name}"]


async def test_a_429_while_posting_stops_reading_where_the_limit_is_the_same(everywhere: Stage) -> None:
    stage = everywhere
    share, _ = await stage.published()
    stage.network.break_("429", stage.network.create)
    assert (await stage.publish(await stage.share("Once more"))).state is PENDING
    assert await stage.store.pauses.left(stage.account.id, Use.POSTING) > 0
    assert (await stage.store.pauses.left(stage.account.id) > 0) is (stage.name in SHARED)
    stage.network.mend()
    await stage.refresh(share)
    assert ((await stage.reactions(share)).checked is None) is (stage.name in SHARED)


async def test_a_429_while_reading_stops_posting_where_the_limit_is_the_same(everywhere: Stage) -> None:
    stage = everywhere
    share, _ = await stage.published()
    stage.network.break_("429", stage.network.read)
    await stage.refresh(share)
    stage.network.mend()
    status = await stage.publish(await stage.share("Once more"))
    assert status.state is (PENDING if stage.name in SHARED else OUT)


async def test_in_a_pause_nobody_tries_to_post_and_afterwards_it_goes_out(everywhere: Stage) -> None:
    stage = everywhere
    stage.network.break_("429", stage.network.create)
    assert (await stage.publish(await stage.share("First"))).state is PENDING
    stage.network.mend()
    share, now = await stage.share("Second"), time.time()
    status = await stage.publish(share)
    assert (status.state, stage.posts()) == (PENDING, [])
    assert "asked Grapevine to wait" in status.reason
    pause = await stage.store.pauses.left(stage.account.id, Use.POSTING)
    assert await due(stage, share.id) == pytest.approx(max(now + pause, now + 30), abs=5)
    for use in Use:
        await stage.store.redis.delete(keys.pause(use, stage.name, stage.account.id), keys.pause(use, stage.name))
    assert (await stage.publish(share)).state is OUT


async def test_a_post_waits_no_longer_than_the_pause_that_its_own_429_began(stage: Stage) -> None:
    share = await stage.share()
    stage.network.break_("429", "POST /2/tweets")
    assert (await stage.publish(share, now=NOON)).state is PENDING
    pause = await stage.store.pauses.left(stage.account.id, Use.POSTING)
    assert NOON + pause <= await due(stage, share.id) <= NOON + pause + 2


async def test_a_post_that_a_long_pause_ends_is_not_said_to_have_been_tried_for_a_day(stage: Stage) -> None:
    share, now = await stage.share(now=time.time() - 3600), time.time()
    await stage.store.pauses.network("x", DAY, Use.POSTING)
    status = await stage.publish(share, now=now)
    assert status.state is PlacementState.REFUSED
    assert "tried for a day" not in status.reason
    assert status.reason.endswith("Grapevine waits for a day at most. Please share it again if you still want it out.")


async def test_where_uploads_are_limited_posts_without_pictures_go_out(stage: Stage) -> None:
    await stage.store.pauses.account(stage.account.id, 600, time.time(), Use.UPLOADING)
    assert (await stage.publish(await stage.share())).state is OUT
    assert (await stage.publish(await stage.share(kind=PostKind.IMAGE))).state is PENDING


async def test_an_upload_that_x_puts_off_says_nothing_of_posts_without_pictures(stage: Stage) -> None:
    token = await stage.store.tokens.get(stage.bea.id, stage.account.id)
    room = Post(PostKind.IMAGE, "https://example.com/a.png")
    draft = Draft("Look", room, None, (b"\x89PNG\r\n\x1a\n", "image/png"))
    stage.network.break_("429", "POST /2/media/upload")
    network = stage.network.network
    with pytest.raises(Throttled):
        await Meter(stage.store, network, stage.account.id).call(Rank.ACT, NOON, network.publish, token, draft)
    assert await stage.store.pauses.left(stage.account.id, Use.UPLOADING) > 0
    assert await stage.store.pauses.left(stage.account.id, Use.POSTING, Use.READING) == 0


async def test_while_reading_a_limit_lasts_no_longer_than_its_window(stage: Stage) -> None:
    def far_off() -> None:
        raise Throttled("Wait.", DAY)

    meter = Meter(stage.store, stage.network.network, stage.account.id)
    with pytest.raises(Throttled):
        await meter.call(Rank.ORDINARY, NOON, far_off)
    assert await stage.store.pauses.left(stage.account.id) == pytest.approx(900, abs=2)
    with pytest.raises(Throttled):
        await meter.call(Rank.ACT, NOON, far_off)
    assert await stage.store.pauses.left(stage.account.id, Use.POSTING) == pytest.approx(DAY, abs=2)
