"""A worker that is killed with kill -9 at any point of its way: exactly one post exists, and its member is told."""

import asyncio
import time
from collections import Counter

from grapevine.domain.days import day_of
from grapevine.domain.shares import PlacementState
from grapevine.networks.abilities import Charging
from grapevine.store import keys
from tests.workers.mortal import killed
from tests.workers.stage import Stage

_POINTS = 96


async def test_a_job_that_dies_at_any_instruction_never_posts_twice(everywhere: Stage) -> None:
    stage = everywhere
    shares = [await stage.share(f"Number {number}") for number in range(_POINTS)]
    fates = await killed(stage.env, stage.name, stage.bea.id, [share.id for share in shares])
    died = fates.count("died")
    assert 20 < died < _POINTS
    assert set(fates) == {"died", "ended with 0"}
    midway = Counter([(await stage.status(share)).state for share in shares])
    assert midway.keys() >= {PlacementState.PENDING, PlacementState.PUBLISHING, PlacementState.PUBLISHED}

    for share in shares:
        await stage.publish(share)
        async with asyncio.timeout(10):
            while (await stage.status(share)).state is not PlacementState.PUBLISHED:  # until the dead one's lease ends
                await asyncio.sleep(0.05)
                await stage.publish(share)
        await stage.publish(share)

    out = Counter(post["id"] for post in stage.posts())
    assert sorted(out) == sorted([(await stage.status(share)).remote for share in shares])
    assert set(out.values()) == {1}
    told = Counter(stage.dms())
    assert len(told) == _POINTS
    assert set(told.values()) <= {1, 2}
    # those that died between posting a message and keeping where it is, which takes up to three words to Redis
    assert len(stage.dms()) - _POINTS <= 6
    assert {len(name.split(":")) for name in await stage.hints(keys.DUE_PUBLICATIONS)} == {2}  # nothing waits
    for share in shares:
        assert (await stage.reactions(share)).ends is not None
    if isinstance(charging := stage.network.network, Charging):
        team, now = stage.bea.team, time.time()
        shown = await stage.store.redis.scard(keys.read_on(team, stage.name, day_of(now)))
        cost = _POINTS * charging.prices.link_post + shown * charging.prices.read
        assert await stage.store.spending.spent(team, stage.name, now) == cost, "each was paid for once"
