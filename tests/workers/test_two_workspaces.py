"""An account that members of two workspaces have connected: its network counts its calls once, and so do we."""

import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from grapevine.domain.budgets import DAY, Cadence, Quota, span
from grapevine.domain.members import Member
from grapevine.store import keys
from tests.people import BEA, NOON
from tests.workers.stage import Stage, staged
from workers import cadences, planning

AT_THE_OTHER = replace(BEA, team="T0OTHER001")


@pytest.fixture
async def linkedin(redis_url: str) -> AsyncIterator[Stage]:
    async with staged(redis_url, "linkedin") as stage:
        yield stage


async def twin(stage: Stage) -> Member:
    """Bea in the other workspace, with the same account."""
    member = await AT_THE_OTHER.joins(stage.store)
    token = await stage.store.tokens.get(stage.bea.id, stage.account.id)
    await stage.store.accounts.connect(member, stage.account, token or "")
    return member


async def gathered(stage: Stage, mid: str, count: int, since: float) -> None:
    for number in range(count):
        await stage.store.redis.set(keys.share(mid, f"share{number}"), "{}")
        await stage.store.reactions.open(mid, f"share{number}", "linkedin", since)


async def test_planning_shares_one_budget_out(linkedin: Stage) -> None:
    stage, other = linkedin, await twin(linkedin)
    vars(stage.network.network)["quota"] = Quota(per_account=20, calls=3)  # 18: six posts
    for mid in (stage.bea.id, other.id):
        await gathered(stage, mid, 5, NOON - 8 * DAY)
    await stage.store.reactions.later(await stage.store.reactions.live(), NOON - 1)
    await planning.plan(stage.store, stage.jobs, stage.offered, NOON)
    hints = await stage.hints(keys.DUE_REACTIONS)
    assert sorted(at == span(NOON, DAY).ends for at in hints.values()) == [False] * 6 + [True] * 4


async def test_the_cadence_is_that_of_all_its_posts(linkedin: Stage) -> None:
    stage, other = linkedin, await twin(linkedin)
    for mid in (stage.bea.id, other.id):
        await gathered(stage, mid, 35, NOON - 8 * DAY)
    await cadences.note(stage.store, stage.offered, NOON)
    for mid in (stage.bea.id, other.id):
        assert await stage.store.cadences.of("linkedin", mid) == Cadence(1, 3, extras=False)


async def test_what_one_does_counts_for_the_other_and_a_429_stops_both(linkedin: Stage) -> None:
    stage = linkedin
    await twin(stage)
    share, _ = await stage.published()
    now = time.time()
    assert await stage.store.budgets.used("linkedin", span(now, DAY), stage.account.id) == 1
    stage.network.break_("429", stage.network.read)
    await stage.refresh(share, now=now)
    assert await stage.store.pauses.left(stage.account.id) > 0
    assert await stage.store.pauses.of_network("linkedin") == 0


async def test_nobodys_account_can_be_read_off_the_keys_of_a_days_limits(linkedin: Stage) -> None:
    stage = linkedin
    share, _ = await stage.published()
    stage.network.break_("429", stage.network.read)
    await stage.refresh(share)
    kept = [key async for key in stage.store.redis.scan_iter(match="[hjq]:*")]
    assert {key[0] for key in kept} == {"h", "j", "q"}
    assert not [key for key in kept if stage.account.uid in key or stage.bea.id in key]
    assert all([0 < await stage.store.redis.pttl(key) <= 1000 * (DAY + 3600) for key in kept])
