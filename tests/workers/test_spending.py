"""X's money in the workers' hands: paid before a post, given back when none came of it, used up with a sentence."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from grapevine.domain.budgets import Use
from grapevine.domain.errors import TryLater
from grapevine.domain.posts import PostKind
from grapevine.domain.reactions import Counts
from grapevine.domain.shares import PlacementState, Status
from grapevine.networks.abilities import Charging
from grapevine.store import Store, keys
from grapevine.store.accounts import due_name
from grapevine.store.spending import Purse
from grapevine.store.workspaces import WorkspaceSettings
from tests.people import NOON, TEAM
from tests.workers.stage import KEY, PNG, Stage, staged
from workers import accounts

OUT, REFUSED = PlacementState.PUBLISHED, PlacementState.REFUSED
PENDING, PUBLISHING, ASKING = PlacementState.PENDING, PlacementState.PUBLISHING, PlacementState.ASKING
LINK, READ, PROFILE = 2000, 50, 100
#: what a page may cost of the posts among which one is looked for
LOOK = 10 * READ


def purse(stage: Stage, bound: int | None = None) -> Purse:
    network = stage.offered["x"]
    assert isinstance(network, Charging)
    return Purse(stage.store.spending, TEAM, "x", network.prices, bound)


async def budget(stage: Stage, most: int) -> None:
    await stage.store.workspaces.change(TEAM, WorkspaceSettings(budgets={"x": most}))


async def spent(stage: Stage, now: float | None = None) -> int:
    return await purse(stage).spent(time.time() if now is None else now)


async def test_a_share_is_paid_for_once_however_often_its_job_runs(stage: Stage) -> None:
    share, _ = await stage.published()
    await stage.publish(share)
    assert await spent(stage) == LINK


async def test_networks_that_charge_nothing_are_not_added_up(redis_url: str) -> None:
    async with staged(redis_url, "mastodon") as stage:
        await stage.published()
        assert not [key async for key in stage.store.redis.scan_iter(match=f"{{{TEAM}}}*")]


async def test_a_share_beyond_the_budget_is_refused_with_a_sentence_and_x_is_not_called(stage: Stage) -> None:
    await budget(stage, 2 * LINK)
    for number in range(2):
        assert (await stage.publish(await stage.share(f"Number {number}", now=NOON), now=NOON)).state is OUT
    share = await stage.share("Number 3", now=NOON)
    status = await stage.publish(share, now=NOON)
    assert status.state is REFUSED
    assert status.reason == (
        "Your workspace's X budget for November is used up; it begins anew on 1 December. "
        "Ask an admin, or share elsewhere."
    )
    assert len(stage.posts()) == 2
    assert await spent(stage, NOON) == 2 * LINK
    assert status.reason in stage.dms()[-1]


async def test_the_next_month_has_money_again(stage: Stage) -> None:
    await budget(stage, LINK)
    await stage.publish(await stage.share(now=NOON), now=NOON)
    later = NOON + 10 * 86400
    share = await stage.share("In December", now=later)
    assert (await stage.publish(share, now=later)).state is OUT
    assert (await spent(stage, later)) == LINK


@pytest.mark.parametrize("fault", ["402", "403", "revoked"])
async def test_what_x_refuses_is_given_back(stage: Stage, fault: str) -> None:
    share = await stage.share()
    stage.network.break_(fault, "POST /2/tweets")
    assert (await stage.publish(share)).state is REFUSED
    assert await spent(stage) == 0


async def test_what_has_to_wait_is_given_back_and_paid_when_it_goes_out(stage: Stage) -> None:
    share = await stage.share()
    stage.network.break_("429", "POST /2/tweets")
    assert (await stage.publish(share)).state is PENDING
    assert await spent(stage) == 0
    stage.network.mend()
    await stage.store.redis.delete(keys.pause(Use.POSTING, "x", stage.account.id))
    assert (await stage.publish(share)).state is OUT
    assert await spent(stage) == LINK


async def test_what_may_be_out_stays_paid_until_somebody_knows_better(stage: Stage) -> None:
    await budget(stage, LINK + LOOK)
    share = await stage.share()
    stage.network.break_("lost_answer", "POST /2/tweets")
    assert (await stage.publish(share)).state is PUBLISHING
    assert await spent(stage) == LINK
    stage.network.mend()
    assert (await stage.publish(share)).state is OUT, "its own money is not in its way"
    assert await spent(stage) == LINK + READ, "X showed one post"


async def test_a_doubt_that_began_in_one_month_and_ends_in_the_next_is_paid_once(stage: Stage) -> None:
    end = datetime(2026, 10, 31, 23, 59, 50, tzinfo=UTC).timestamp()  # the stand-in's own clock is ahead of it
    share = await stage.share(now=end)
    stage.network.break_("lost_answer", "POST /2/tweets")
    assert (await stage.publish(share, now=end)).state is PUBLISHING
    stage.network.mend()
    assert (await stage.publish(share, now=end + 60)).state is OUT
    assert (await spent(stage, end), await spent(stage, end + 60)) == (LINK, READ)


async def test_a_job_that_died_between_refusal_and_giving_back_is_made_up_for(stage: Stage) -> None:
    share = await stage.share()
    await purse(stage).post(f"{share.member}:{share.id}:x", LINK, time.time())
    refused = Status(REFUSED, time.time(), reason="X said no.")
    assert await stage.store.shares.move(share.member, share.id, "x", refused, [PENDING])
    await stage.publish(share)
    assert await spent(stage) == 0


async def test_where_nobody_can_pay_for_settling_a_doubt_the_member_is_asked(stage: Stage) -> None:
    await budget(stage, 0)
    share = await stage.share()
    await stage.store.shares.move(share.member, share.id, "x", Status(PUBLISHING, time.time()), [PENDING])
    assert (await stage.publish(share)).state is ASKING
    assert stage.posts() == []


async def test_two_workers_never_make_two_posts_of_the_last_share(stage: Stage, redis_url: str) -> None:
    await budget(stage, 3 * LINK + LINK // 2)
    shares = [await stage.share(f"Number {number}") for number in range(8)]
    other = Store.open(redis_url, encryption_keys=[KEY])
    second = replace(stage, store=other)
    try:
        done = await asyncio.gather(
            *((stage if number % 2 else second).publish(share) for number, share in enumerate(shares))
        )
    finally:
        await other.close()
    assert sorted(one.state.value for one in done) == ["published"] * 3 + ["refused"] * 5
    assert len(stage.posts()) == 3
    assert await spent(stage) == 3 * LINK


@pytest.fixture
async def site() -> AsyncIterator[str]:
    async def picture(_: web.Request) -> web.Response:
        return web.Response(body=PNG, content_type="image/png")

    app = web.Application()
    app.router.add_get("/a.png", picture)
    async with TestServer(app) as server:
        yield str(server.make_url("/a.png"))


async def test_an_image_without_a_link_costs_less(stage: Stage, site: str) -> None:
    share = await stage.share("Our new office", kind=PostKind.IMAGE, url=site)
    assert (await stage.publish(share)).state is OUT
    assert await spent(stage) == 150


async def test_reading_is_paid_for_once_a_day(stage: Stage) -> None:
    share, _ = await stage.published()
    now = time.time()
    await stage.refresh(share, now=now)
    await stage.refresh(share, now=now)
    assert await spent(stage) == LINK + READ


@pytest.mark.parametrize(
    ("fault", "cost"), [("402", 0), ("429", 0), ("revoked", 0), ("500", READ), ("lost_answer", READ), ("html", READ)]
)
async def test_what_x_did_not_tell_costs_nothing_and_what_it_may_have_told_stays_counted(
    stage: Stage, fault: str, cost: int
) -> None:
    share, _ = await stage.published()
    stage.network.break_(fault, "GET /2/tweets")
    now = time.time()
    await stage.refresh(share, now=now)
    await stage.refresh(share, now=now)
    assert await spent(stage) == LINK + cost


async def test_without_money_numbers_are_not_available_and_never_0(stage: Stage) -> None:
    share, post = await stage.published()
    stage.network.state.react(post, likes=2)
    now = time.time()
    await stage.refresh(share, now=now)
    await budget(stage, LINK + LINK)
    stage.network.break_("500", "GET /2/tweets")  # X is not even asked
    await stage.refresh(share, now=now + 86400)
    known = await stage.reactions(share)
    assert known.reason.startswith("this month's X budget is used up; it begins anew on 1 ")
    assert known.counts == Counts(2, 0, 0), "the last that could be had"
    due = await stage.hints(keys.DUE_REACTIONS)
    assert due == {f"{share.member}:{share.id}:x": pytest.approx(now + 2 * 86400, abs=60)}
    stage.network.mend()
    await budget(stage, 3 * LINK)
    await stage.refresh(share, now=now + 2 * 86400)
    assert (await stage.reactions(share)).reason == ""


async def test_reach_is_paid_for_and_waits_without_money(stage: Stage) -> None:
    now, name = time.time(), due_name(stage.bea.id, stage.account.id)

    async def reach() -> None:
        await accounts.reach(
            stage.bea.id, stage.account.id, store=stage.store, networks=stage.offered, slack=stage.slack, now=now
        )

    for fault, cost in (("402", 0), ("500", PROFILE)):  # the second may have been served, and the third is not charged
        stage.network.break_(fault, "GET /2/users/me")
        await reach()
        assert await spent(stage, now) == cost
    stage.network.mend()
    await reach()
    assert await spent(stage, now) == PROFILE
    await budget(stage, LINK)
    await stage.store.accounts.change(stage.bea.id, stage.account.id, reach=7)
    now += 86400
    await reach()
    assert (await stage.now_account()).reach == 7
    assert (await stage.hints(keys.DUE_REACH))[name] == now + 86400


async def test_while_the_network_is_away_nothing_is_spent_on_it(stage: Stage) -> None:
    share = await stage.share()
    stage.offered["x"] = stage.network.unreachable
    assert (await stage.publish(share)).state is PENDING
    with pytest.raises(TryLater):
        await asyncio.to_thread(stage.network.unreachable.profile, "1:t:s")
    assert await spent(stage) == 0
