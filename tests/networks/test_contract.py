"""The contract of ``grapevine.networks.base``, for every network that is offered, over real HTTP."""

import logging
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any, TypeVar

import pytest

from grapevine.domain.errors import GrapevineError, NotFound, Reconnect, Refused, TryLater, Unavailable
from grapevine.domain.reactions import Counts
from grapevine.networks import offered
from grapevine.networks.base import Draft
from grapevine.settings import NetworkSettings
from tests.networks.calls import call, failing
from tests.networks.drafts import DRAFTS, LINK
from tests.networks.drafts import PIXEL as PIXEL  # test_bluesky_card takes it from here
from tests.networks.stage import CALLBACK, Stage
from tests.networks.stages import STAGES
from tests.networks.wire import status

T = TypeVar("T")
every_draft = pytest.mark.parametrize("draft", DRAFTS.values(), ids=DRAFTS)


@pytest.fixture(params=STAGES)
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    async with STAGES[request.param]() as stage:
        yield stage


async def hours_later(stage: Stage, function: Callable[..., T], token: str, *arguments: Any) -> T:
    """As the workers call it: a token that is stale by then is renewed first."""
    if stage.network.stale(token, time.time() + 3 * 3600):
        renewed = await call(stage.network.refresh, token)
        assert renewed is not None
        token = renewed[0]
    return await call(function, token, *arguments)


def is_a_sentence(text: str) -> bool:
    return text[:1].isupper() and text.endswith((".", "!", "?")) and " " in text


def test_every_network_that_is_offered_is_held_to_the_contract() -> None:
    every = {name: "1" for name in NetworkSettings.model_fields if name.endswith(("_id", "_key", "_secret"))}
    assert set(offered(NetworkSettings.model_validate(every))) == {stage.split()[0] for stage in STAGES}
    assert set(offered(NetworkSettings.model_validate({}))) == {"bluesky", "mastodon"}, "they need no credentials"
    assert offered(NetworkSettings.model_validate({"bluesky": "off", "mastodon": "off"})) == {}


async def test_a_network_says_what_it_asks_for_and_where_to_take_it_back(stage: Stage) -> None:
    network = stage.network
    assert network.asks
    assert all(ask.scope and ask.why for ask in network.asks)
    assert network.revoke_hint
    assert network.batch_size >= 1
    assert network.caption_length("abc") == 3 <= network.caption_limit


async def test_a_member_connects(stage: Stage) -> None:
    connected = await stage.connect()
    profile = connected.profile
    assert profile.name == stage.called
    assert profile.uid
    assert isinstance(profile.reach, int)
    assert str(profile.picture).startswith("http")
    assert connected.capabilities.post
    assert connected.token not in repr(connected)
    assert await call(stage.network.profile, connected.token) == profile


async def test_a_member_says_no(stage: Stage) -> None:
    begun = await call(stage.network.authorize, CALLBACK, "state-1", stage.answers)
    query = await stage.decide(begun.url, allow=False)
    assert query["state"] == "state-1"
    error = await failing(Refused, stage.network.connect, CALLBACK, query, begun.secret)
    assert is_a_sentence(str(error))


@pytest.mark.parametrize(
    "query", [{}, {"state": "state-1"}, {"code": "made-up"}, {"oauth_token": "a", "oauth_verifier": "b"}]
)
async def test_a_made_up_callback_connects_nobody(stage: Stage, query: dict[str, str]) -> None:
    begun = await call(stage.network.authorize, CALLBACK, "state-1", stage.answers)
    assert is_a_sentence(str(await failing(Refused, stage.network.connect, CALLBACK, query, begun.secret)))


@every_draft
async def test_a_post_goes_out_once_and_readers_see_its_link(stage: Stage, draft: Draft) -> None:
    token = (await stage.connect()).token
    published = await call(stage.network.publish, token, draft)
    (post,) = stage.state.posts()
    assert post["id"] == published.id
    assert post["text"] == draft.caption
    assert published.url.startswith("http")
    assert published.id in published.url


@every_draft
@pytest.mark.parametrize("fault", ["lost_answer", "500", "hang", "html"])
async def test_a_doubtful_post_is_out_once_at_the_most_after_settling(
    stage: Stage, impatient: None, draft: Draft, fault: str
) -> None:
    token, since = (await stage.connect()).token, time.time()
    stage.break_(fault, stage.create)
    assert (await failing(TryLater, stage.network.publish, token, draft)).uncertain
    stage.mend()
    went_out = [post["id"] for post in stage.state.posts()]
    assert len(went_out) == (fault == "lost_answer")
    settled = await call(stage.network.settle, token, draft, since)
    posts = [post["id"] for post in stage.state.posts()]
    assert posts == ([settled.id] if settled else went_out)  # None: the member is asked, and nothing more went out
    assert settled is not None or draft.media is not None


async def test_the_same_post_twice_is_out_once(stage: Stage) -> None:
    token = (await stage.connect()).token
    first = await call(stage.network.publish, token, DRAFTS["link"])
    try:  # some networks let us know our own post again, some only refuse
        second = await call(stage.network.publish, token, DRAFTS["link"])
    except Refused:
        second = first
    assert second == first
    assert len(stage.state.posts()) == 1


async def test_one_call_reads_a_batch_in_which_deleted_posts_never_read_as_zero(stage: Stage) -> None:
    token, size = (await stage.connect()).token, min(stage.network.batch_size, 5)
    links = [f"{LINK}{number}" for number in range(size)]
    drafts = [replace(DRAFTS["link"], caption=f"Look: {link}", link=link) for link in links]
    posts = [(await call(stage.network.publish, token, draft)).id for draft in [*drafts, DRAFTS["image"]]]
    for number, post in enumerate(posts):
        stage.state.react(post, likes=number + 3, comments=2, reshares=1)
    stage.wire.mend()
    assert len(await call(stage.network.counts, token, posts[:size])) == size
    assert size == 1 or len(stage.wire.calls) <= 2  # some servers want to be asked without the token
    gone = posts[1::2]
    for post in gone:
        stage.remove(post)
    numbers: dict[str, Any] = {}
    for batch in (posts[:size], posts[size:]):
        numbers |= await call(stage.network.counts, token, batch)
    assert set(numbers) == set(posts)
    for number, post in enumerate(posts):
        if post in gone:
            assert isinstance(numbers[post], NotFound | Unavailable)
            assert is_a_sentence(str(numbers[post]))
        else:
            assert numbers[post] == Counts(number + 3, 2, 1)


async def test_a_revoked_token_asks_to_connect_again(stage: Stage) -> None:
    token = (await stage.connect()).token
    stage.break_("revoked", "")
    for function, arguments in (
        (stage.network.publish, (DRAFTS["link"],)),
        (stage.network.counts, (["urn:li:share:7" if stage.network.name == "linkedin" else "7"],)),
        (stage.network.profile, ()),
    ):
        with pytest.raises(Reconnect) as caught:
            await hours_later(stage, function, token, *arguments)
        error = caught.value
        assert error.revoked
        assert is_a_sentence(str(error))


async def test_a_limit_says_when_to_come_back(stage: Stage) -> None:
    token = (await stage.connect()).token
    post = await call(stage.network.publish, token, DRAFTS["image"])
    stage.break_("429", "")
    for function, argument in ((stage.network.publish, DRAFTS["link"]), (stage.network.counts, [post.id])):
        error = await failing(TryLater, function, token, argument)
        assert not error.uncertain
        assert 0 < error.after <= 86400


@pytest.mark.parametrize("fault", ["500", "hang", "half_json", "html", "lost_answer"])
async def test_numbers_of_a_network_in_trouble_come_later(stage: Stage, impatient: None, fault: str) -> None:
    token = (await stage.connect()).token
    post = await call(stage.network.publish, token, DRAFTS["link"])
    stage.break_(fault, stage.read)
    error = await failing(TryLater, stage.network.counts, token, [post.id])
    assert not error.uncertain
    assert is_a_sentence(str(error))


async def test_a_network_that_cannot_be_reached_leaves_no_doubt(stage: Stage) -> None:
    token = (await stage.connect()).token
    for draft in DRAFTS.values():
        assert not (await failing(TryLater, stage.unreachable.publish, token, draft)).uncertain


async def test_revoking_tells_the_truth(stage: Stage) -> None:
    token = (await stage.connect()).token
    stage.break_("500", "")
    assert await call(stage.network.revoke, token) is False
    stage.mend()
    assert await call(stage.network.revoke, token) is True
    with pytest.raises(Reconnect):
        await hours_later(stage, stage.network.profile, token)
    assert await call(stage.network.revoke, "nonsense") is False
    assert await call(stage.unreachable.revoke, token) is False


@pytest.mark.parametrize("said", ["<!doctype html><h1>Welcome</h1>", "[]", '{"hello": 1}', "true" * 9])
async def test_what_somebody_else_answers_confirms_no_revocation(stage: Stage, said: str) -> None:
    for at in range(3):
        token = (await stage.connect()).token
        stage.wire.spoil(status(200, said), at)
        if await call(stage.network.revoke, token):  # by another of its calls
            stage.wire.mend()
            with pytest.raises(Reconnect):
                await hours_later(stage, stage.network.profile, token)


@pytest.mark.parametrize("kept", ["", "nonsense", "{}", "::", "null"])
async def test_a_token_that_cannot_be_read_asks_to_connect_again(stage: Stage, kept: str) -> None:
    assert not (await failing(Reconnect, stage.network.profile, kept)).revoked


@pytest.mark.parametrize("fault", ["", "500", "429", "half_json", "html", "lost_answer", "revoked"])
async def test_no_secret_reaches_a_log_or_an_error(stage: Stage, fault: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    network = stage.network
    connected = await stage.connect()
    begun = await call(network.authorize, CALLBACK, "state-1", stage.answers)
    query = await stage.decide(begun.url)
    stage.break_(fault or "slow", "nothing" if not fault else "")
    said = [repr(connected), repr(network)]
    for function, arguments in (
        (network.publish, (connected.token, DRAFTS["image"])),
        (network.counts, (connected.token, ["urn:li:share:7" if network.name == "linkedin" else "7"])),
        (network.refresh, (connected.token,)),
        (network.revoke, (connected.token,)),
    ):
        try:
            await call(function, *arguments)
        except GrapevineError as caught:
            error: BaseException | None = caught
            while error is not None:
                said += [repr(error), str(error)]
                error = error.__cause__ or error.__context__
    told = "\n".join([*said, caplog.text])
    hidden = [*stage.secrets, query.get("code"), query.get("oauth_verifier")]
    kept = f"{connected.token}:{begun.secret}"
    hidden += [part for part in kept.replace(":", '"').split('"') if len(part) > 24]
    assert len(hidden) >= 5
    assert not [secret for secret in hidden if secret and secret in told]
