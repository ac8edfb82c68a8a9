"""Reading within a network's quota: what comes first, what waits, and that nobody reads more (rules 11 and 12)."""

import asyncio
import time
from collections.abc import AsyncIterator
from types import SimpleNamespace

import pytest

from grapevine.domain.accounts import AccountState
from grapevine.domain.budgets import DAY, Cadence, Quota, Rank, Use, span
from grapevine.domain.reactions import Counts
from grapevine.domain.shares import Share
from grapevine.networks.allowance import spend
from grapevine.playground.faults import Fault
from grapevine.store import keys
from grapevine.store.budgets import Calls
from tests.people import NOON
from tests.waiting import eventually
from tests.workers.stage import Stage, staged
from workers import cadences, calls, planning

DEVELOPMENT = Quota(per_account=100, per_app=500, calls=3, extra=1)
SMALL = Quota(per_account=20, calls=3, extra=1)  # 18 for ordinary reads, one more for closing ones


@pytest.fixture
async def linkedin(redis_url: str) -> AsyncIterator[Stage]:
    async with staged(redis_url, "linkedin") as stage:
        yield stage


def limit(stage: Stage, quota: Quota) -> None:
    vars(stage.network.network)["quota"] = quota


def reads(stage: Stage) -> int:
    return sum("Analytics" in call for call in vars(stage.network)["state"].calls)


async def published(stage: Stage, count: int) -> list[Share]:
    """So many shares that are out, on a day whose budget is whole again."""
    shares = [(await stage.published(f"Number {number}"))[0] for number in range(count)]
    await stage.store.redis.delete(*[key async for key in stage.store.redis.scan_iter(match="q:linkedin:*")])
    return shares


async def test_what_a_member_posts_is_taken_out_of_the_same_budget_and_never_refused(linkedin: Stage) -> None:
    stage = linkedin
    limit(stage, Quota(per_account=1, per_app=1, calls=3))
    for number in range(3):
        await stage.published(f"Number {number}")
    for account in (stage.account.id, ""):
        assert await stage.store.budgets.used("linkedin", span(time.time(), DAY), account) == 3


async def opened(stage: Stage, mid: str, sid: str, since: float) -> None:
    await stage.store.redis.set(keys.share(mid, sid), "{}")
    await stage.store.reactions.open(mid, sid, "linkedin", since)


async def due_at(stage: Stage, share: Share) -> float:
    return (await stage.hints(keys.DUE_REACTIONS))[f"{share.member}:{share.id}:linkedin"]


async def test_reading_stops_at_the_budget_and_the_rest_waits_for_midnight_utc(linkedin: Stage) -> None:
    stage = linkedin
    limit(stage, SMALL)
    shares = await published(stage, 8)
    now = time.time()
    await stage.refresh(*shares, now=now)
    assert reads(stage) == 18
    known = [await stage.reactions(share) for share in shares]
    assert [one.checked is not None for one in known] == [True] * 6 + [False] * 2
    for share in shares[6:]:
        assert await due_at(stage, share) == pytest.approx(span(now, DAY).ends, abs=2)
    await stage.refresh(*shares[6:], now=now)
    assert reads(stage) == 18
    await stage.refresh(*shares[6:], now=span(now, DAY).ends + 1)
    assert reads(stage) == 24


async def test_what_a_read_did_not_need_is_given_back(linkedin: Stage) -> None:
    stage = linkedin
    limit(stage, SMALL)
    [share] = await published(stage, 1)
    stage.network.break_("500", "")
    now = time.time()
    await stage.refresh(share, now=now)
    assert reads(stage) == 1
    assert await stage.store.budgets.used("linkedin", span(now, DAY), stage.account.id) == 1


async def test_a_post_that_takes_more_calls_than_usual_stays_within_the_budget_too(linkedin: Stage) -> None:
    stage = linkedin
    limit(stage, SMALL)
    vars(stage.network)["state"].twins = True  # each post is known under its other name only: four calls
    shares = await published(stage, 6)
    now = time.time()
    await stage.refresh(*shares, now=now)
    assert reads(stage) <= 18
    assert await stage.store.budgets.used("linkedin", span(now, DAY), stage.account.id) <= 18
    assert sum([(await stage.reactions(share)).checked is not None for share in shares]) == 4


async def test_link_clicks_are_read_where_every_post_can_be_read_daily_with_them(linkedin: Stage) -> None:
    stage = linkedin
    share, post = await stage.published()
    vars(stage.network)["state"].stored[post].link_clicks = 40
    now = time.time()
    await stage.refresh(share, now=now)
    assert (await stage.reactions(share)).link_clicks is None  # nobody has looked yet whether there is room
    await cadences.note(stage.store, stage.offered, now)
    await stage.refresh(share, now=now)
    known = await stage.reactions(share)
    assert (known.counts, known.link_clicks) == (Counts(0, 0, 0), 40)


async def test_planning_gives_the_budget_to_closing_then_to_lively_then_to_the_longest_unread(
    linkedin: Stage,
) -> None:
    stage, bea, now = linkedin, linkedin.bea.id, NOON
    limit(stage, Quota(per_account=20, calls=3))
    for number in range(5):
        await opened(stage, bea, f"quiet{number}", now - 8 * DAY)
        await opened(stage, bea, f"new{number}", now - DAY)
    await opened(stage, bea, "closing", now - 14 * DAY + 3600)
    await stage.store.reactions.later(await stage.store.reactions.live(), now - 1)
    assert await planning.plan(stage.store, stage.jobs, stage.offered, now) == 1
    hints = await stage.hints(keys.DUE_REACTIONS)
    planned = {name.split(":")[1] for name, at in hints.items() if at <= now + 3600}
    assert planned == {"closing", *(f"new{number}" for number in range(5))}
    waiting = {at for name, at in hints.items() if name.split(":")[1] not in planned}
    assert waiting == {span(now, DAY).ends}


async def test_a_closing_read_is_made_when_ordinary_ones_have_used_up_their_part(linkedin: Stage) -> None:
    stage, bea, now = linkedin, linkedin.bea.id, NOON
    calls = Calls(stage.store.budgets, "linkedin", DEVELOPMENT, stage.account.id)
    assert await calls.take(90, Rank.ORDINARY, now)
    await opened(stage, bea, "quiet", now - 8 * DAY)
    await opened(stage, bea, "closing", now - 14 * DAY + 3600)
    await stage.store.reactions.later(await stage.store.reactions.live(), now - 1)
    await planning.plan(stage.store, stage.jobs, stage.offered, now)
    hints = await stage.hints(keys.DUE_REACTIONS)
    assert hints[f"{bea}:closing:linkedin"] <= now + 3600
    assert hints[f"{bea}:quiet:linkedin"] == span(now, DAY).ends


async def test_the_apps_budget_is_shared_out_over_all_members(linkedin: Stage) -> None:
    stage, now = linkedin, NOON
    limit(stage, Quota(per_account=100, per_app=50, calls=3))  # 45: fifteen posts
    for number in range(30):
        await opened(stage, f"member{number:02}", "share1", now - 8 * DAY)
    await stage.store.reactions.later(await stage.store.reactions.live(), now - 1)
    assert await planning.plan(stage.store, stage.jobs, stage.offered, now) == 15
    assert await planning.plan(stage.store, stage.jobs, stage.offered, now) == 0


async def test_quiet_posts_are_read_every_few_days_where_the_quota_covers_no_more(linkedin: Stage) -> None:
    stage, now = linkedin, time.time()
    for number in range(70):
        await opened(stage, stage.bea.id, f"quiet{number}", now - 8 * DAY)
    share, _ = await stage.published()
    await cadences.note(stage.store, stage.offered, now)
    assert await stage.store.cadences.of("linkedin", stage.bea.id) == Cadence(1, 3, extras=False)
    assert await stage.store.cadences.of("linkedin", "somebody") == Cadence(1, 1)
    await stage.refresh(share, now=now)
    assert await due_at(stage, share) <= now + DAY
    later = now + 4 * DAY
    await stage.refresh(share, now=later)
    assert later + 2 * DAY < await due_at(stage, share) <= later + 3 * DAY


async def test_a_network_that_is_paused_for_all_gets_no_jobs_and_nobody_has_to_reconnect(linkedin: Stage) -> None:
    stage = linkedin
    share, _ = await stage.published()
    now = time.time()
    await stage.store.pauses.network("linkedin", 600)
    await stage.refresh(share, now=now)
    await stage.store.reactions.later(await stage.store.reactions.live(), now - 1)
    assert await planning.plan(stage.store, stage.jobs, stage.offered, now) == 0
    assert await due_at(stage, share) == pytest.approx(now + 600, abs=2)
    assert reads(stage) == 0
    assert (await stage.now_account()).state is AccountState.CONNECTED
    assert not [text for text in stage.dms() if "onnect" in text]


async def test_a_429_without_a_date_pauses_a_quarter_of_an_hour_then_longer_and_costs_no_connection(
    linkedin: Stage,
) -> None:
    stage = linkedin
    share, _ = await stage.published()
    stage.network.break_("429", stage.network.read)
    for expected in (900, 1800):
        await stage.refresh(share, now=NOON)
        assert await stage.store.pauses.left(stage.account.id) == pytest.approx(expected, abs=5)
        await stage.store.redis.delete(keys.pause(Use.READING, stage.name, stage.account.id))
    assert await stage.store.pauses.of_network("linkedin") == 0
    assert (await stage.now_account()).state is AccountState.CONNECTED
    assert not [text for text in stage.dms() if "onnect" in text]
    stage.network.mend()
    await stage.refresh(share)
    assert (await stage.reactions(share)).checked is not None


async def test_a_pause_that_another_worker_was_asked_for_holds_from_the_next_request_on(linkedin: Stage) -> None:
    stage = linkedin
    [share] = await published(stage, 1)
    state = vars(stage.network)["state"]
    state.fault = Fault("slow", None, "GET /rest/", 0.2)
    now = time.time()
    reading = asyncio.create_task(stage.refresh(share, now=now))

    async def asking() -> bool:
        return reads(stage) == 1

    await eventually(asking)
    await stage.store.pauses.network("linkedin", 60)
    await reading
    assert reads(stage) == 1
    assert await due_at(stage, share) == pytest.approx(now + 60, abs=5)
    assert await stage.store.budgets.used("linkedin", span(now, DAY), stage.account.id) == 1


async def test_what_was_read_since_it_was_planned_is_not_read_again(linkedin: Stage) -> None:
    stage = linkedin
    share, _ = await stage.published()
    now = time.time()
    await stage.refresh(share, now=now)
    before = reads(stage)
    await stage.refresh(share, now=now + 60, planned=now - 60)
    assert reads(stage) == before
    await stage.refresh(share, now=now + 60, planned=now + 30)
    assert reads(stage) > before


async def test_a_call_that_lasts_over_midnight_is_taken_out_of_both_days(
    linkedin: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, past = linkedin, 0.0
    limit(stage, Quota(per_account=1000, per_app=1000))
    monkeypatch.setattr(calls, "time", SimpleNamespace(monotonic=lambda: past))
    midnight = span(time.time(), DAY).ends

    def asking() -> None:
        nonlocal past
        spend("LinkedIn")
        past = 60.0
        spend("LinkedIn")

    meter = calls.Meter(stage.store, stage.network.network, stage.account.id)
    before = await stage.store.budgets.used("linkedin", span(midnight - 30, DAY))
    await meter.call(Rank.ORDINARY, midnight - 30, asking)
    assert await stage.store.budgets.used("linkedin", span(midnight - 30, DAY)) == before + 1
    assert await stage.store.budgets.used("linkedin", span(midnight + 30, DAY)) == 1
