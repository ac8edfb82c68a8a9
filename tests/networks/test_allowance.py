"""Requests are asked for before they go out, and LinkedIn's link clicks only where there is room for them."""

from collections.abc import AsyncIterator

import pytest

from grapevine.domain.errors import TryLater
from grapevine.domain.reactions import Counts
from grapevine.networks.allowance import Allowance, OutOfCalls, allowed
from tests.networks import stages
from tests.networks.calls import call
from tests.networks.drafts import DRAFTS
from tests.networks.stage import Stage


@pytest.fixture
async def linkedin() -> AsyncIterator[tuple[Stage, str, str]]:
    """LinkedIn, Bea's token, and the id of a post with 3 likes and 40 link clicks."""
    async with stages.on_linkedin() as stage:
        token = (await stage.connect()).token
        post = (await call(stage.network.publish, token, DRAFTS["link"])).id
        stage.state.react(post, likes=3)
        state = vars(stage)["state"]
        state.stored[post].link_clicks = 40
        state.calls.clear()
        yield stage, token, post


async def read(stage: Stage, token: str, post: str) -> Counts:
    counts = (await call(stage.network.counts, token, [post]))[post]
    assert isinstance(counts, Counts)
    return counts


async def test_link_clicks_are_read_beside_the_counts_and_are_no_reaction(
    linkedin: tuple[Stage, str, str],
) -> None:
    counts = await read(*linkedin)
    assert (counts.link_clicks, counts.total) == (40, 3)


async def test_without_room_for_extras_three_requests_do(linkedin: tuple[Stage, str, str]) -> None:
    with allowed(Allowance(3, extras=False)) as allowance:
        counts = await read(*linkedin)
    assert (counts, counts.link_clicks) == (Counts(3, 0, 0), None)
    assert (allowance.made, allowance.granted) == (3, 0)


async def test_an_app_that_is_not_told_the_link_clicks_is_told_the_rest(
    linkedin: tuple[Stage, str, str],
) -> None:
    with allowed(Allowance(3)):  # the fourth request is refused, as LinkedIn would refuse it to some apps
        counts = await read(*linkedin)
    assert (counts, counts.link_clicks) == (Counts(3, 0, 0), None)


async def test_a_request_that_is_not_granted_never_goes_out(linkedin: tuple[Stage, str, str]) -> None:
    stage, token, post = linkedin
    asked: list[int] = []

    def more() -> bool:
        asked.append(len(vars(stage)["state"].calls))
        return len(asked) < 3

    with allowed(Allowance(0, more)) as allowance, pytest.raises(OutOfCalls) as caught:
        await call(stage.network.counts, token, [post])
    assert asked == [0, 1, 2]
    assert len(vars(stage)["state"].calls) == allowance.made == 2
    assert isinstance(caught.value, TryLater)
    assert not caught.value.uncertain


async def test_outside_of_an_allowance_there_is_no_bound(linkedin: tuple[Stage, str, str]) -> None:
    with allowed(Allowance(0)), pytest.raises(OutOfCalls):
        await read(*linkedin)
    assert await read(*linkedin) == Counts(3, 0, 0)
