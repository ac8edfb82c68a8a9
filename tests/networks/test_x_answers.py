"""X's answers end in our counts or in our errors."""

import time
from typing import Any

import pytest

from grapevine.domain.errors import NotFound, Reconnect, Refused, TryLater, Unavailable
from grapevine.domain.reactions import Counts
from grapevine.networks.base import Draft
from grapevine.networks.x import X
from grapevine.networks.x_answers import counted, wait
from tests.networks.calls import call, failing
from tests.networks.drafts import DRAFT
from tests.networks.x_stand_in import Stage


async def test_wrong_keys_or_clock_disconnect_nobody(x: Stage) -> None:
    token = (await x.connect()).token
    wrong = X(x.state.api_key, "not-the-secret", x.url)
    await failing(TryLater, wrong.profile, token)
    x.state.clock = lambda: time.time() + 3600
    await failing(TryLater, x.client.profile, token)


@pytest.mark.parametrize(("fault", "reason"), [("402", "credits"), ("403", "lacks the right")])
async def test_a_refusal_tells_the_member_why(x: Stage, fault: str, reason: str) -> None:
    token = (await x.connect()).token
    await x.fault(fault)
    assert reason in str(await failing(Refused, x.client.publish, token, DRAFT))
    numbers = await call(x.client.counts, token, ["1"])
    assert isinstance(numbers["1"], Unavailable)
    assert reason in str(numbers["1"])
    assert reason in str(await failing(Unavailable, x.client.profile, token))


async def test_reactions_are_counted_and_only_a_post_that_is_gone_is_not_found(x: Stage) -> None:
    token = (await x.connect()).token
    one = await call(x.client.publish, token, DRAFT)
    two = await call(x.client.publish, token, Draft("two", DRAFT.post))
    x.state.react(one.id, likes=3, comments=2, reshares=1)
    post = x.state.post(one.id)
    assert post is not None
    post.quotes = 4
    x.state.remove(two.id)
    numbers = await call(x.client.counts, token, [one.id, two.id])
    assert numbers[one.id] == Counts(3, 2, 5)
    assert isinstance(numbers[two.id], NotFound)
    assert isinstance((await call(x.client.counts, token, [two.id]))[two.id], NotFound)
    assert await call(x.client.counts, token, []) == {}


async def test_a_batch_holds_a_hundred_posts(x: Stage) -> None:
    token = (await x.connect()).token
    ids = [str(number) for number in range(101)]
    assert len(await call(x.client.counts, token, ids[:100])) == 100
    await failing(ValueError, x.client.counts, token, ids)


@pytest.mark.parametrize("reposts", ["retweet_count", "repost_count"])
def test_both_names_of_the_repost_count_are_read(reposts: str) -> None:
    metrics = {reposts: 4, "reply_count": 2, "like_count": 1, "quote_count": 3}
    assert counted({"data": [{"id": "7", "public_metrics": metrics}]}, ["7"]) == {"7": Counts(1, 2, 7)}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"data": [{"id": "7"}]},
        {"data": [{"id": "7", "public_metrics": {"like_count": 1}}]},
        {"data": {"id": "7"}, "errors": "none"},
        {"errors": [{"resource_id": "7", "type": "https://api.x.com/2/problems/not-authorized-for-resource"}]},
        {"errors": [{"resource_id": "8", "type": "https://api.x.com/2/problems/resource-not-found"}]},
    ],
)
def test_numbers_that_x_does_not_tell_are_unavailable_and_never_zero(body: dict[str, Any]) -> None:
    assert isinstance(counted(body, ["7"])["7"], Unavailable)


@pytest.mark.parametrize("fault", ["revoked", "401"])
async def test_a_dead_token_asks_to_connect_again(x: Stage, fault: str) -> None:
    token = (await x.connect()).token
    await x.fault(fault, only="/2/")
    for function, arguments in (
        (x.client.publish, (DRAFT,)),
        (x.client.counts, (["1"],)),
        (x.client.profile, ()),
        (x.client.settle, (DRAFT, 0.0)),
    ):
        assert (await failing(Reconnect, function, token, *arguments)).revoked


async def test_a_limit_says_when_to_come_back(x: Stage) -> None:
    token = (await x.connect()).token
    await x.fault("429", seconds=120)
    error = await failing(TryLater, x.client.counts, token, ["1"])
    assert 110 <= error.after <= 120
    assert not (await failing(TryLater, x.client.publish, token, DRAFT)).uncertain


@pytest.mark.parametrize("fault", ["500", "hang", "half_json", "html", "lost_answer"])
async def test_numbers_of_a_network_in_trouble_come_later(x: Stage, impatient: None, fault: str) -> None:
    token = (await x.connect()).token
    await x.fault(fault, only="/2/")
    assert not (await failing(TryLater, x.client.counts, token, ["1"])).uncertain
    await failing(TryLater, x.client.profile, token)


async def test_an_app_without_the_right_to_post_is_an_admins_matter(x: Stage) -> None:
    token = (await x.connect()).token
    x.state.read_only = True
    assert "lacks the right" in str(await failing(Refused, x.client.publish, token, DRAFT))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x-rate-limit-remaining": "0", "x-rate-limit-reset": "1060"}, 60.0),
        ({"x-rate-limit-reset": "1060"}, 60.0),
        (
            {
                "x-rate-limit-remaining": "7",
                "x-rate-limit-reset": "1060",
                "x-user-limit-24hour-remaining": "0",
                "x-user-limit-24hour-reset": "9000",
            },
            8000.0,
        ),
        ({"x-rate-limit-reset": "900"}, 1.0),
        ({"Retry-After": "30"}, 30.0),
        ({}, None),
    ],
)
def test_the_limit_that_is_used_up_says_how_long(headers: dict[str, str], seconds: float | None) -> None:
    assert wait(headers, 1000.0) == seconds
