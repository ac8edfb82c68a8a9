"""LinkedIn's numbers: read one metric at a time, and never a zero that nobody told."""

import pytest

from grapevine.domain.errors import TryLater, Unavailable
from grapevine.domain.reactions import Counts
from grapevine.networks.abilities import NotCounted
from grapevine.networks.linkedin_counts import ANALYTICS, METADATA
from tests.networks.calls import call, failing
from tests.networks.drafts import IMAGE
from tests.networks.linkedin_stand_in import DRAFT, Stage, staged


async def test_counts_are_read_one_metric_at_a_time(linkedin: Stage) -> None:
    token = (await linkedin.connect()).token
    share, picture = [(await call(linkedin.client.publish, token, one)).id for one in (DRAFT, IMAGE)]
    linkedin.state.react(share, likes=7, comments=2, reshares=1)
    linkedin.state.calls.clear()
    assert await call(linkedin.client.counts, token, [share]) == {share: Counts(7, 2, 1)}
    assert linkedin.state.calls == ["GET /rest/memberCreatorPostAnalytics"] * 4  # the last one for its link clicks
    assert await call(linkedin.client.counts, token, [picture]) == {picture: Counts(0, 0, 0)}


async def test_a_post_known_under_its_twin_only_is_found() -> None:
    async with staged(twins=True) as stage:
        token = (await stage.connect()).token
        share = (await call(stage.client.publish, token, DRAFT)).id
        stage.state.react(share, likes=3)
        assert await call(stage.client.counts, token, [share]) == {share: Counts(3, 0, 0)}


async def test_rows_left_out_beside_figures_are_zeros_and_no_figures_are_none() -> None:
    async with staged(sparse=True) as stage:
        token = (await stage.connect()).token
        share = (await call(stage.client.publish, token, DRAFT)).id
        nothing = (await call(stage.client.counts, token, [share]))[share]
        assert isinstance(nothing, Unavailable)
        assert "no figures" in str(nothing)
        stage.state.react(share, comments=2)
        assert await call(stage.client.counts, token, [share]) == {share: Counts(0, 2, 0)}


async def test_a_share_app_is_told_no_counts_without_a_call() -> None:
    async with staged("share") as stage:
        token = (await stage.connect()).token
        share = (await call(stage.client.publish, token, DRAFT)).id
        stage.state.calls.clear()
        told = (await call(stage.client.counts, token, [share]))[share]
        assert isinstance(told, Unavailable)
        assert stage.state.calls == []


async def test_statistics_that_deny_themselves_are_neither_zero_nor_a_deleted_post() -> None:
    async with staged(analytics=False) as stage:
        token = (await stage.connect()).token
        share = (await call(stage.client.publish, token, DRAFT)).id
        stage.state.react(share, likes=4, comments=1)
        assert await call(stage.client.counts, token, [share]) == {share: Counts(4, 1, None)}
        stage.state.stored[share].deleted = True
        assert isinstance((await call(stage.client.counts, token, [share]))[share], Unavailable)


async def test_an_app_that_may_not_read_analytics_asks_for_no_twin_and_the_second_source_then() -> None:
    async with staged() as stage:
        token = (await stage.connect()).token
        share = (await call(stage.client.publish, token, DRAFT)).id
        stage.state.react(share, likes=4, comments=1)
        stage.state.forbidden.add("memberCreatorPostAnalytics")
        stage.state.calls.clear()
        told = (await call(stage.client.counts, token, [share]))[share]
        assert (told, isinstance(told, Counts) and told.source) == (Counts(4, 1, None), METADATA)
        assert len(stage.state.calls) == 2
        assert await call(stage.client.counts_from, token, [share], METADATA) == {share: told}
        assert len(stage.state.calls) == 3
        stage.state.forbidden.add("socialMetadata")
        denied = (await call(stage.client.counts, token, [share]))[share]
        assert isinstance(denied, NotCounted)
        assert denied.sure
        assert "Ask the person who runs Grapevine" in str(denied)


async def test_a_source_that_is_known_to_tell_is_asked_alone_also_of_a_post_that_is_gone(linkedin: Stage) -> None:
    token = (await linkedin.connect()).token
    share = (await call(linkedin.client.publish, token, DRAFT)).id
    linkedin.state.stored[share].deleted = True
    linkedin.state.calls.clear()
    told = (await call(linkedin.client.counts_from, token, [share], ANALYTICS))[share]
    assert isinstance(told, Unavailable)
    assert not isinstance(told, NotCounted)
    assert linkedin.state.calls == ["GET /rest/memberCreatorPostAnalytics"] * 2


@pytest.mark.parametrize("mode", ["half_json", "html", "500", "429"])
async def test_counts_in_trouble_mean_later_and_no_number(linkedin: Stage, mode: str) -> None:
    token = (await linkedin.connect()).token
    share = (await call(linkedin.client.publish, token, DRAFT)).id
    await linkedin.fault(mode, only="GET /rest/memberCreatorPostAnalytics")
    assert (await failing(TryLater, linkedin.client.counts, token, [share])).uncertain is False


async def test_the_profile_is_read_again_with_its_reach(linkedin: Stage) -> None:
    token = (await linkedin.connect("cy")).token
    assert (await call(linkedin.client.profile, token)).reach == 204
