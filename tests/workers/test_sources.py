"""Whether an app is told counts at all, and by which source: found from what LinkedIn answers (rule 11)."""

import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from grapevine.domain.budgets import DAY
from grapevine.domain.reactions import Counts
from grapevine.domain.shares import Share
from grapevine.networks.abilities import NotCounted
from tests.workers.stage import Stage, staged
from workers.sources import Sources

ANALYTICS, METADATA = "memberCreatorPostAnalytics", "socialMetadata"
WEEK = 7 * DAY


@pytest.fixture
async def linkedin(redis_url: str) -> AsyncIterator[Stage]:
    async with staged(redis_url, "linkedin") as stage:
        yield stage


async def calls(stage: Stage, *shares: Share, now: float) -> int:
    """How many calls one reading of *shares* takes."""
    made = vars(stage.network)["state"].calls
    made.clear()
    await stage.refresh(*shares, now=now)
    return len(made)


async def test_an_app_with_the_second_source_only_counts_by_it_and_reactions_extend_the_window(linkedin: Stage) -> None:
    stage, state = linkedin, vars(linkedin.network)["state"]
    state.forbidden.add(ANALYTICS)
    share, urn = await stage.published()
    other, _ = await stage.published("Another")
    state.react(urn, likes=3, comments=2)
    now = time.time() + 5 * DAY
    assert await calls(stage, share, other, now=now) == 2 + 1, "what is denied is asked for once"
    known = await stage.reactions(share)
    assert known.counts == Counts(3, 2, None)
    assert known.ends == pytest.approx(now + 14 * DAY, abs=5)
    account = await stage.now_account()
    assert (account.can_count, account.counted_by) == (True, METADATA)
    assert "how often posts are reshared" in account.count_reason
    assert await calls(stage, share, now=now + 6 * DAY) == 1
    state.forbidden.clear()
    assert await calls(stage, share, now=now + 6.9 * DAY) == 1
    assert await calls(stage, share, now=now + WEEK + 60) == 3, "once a week the first source is asked again"
    account = await stage.now_account()
    assert (account.counted_by, account.count_reason, account.count_again) == (ANALYTICS, "", None)
    assert (await stage.reactions(share)).counts == Counts(3, 2, 0)


async def test_an_app_that_is_denied_everything_says_so_and_is_asked_again_weekly(linkedin: Stage) -> None:
    stage, state = linkedin, vars(linkedin.network)["state"]
    state.forbidden |= {ANALYTICS, METADATA}
    shares = [(await stage.published(f"Number {number}"))[0] for number in range(3)]
    now = time.time()
    assert await calls(stage, *shares, now=now) == 2
    account = await stage.now_account()
    assert (account.can_count, account.may_count) == (False, True)
    assert "Ask the person who runs Grapevine" in account.count_reason
    assert (await stage.reactions(shares[2])).reason == account.count_reason
    assert await calls(stage, *shares, now=now + 6 * DAY) == 0
    late, _ = await stage.published("A later one")
    assert (await stage.reactions(late)).ends is not None, "it is gathered as soon as it can be"
    assert await calls(stage, *shares, now=now + WEEK + 60) == 2
    assert await calls(stage, *shares, now=now + 2 * WEEK) == 0
    state.forbidden.clear()
    await stage.refresh(*shares, now=now + 2 * WEEK + 120)
    account = await stage.now_account()
    assert (account.can_count, account.count_reason) == (True, "")


async def test_endpoints_that_know_no_post_at_all_count_for_none_but_one_unknown_post_is_just_gone(
    linkedin: Stage,
) -> None:
    stage, state = linkedin, vars(linkedin.network)["state"]
    first, urn = await stage.published()
    second, _ = await stage.published("Another")
    state.stored[urn].deleted = True
    now = time.time()
    await stage.refresh(first, now=now)
    assert (await stage.now_account()).can_count
    state.analytics = False
    state.forbidden.add(METADATA)
    await stage.refresh(first, second, now=now + DAY)
    assert not (await stage.now_account()).can_count


async def test_a_source_that_tells_no_longer_gives_way_to_the_other(linkedin: Stage) -> None:
    stage, state = linkedin, vars(linkedin.network)["state"]
    share, _ = await stage.published()
    other, _ = await stage.published("Another")
    now = time.time()
    await stage.refresh(share, other, now=now)
    assert (await stage.now_account()).counted_by == ANALYTICS
    state.forbidden.add(ANALYTICS)
    await stage.refresh(share, other, now=now + DAY)
    assert (await stage.reactions(other)).counts == Counts(0, 0, None)
    assert (await stage.now_account()).counted_by == METADATA


async def test_what_an_old_connection_was_told_says_nothing_of_a_new_one(linkedin: Stage) -> None:
    stage = linkedin
    old = Sources(stage.store, stage.bea.id, stage.account, stage.network.network)
    again = await stage.network.connect()
    await stage.store.accounts.connect(stage.bea, replace(stage.account, connected_at=time.time() + 1), again.token)
    await old.learn([NotCounted("No.", sure=True)], "", time.time())
    assert (await stage.now_account()).can_count
