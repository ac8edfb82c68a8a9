"""X's client against the strict stand-in, over real HTTP."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

import pytest

from grapevine.domain.accounts import Capabilities, Profile
from grapevine.domain.errors import GrapevineError, NotFound, Reconnect, Refused, TryLater, Unavailable
from grapevine.domain.posts import Post, PostKind
from grapevine.domain.reactions import Counts
from grapevine.networks import http, offered
from grapevine.networks.base import Draft, Network
from grapevine.networks.x import X
from grapevine.networks.x_answers import counted
from grapevine.settings import NetworkSettings
from tests.networks.x_stand_in import BEA, CALLBACK, CY, Stage, staged

T = TypeVar("T")
LINK = "https://go.example.com/a1b2c3"
DRAFT = Draft(f"We built a thing & it <works> {LINK}", Post(PostKind.LINK, "https://example.com/thing"), LINK)
PIXEL = b"\x89PNG\r\n\x1a\n" + bytes(64)
IMAGE = Draft(
    "Our new office", Post(PostKind.IMAGE, "https://example.com/a.png", alt_text="A room"), None, (PIXEL, "image/png")
)


@pytest.fixture
async def x() -> AsyncIterator[Stage]:
    async with staged() as stage:
        yield stage


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "TIMEOUT", (1.0, 0.3))


async def call(function: Callable[..., T], *arguments: Any) -> T:
    return await asyncio.to_thread(function, *arguments)


async def failing(kind: type[Exception], function: Callable[..., Any], *arguments: Any) -> Any:
    with pytest.raises(kind) as caught:
        await call(function, *arguments)
    return caught.value


def test_it_is_offered_only_with_credentials() -> None:
    settings = {"x_api_key": "k", "x_api_secret": "s", "x_api_url": "https://api.x.com"}
    assert "x" in offered(NetworkSettings.model_validate(settings))
    assert "x" not in offered(NetworkSettings.model_validate({"x_api_key": "k"}))


def test_it_fulfils_the_contract() -> None:
    network: Network = X("k", "s", "https://api.x.com")
    assert (network.name, network.title, network.caption_limit, network.batch_size) == ("x", "X", 280, 100)
    assert network.refresh("1:t:s") is None


@pytest.mark.parametrize(
    ("text", "length"),
    [("", 0), ("abc", 3), ("日本語", 6), ("👩‍👩‍👧‍👦", 2), (f"see {LINK}{'x' * 60}", 27), ("see example.com/abc", 27)],
)
def test_a_caption_is_measured_as_x_measures_it(text: str, length: int) -> None:
    assert X("k", "s", "https://api.x.com").caption_length(text) == length


async def test_a_member_connects(x: Stage) -> None:
    begun = await call(x.client.authorize, f"{CALLBACK}?from=slack", "st&te/1")
    assert begun.url.startswith(f"{x.url}/oauth/authorize?oauth_token=")
    assert begun.secret not in begun.url
    query = await x.decide(begun.url, BEA)
    assert query["state"] == "st&te/1"
    assert query["from"] == "slack"
    connected = await call(x.client.connect, CALLBACK, query, begun.secret)
    picture = f"{x.url}/pictures/bea_lindqvist_bigger.svg"
    assert connected.profile == Profile(BEA.id, "Bea Lindqvist", picture, 312)
    assert connected.capabilities == Capabilities()
    assert connected.expires_at is None


async def test_a_member_who_says_no_is_told_that_nothing_was_connected(x: Stage) -> None:
    begun = await call(x.client.authorize, CALLBACK, "state-1")
    query = await x.decide(begun.url, BEA, "cancel")
    assert set(query) == {"state", "denied"}
    error = await failing(Refused, x.client.connect, CALLBACK, query, begun.secret)
    assert "nothing was connected" in str(error)
    assert not x.state.access_tokens


async def test_a_callback_works_once_and_for_its_own_attempt_only(x: Stage) -> None:
    begun = await call(x.client.authorize, CALLBACK, "state-1")
    other = await call(x.client.authorize, CALLBACK, "state-2")
    query = await x.decide(begun.url, BEA)
    assert "another attempt" in str(await failing(Refused, x.client.connect, CALLBACK, query, other.secret))
    await failing(Refused, x.client.connect, CALLBACK, {**query, "oauth_verifier": "guessed"}, begun.secret)
    await call(x.client.connect, CALLBACK, query, begun.secret)
    await failing(Refused, x.client.connect, CALLBACK, query, begun.secret)
    await failing(Refused, x.client.connect, CALLBACK, {"state": "state-1"}, begun.secret)


async def test_a_callback_address_that_x_does_not_know_is_named(x: Stage) -> None:
    error = await failing(Refused, x.client.authorize, "http://127.0.0.1:3999/elsewhere", "state-1")
    assert "http://127.0.0.1:3999/elsewhere" in str(error)


async def test_wrong_keys_are_an_admins_matter(x: Stage) -> None:
    wrong = X(x.state.api_key, "not-the-secret", x.url)
    assert "X_API_SECRET" in str(await failing(Refused, wrong.authorize, CALLBACK, "state-1"))


async def test_wrong_keys_or_clock_disconnect_nobody(x: Stage) -> None:
    token = (await x.connect()).token
    wrong = X(x.state.api_key, "not-the-secret", x.url)
    await failing(TryLater, wrong.profile, token)
    x.state.clock = lambda: time.time() + 3600
    await failing(TryLater, x.client.profile, token)


@pytest.mark.parametrize(("fault", "reason"), [("402", "credits"), ("403", "lacks the right")])
async def test_a_hidden_profile_still_connects_and_says_why_the_reach_is_missing(
    x: Stage, fault: str, reason: str
) -> None:
    await x.fault(fault, only="/2/users/me")
    connected = await x.connect()
    assert connected.profile == Profile(BEA.id, "@bea_lindqvist")
    assert not connected.capabilities.reach
    assert reason in connected.capabilities.reach_reason
    assert connected.capabilities.post


async def test_a_profile_that_stumbles_does_not_spoil_the_dance(x: Stage) -> None:
    await x.fault("500", only="/2/users/me")
    connected = await x.connect()
    assert connected.profile == Profile(BEA.id, "@bea_lindqvist")
    assert connected.capabilities == Capabilities()


async def test_a_link_is_posted(x: Stage) -> None:
    token = (await x.connect()).token
    published = await call(x.client.publish, token, DRAFT)
    (post,) = x.state.posts()
    assert (post["id"], post["url"], post["text"]) == (published.id, published.url, DRAFT.caption)
    assert published.url == f"{x.url}/i/status/{published.id}"


async def test_the_link_is_added_where_the_caption_lacks_it(x: Stage) -> None:
    token = (await x.connect()).token
    await call(x.client.publish, token, Draft("Look", DRAFT.post, LINK))
    assert x.state.posts()[0]["text"] == f"Look\n\n{LINK}"


async def test_an_image_is_uploaded_with_its_description(x: Stage) -> None:
    token = (await x.connect()).token
    published = await call(x.client.publish, token, IMAGE)
    post = x.state.post(published.id)
    assert post is not None
    (media,) = post.media
    assert x.state.media[media] == (BEA.id, PIXEL, "image/png")
    assert x.state.alt_texts[media] == "A room"


async def test_an_image_that_x_does_not_take_is_refused(x: Stage) -> None:
    token = (await x.connect()).token
    draft = Draft("Our office", IMAGE.post, None, (b"%PDF", "application/pdf"))
    assert "did not take the image" in str(await failing(Refused, x.client.publish, token, draft))
    assert x.state.posts() == []


@pytest.mark.parametrize("fault", ["500", "hang", "lost_answer", "html"])
async def test_a_doubtful_upload_is_no_doubtful_post(x: Stage, impatient: None, fault: str) -> None:
    token = (await x.connect()).token
    await x.fault(fault, only="/2/media/upload")
    assert not (await failing(TryLater, x.client.publish, token, IMAGE)).uncertain


async def test_a_caption_that_is_too_long_is_refused_before_x_sees_it(x: Stage) -> None:
    token = (await x.connect()).token
    error = await failing(Refused, x.client.publish, token, Draft("x" * 281, DRAFT.post))
    assert "281 of 280" in str(error)


async def test_the_same_text_twice_is_refused_with_advice(x: Stage) -> None:
    token = (await x.connect()).token
    draft = Draft("Our new office", IMAGE.post)
    await call(x.client.publish, token, draft)
    assert "change the caption" in str(await failing(Refused, x.client.publish, token, draft))
    assert len(x.state.posts()) == 1


async def test_a_duplicate_that_carries_our_short_link_is_ours(x: Stage) -> None:
    token = (await x.connect()).token
    first = await call(x.client.publish, token, DRAFT)
    assert await call(x.client.publish, token, DRAFT) == first


@pytest.mark.parametrize("fault", ["lost_answer", "half_json"])
@pytest.mark.parametrize("draft", [DRAFT, IMAGE], ids=["link", "image"])
async def test_a_post_whose_answer_was_lost_is_found_again(x: Stage, fault: str, draft: Draft) -> None:
    token, since = (await x.connect()).token, time.time()
    await x.fault(fault, only="POST /2/tweets", times=1)
    assert (await failing(TryLater, x.client.publish, token, draft)).uncertain
    settled = await call(x.client.settle, token, draft, since)
    assert settled is not None
    assert [post["id"] for post in x.state.posts()] == [settled.id]


@pytest.mark.parametrize("fault", ["500", "hang", "html"])
async def test_a_post_that_never_arrived_is_posted_once_by_settling(x: Stage, impatient: None, fault: str) -> None:
    token, since = (await x.connect()).token, time.time()
    await x.fault(fault, only="POST /2/tweets", times=1)
    assert (await failing(TryLater, x.client.publish, token, DRAFT)).uncertain
    settled = await call(x.client.settle, token, DRAFT, since)
    assert settled is not None
    assert [post["id"] for post in x.state.posts()] == [settled.id]


async def test_another_post_with_the_same_words_is_not_adopted(x: Stage) -> None:
    token = (await x.connect()).token
    old = await call(x.client.publish, token, IMAGE)
    post = x.state.post(old.id)
    assert post is not None
    post.created -= 86400
    assert await call(x.client.settle, token, IMAGE, time.time()) is None
    assert len(x.state.posts()) == 1


async def test_a_link_that_only_begins_alike_is_another_one(x: Stage) -> None:
    token, since = (await x.connect()).token, time.time()
    await call(x.client.publish, token, Draft(f"Other {LINK}4", DRAFT.post, f"{LINK}4"))
    settled = await call(x.client.settle, token, DRAFT, since)
    assert settled is not None
    assert x.state.posts()[0]["id"] == settled.id
    assert len(x.state.posts()) == 2


@pytest.mark.parametrize("fault", ["402", "403"])
async def test_nothing_is_posted_again_where_x_lets_nobody_look(x: Stage, fault: str) -> None:
    token, since = (await x.connect()).token, time.time()
    await x.fault(fault, only="GET /2/users/")
    assert await call(x.client.settle, token, DRAFT, since) is None
    assert x.state.posts() == []


async def test_a_refused_connection_is_no_doubtful_post(x: Stage, unused_tcp_port: int) -> None:
    token = (await x.connect()).token
    away = X(x.state.api_key, x.state.api_secret, f"http://127.0.0.1:{unused_tcp_port}")
    assert not (await failing(TryLater, away.publish, token, DRAFT)).uncertain


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


async def test_disconnecting_ends_the_token_at_x(x: Stage) -> None:
    token = (await x.connect()).token
    other = (await x.connect(CY)).token
    assert await call(x.client.revoke, token) is True
    assert (await failing(Reconnect, x.client.profile, token)).revoked
    assert (await call(x.client.profile, other)).uid == CY.id
    assert await call(x.client.revoke, token) is True


@pytest.mark.parametrize("fault", ["500", "hang", "html", "half_json", "lost_answer", "429"])
async def test_disconnecting_claims_nothing_that_x_did_not_confirm(x: Stage, impatient: None, fault: str) -> None:
    token = (await x.connect()).token
    await x.fault(fault)
    assert await call(x.client.revoke, token) is False
    assert await call(x.client.revoke, "nonsense") is False


async def test_a_token_that_cannot_be_read_asks_to_connect_again(x: Stage) -> None:
    assert not (await failing(Reconnect, x.client.profile, "nonsense")).revoked


@pytest.mark.parametrize(
    "fault", ["", "500", "half_json", "html", "lost_answer", "revoked", "401", "402", "403", "429"]
)
async def test_no_secret_reaches_a_log_or_an_error(x: Stage, fault: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    begun = await call(x.client.authorize, CALLBACK, "state-1")
    query = await x.decide(begun.url, BEA)
    connected = await call(x.client.connect, CALLBACK, query, begun.secret)
    await x.fault(fault)
    said = [repr(connected), repr(x.client), str(vars(x.client.__class__))]
    for function, arguments in (
        (x.client.authorize, (CALLBACK, "state-1")),
        (x.client.connect, (CALLBACK, query, begun.secret)),
        (x.client.profile, (connected.token,)),
        (x.client.publish, (connected.token, IMAGE)),
        (x.client.settle, (connected.token, DRAFT, time.time())),
        (x.client.counts, (connected.token, ["1"])),
        (x.client.revoke, (connected.token,)),
    ):
        try:
            await call(function, *arguments)
        except GrapevineError as error:
            while error is not None:
                said += [repr(error), str(error)]
                error = error.__cause__ or error.__context__  # type: ignore[assignment]  # the whole chain
    told = "\n".join([*said, caplog.text])
    secrets = [*connected.token.split(":")[1:], *begun.secret.split(":"), query["oauth_verifier"], x.state.api_secret]
    assert not [secret for secret in secrets if secret in told]


async def test_a_post_without_link_or_scheme_is_compared_as_written(x: Stage) -> None:
    token, since = (await x.connect()).token, time.time()
    draft = Draft(
        "Read example.com/abc & <that>,\n\nhttps://example.org/ “today”", IMAGE.post, None, (PIXEL, "image/png")
    )
    await x.fault("lost_answer", only="POST /2/tweets", times=1)
    await failing(TryLater, x.client.publish, token, draft)
    assert await call(x.client.settle, token, draft, since) is not None
    assert len(x.state.posts()) == 1


def test_a_post_is_seen_at_x_com() -> None:
    client = X("k", "s", "https://api.x.com/")
    assert client._published("7").url == "https://x.com/i/status/7"
