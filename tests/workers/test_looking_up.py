"""What X is asked beyond posts and their numbers is paid for too: looking for a doubtful post, and connecting."""

import asyncio
import time

import pytest

from grapevine.domain.budgets import Use
from grapevine.domain.errors import Refused
from grapevine.domain.shares import PlacementState
from grapevine.networks.charges import Till, charged
from grapevine.store import keys
from tests.workers.stage import Stage
from tests.workers.test_spending import LINK, LOOK, PROFILE, READ, budget, purse, spent

PUBLISHING, OUT, ASKING = PlacementState.PUBLISHING, PlacementState.PUBLISHED, PlacementState.ASKING


async def test_each_post_that_x_shows_costs_what_reading_it_does_once_a_day(stage: Stage) -> None:
    before = [await stage.published(f"Number {number}") for number in range(2)]
    share = await stage.share()
    stage.network.break_("lost_answer", "POST /2/tweets")
    assert (await stage.publish(share)).state is PUBLISHING
    stage.network.mend()
    assert (await stage.publish(share)).state is OUT
    assert await spent(stage) == 3 * (LINK + READ), "those of the two minutes before are shown too"
    await stage.refresh(share, before[0][0])
    assert await spent(stage) == 3 * (LINK + READ)


async def test_a_look_that_may_have_been_answered_stays_paid_for_that_day(stage: Stage) -> None:
    share = await stage.share()
    stage.network.break_("lost_answer", "POST /2/tweets")
    await stage.publish(share)
    stage.network.break_("lost_answer", "GET /2/users/")
    assert (await stage.publish(share)).state is PUBLISHING
    assert await spent(stage) == LINK + LOOK
    stage.network.break_("429", "GET /2/users/")
    assert (await stage.publish(share)).state is PUBLISHING
    assert await spent(stage) == LINK + LOOK
    await stage.store.redis.delete(keys.pause(Use.POSTING, "x", stage.account.id))
    stage.network.mend()
    assert (await stage.publish(share)).state is OUT
    assert await spent(stage) == LINK + READ, "now it is known what both showed"


async def test_who_cannot_pay_for_a_look_is_asked(stage: Stage) -> None:
    await budget(stage, LINK + LOOK - 1)
    share = await stage.share()
    stage.network.break_("lost_answer", "POST /2/tweets")
    assert (await stage.publish(share)).state is PUBLISHING
    stage.network.mend()
    assert (await stage.publish(share)).state is ASKING
    assert "Is “Jobs at Example” out on X?" in stage.dms()[-1]
    assert (await spent(stage), len(stage.posts())) == (LINK, 1)


async def test_what_x_did_not_show_is_given_back(stage: Stage) -> None:
    share = await stage.share()
    stage.network.break_("lost_answer", "POST /2/tweets")
    await stage.publish(share)
    stage.network.break_("403", "GET /2/users/")
    assert (await stage.publish(share)).state is ASKING
    assert await spent(stage) == LINK


def till(stage: Stage, bound: int | None = None) -> Till:
    own = purse(stage, bound)
    return Till(own, asyncio.get_running_loop(), "", time.time())


async def test_connecting_reads_a_profile_which_is_paid_once_a_day(stage: Stage) -> None:
    for _ in range(2):
        with charged(till(stage)):
            connected = await stage.network.connect()
    assert connected.profile.reach == 312
    assert await spent(stage) == PROFILE


async def test_who_cannot_pay_for_a_profile_is_connected_without_its_reach(stage: Stage) -> None:
    with charged(till(stage, LINK + PROFILE - 1)):
        connected = await stage.network.connect()
    assert (connected.profile.name, connected.profile.reach) == ("@bea_lindqvist", None)
    assert connected.capabilities.reach_reason == "this month's X budget is used up."
    assert await spent(stage) == 0


@pytest.mark.parametrize(("fault", "cost"), [("402", 0), ("429", 0), ("500", PROFILE), ("lost_answer", PROFILE)])
async def test_a_profile_that_may_have_been_read_while_connecting_stays_paid(
    stage: Stage, fault: str, cost: int
) -> None:
    stage.network.break_(fault, "GET /2/users/me")
    with charged(till(stage)):
        assert (await stage.network.connect()).profile.reach is None
    assert await spent(stage) == cost


async def test_a_profile_is_paid_that_tells_of_an_app_which_may_only_read(stage: Stage) -> None:
    vars(stage.network)["state"].read_only = True
    with charged(till(stage)), pytest.raises(Refused, match="tell your Grapevine admin"):
        await stage.network.connect()
    assert await spent(stage) == PROFILE
