"""Mastodon's answers end in our counts or in our errors, and nothing else of them goes any further."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from grapevine.domain.errors import GrapevineError, NotFound, Reconnect, Refused, TryLater, Unavailable
from grapevine.domain.reactions import Counts
from grapevine.networks.mastodon_answers import wait
from tests.networks.calls import call, failing
from tests.networks.drafts import DRAFT, IMAGE
from tests.networks.mastodon_stand_in import Stage, staged


@pytest.fixture(params=["4.5.2", "4.2.29"])
async def mastodon(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    async with staged(request.param) as stage:
        yield stage


# --- counts


async def posted(stage: Stage, token: str, count: int) -> list[str]:
    drafts = [replace(DRAFT, caption=f"Number {number}") for number in range(count)]
    return [(await call(stage.client.publish, token, draft)).id for draft in drafts]


async def test_a_batch_is_counted_and_only_a_post_that_is_gone_is_not_found(mastodon: Stage) -> None:
    token = (await mastodon.connect()).token
    ids = await posted(mastodon, token, 20)
    mastodon.state.react(ids[0], likes=3, comments=2, reshares=1)
    mastodon.state.remove(ids[7])
    numbers = await call(mastodon.client.counts, token, ids)
    assert list(numbers) == ids
    assert numbers[ids[0]] == Counts(3, 2, 1)
    assert isinstance(numbers[ids[7]], NotFound)
    assert all(numbers[one] == Counts(0, 0, 0) for one in ids[8:])
    assert await call(mastodon.client.counts, token, []) == {}
    await failing(ValueError, mastodon.client.counts, token, [*ids, "1"])


async def test_a_batch_is_one_call_where_the_server_can() -> None:
    async with staged() as mastodon:
        token = (await mastodon.connect()).token
        ids = await posted(mastodon, token, 5)
        await mastodon.fault("500", only="/api/v1/statuses/")  # one by one would fail
        assert len(await call(mastodon.client.counts, token, ids)) == 5


async def test_a_closed_server_tells_no_numbers_and_the_reason_is_said(mastodon: Stage) -> None:
    token = (await mastodon.connect()).token
    ids = await posted(mastodon, token, 2)
    mastodon.state.closed = True
    numbers = await call(mastodon.client.counts, token, ids)
    assert all(isinstance(numbers[one], Unavailable) for one in ids)
    assert "which Grapevine does not ask for" in str(numbers[ids[0]])


async def test_a_server_that_closed_for_good_has_no_posts(mastodon: Stage) -> None:
    token = (await mastodon.connect()).token
    (one,) = await posted(mastodon, token, 1)
    await mastodon.fault("410")
    assert isinstance((await call(mastodon.client.counts, token, [one]))[one], NotFound)
    await failing(NotFound, mastodon.client.publish, token, DRAFT)


# --- errors


@pytest.mark.parametrize(
    ("fault", "kind", "said"),
    [
        ("401", TryLater, "lets nobody in at the moment"),
        ("403", Refused, "Your login is currently disabled"),
        ("422", Refused, "Text is not to our taste"),
        ("429", TryLater, "to wait"),
        ("500", TryLater, "trouble of its own"),
        ("503", TryLater, "trouble of its own"),
        ("revoked", Reconnect, "no longer accepts"),
    ],
)
async def test_each_refusal_ends_in_its_own_error(
    mastodon: Stage, fault: str, kind: type[GrapevineError], said: str
) -> None:
    token = (await mastodon.connect()).token
    await mastodon.fault(fault)
    for draft in (DRAFT, IMAGE):
        error = await failing(kind, mastodon.client.publish, token, draft)
        assert said in str(error)
        assert mastodon.name in str(error)
    assert mastodon.state.posts() == []


async def test_a_wall_in_front_of_a_server_disconnects_nobody(mastodon: Stage) -> None:
    token = (await mastodon.connect()).token
    await mastodon.fault("401")
    for function, arguments in ((mastodon.client.profile, ()), (mastodon.client.counts, (["1"],))):
        await failing(TryLater, function, token, *arguments)


async def test_a_limit_says_when_to_come_back(mastodon: Stage) -> None:
    token = (await mastodon.connect()).token
    await mastodon.fault("429", seconds=120)
    error = await failing(TryLater, mastodon.client.counts, token, ["1"])
    assert 100 <= error.after <= 120
    assert not (await failing(TryLater, mastodon.client.publish, token, DRAFT)).uncertain


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"X-RateLimit-Reset": "2026-11-21T12:05:00.000000Z"}, 300.0),
        ({"X-RateLimit-Reset": "2026-11-21T12:05:00"}, 300.0),
        ({"X-RateLimit-Reset": "2026-11-21T11:00:00Z"}, 1.0),
        ({"X-RateLimit-Reset": "soon", "Retry-After": "30"}, 30.0),
        ({}, None),
    ],
)
def test_the_reset_is_a_date(headers: dict[str, str], seconds: float | None) -> None:
    assert wait(headers, 1795262400.0) == seconds
