"""A person who left is erased after 30 days, unless they came back (rule 25)."""

import time

from grapevine.domain.members import ERASED_AFTER
from grapevine.store import keys
from tests.people import CY
from tests.workers.stage import Stage
from workers import erasure
from workers.accounts import leave


async def test_who_left_loses_tokens_at_once_and_everything_after_30_days(everywhere: Stage) -> None:
    stage, now = everywhere, time.time()
    share, _ = await stage.published()
    token = await stage.store.tokens.get(stage.bea.id, stage.account.id)
    await leave(stage.store, stage.offered, stage.bea, now, now + ERASED_AFTER)
    assert token is not None
    assert await stage.store.tokens.get(stage.bea.id, stage.account.id) is None
    await erasure.plan(stage.store, stage.jobs, now + ERASED_AFTER - 1)
    assert await stage.jobs.waiting() == 0
    await erasure.plan(stage.store, stage.jobs, now + ERASED_AFTER)
    assert await stage.jobs.waiting() == 1
    await erasure.erase(stage.bea.id, store=stage.store, jobs=stage.jobs)
    left = [key async for key in stage.store.redis.scan_iter(match=f"*{stage.bea.id}*") if not key.startswith("rq:")]
    assert [key for key in left if not key.startswith("z:")] == []
    for due in (keys.DUE_ERASURES, keys.DUE_REACH, keys.DUE_REACTIONS, keys.DUE_PUBLICATIONS, keys.DUE_EXPIRIES):
        assert await stage.hints(due) == {}
    link = await stage.store.links.get(share.placements[0].card)
    assert link is not None
    assert (link.target, link.member) == ("https://example.com/jobs", "")


async def test_who_came_back_is_not_erased(stage: Stage) -> None:
    now, cy = time.time(), await CY.joins(stage.store)
    for member in (stage.bea, cy):
        await leave(stage.store, stage.offered, member, now, now + ERASED_AFTER)
    await erasure.plan(stage.store, stage.jobs, now + ERASED_AFTER)
    assert await stage.jobs.waiting() == 2
    await stage.store.members.return_(stage.bea.id)
    for member in (stage.bea, cy):
        await erasure.erase(member.id, store=stage.store, jobs=stage.jobs)
    assert await stage.store.members.get(stage.bea.id) is not None
    assert await stage.store.members.get(cy.id) is None
