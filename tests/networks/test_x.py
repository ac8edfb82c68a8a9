"""X's client against the strict stand-in, over real HTTP: the dance, publishing, revoking."""

import logging
import re
import time

import pytest

from grapevine.domain.accounts import Capabilities, Profile
from grapevine.domain.errors import GrapevineError, Reconnect, Refused, TryLater
from grapevine.domain.posts import Post, PostKind
from grapevine.networks import offered
from grapevine.networks.abilities import Charging
from grapevine.networks.base import Draft, Network
from grapevine.networks.x import PRICES, X
from grapevine.settings import NetworkSettings
from tests.networks.calls import call, failing
from tests.networks.drafts import DRAFT, IMAGE, LINK, PIXEL
from tests.networks.x_stand_in import BEA, CALLBACK, CY, Stage


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


def told_to_tell_an_admin(error: object) -> bool:
    return "tell your Grapevine admin" in str(error) and not re.search("X_|console|http", str(error))


async def test_a_callback_address_that_x_does_not_know_is_named_to_admins_only(
    x: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    elsewhere = "http://127.0.0.1:3999/elsewhere"
    assert told_to_tell_an_admin(await failing(Refused, x.client.authorize, elsewhere, "state-1"))
    assert f"X does not know {elsewhere}" in caplog.text
    assert (await call(x.client.trouble, elsewhere)).startswith(f"X does not know {elsewhere}")
    assert await call(x.client.trouble, CALLBACK) == ""


async def test_wrong_keys_are_an_admins_matter(x: Stage, caplog: pytest.LogCaptureFixture) -> None:
    wrong = X(x.state.api_key, "not-the-secret", x.url)
    assert told_to_tell_an_admin(await failing(Refused, wrong.authorize, CALLBACK, "state-1"))
    assert "X_API_SECRET" in caplog.text
    assert "X_API_SECRET" in await call(wrong.trouble, CALLBACK)
    token = (await x.connect()).token
    assert told_to_tell_an_admin(await failing(TryLater, wrong.publish, token, DRAFT))


@pytest.mark.parametrize(("fault", "log"), [("402", "billing"), ("403", "permissions")])
async def test_used_up_credits_and_missing_rights_are_an_admins_matter(
    x: Stage, fault: str, log: str, caplog: pytest.LogCaptureFixture
) -> None:
    token = (await x.connect()).token
    await x.fault(fault)
    assert told_to_tell_an_admin(await failing(Refused, x.client.publish, token, DRAFT))
    counts = await call(x.client.counts, token, ["7"])
    assert told_to_tell_an_admin(counts["7"])
    assert log in caplog.text


@pytest.mark.parametrize(
    ("draft", "price"),
    [
        (DRAFT, 2000),
        (Draft("We built a thing", Post(PostKind.IMAGE, LINK)), 2000),
        (IMAGE, 200),
        (Draft("No picture of it", IMAGE.post, LINK), 2000),
        (Draft("Look at example.com", Post(PostKind.IMAGE, ""), None, IMAGE.media), 2000),
        (Draft("Watch", Post(PostKind.VIDEO, "https://video.example.com/v/1")), 2000),
    ],
)
def test_a_post_with_a_link_has_its_own_price_and_so_has_a_description(draft: Draft, price: int) -> None:
    assert X("k", "s", "https://api.x.com").price(draft) == price


def test_prices_are_settings_whose_defaults_are_the_clients() -> None:
    network = offered(NetworkSettings.model_validate({"x_api_key": "k", "x_api_secret": "s"}))["x"]
    assert isinstance(network, Charging)
    assert network.prices == PRICES
    dearer = {"x_api_key": "k", "x_api_secret": "s", "x_link_post_price": "0.25"}
    network = offered(NetworkSettings.model_validate(dearer))["x"]
    assert isinstance(network, Charging)
    assert network.price(DRAFT) == 2500


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


async def test_an_app_that_may_only_read_is_an_admins_matter(x: Stage, caplog: pytest.LogCaptureFixture) -> None:
    x.state.read_only = True
    begun = await call(x.client.authorize, CALLBACK, "state-1")
    query = await x.decide(begun.url, BEA)
    assert told_to_tell_an_admin(await failing(Refused, x.client.connect, CALLBACK, query, begun.secret))
    assert "Read and write" in caplog.text


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


async def test_an_image_beyond_xs_size_is_not_even_sent(x: Stage) -> None:
    token = (await x.connect()).token
    draft = Draft("Our office", IMAGE.post, None, (bytes(5 * 1024 * 1024 + 1), "image/png"))
    assert "5 MB" in str(await failing(Refused, x.client.publish, token, draft))


async def test_a_video_goes_out_by_its_address(x: Stage) -> None:
    token = (await x.connect()).token
    film = Post(PostKind.VIDEO, "https://video.example.com/v/1")
    await call(x.client.publish, token, Draft("Watch this", film))
    await call(x.client.publish, token, Draft(f"Have a look: {film.url}!", film))
    assert [post["text"] for post in x.state.posts()] == [f"Have a look: {film.url}!", f"Watch this\n\n{film.url}"]


@pytest.mark.parametrize("fault", ["500", "hang", "lost_answer", "html"])
async def test_a_doubtful_upload_is_no_doubtful_post(x: Stage, impatient: None, fault: str) -> None:
    token = (await x.connect()).token
    await x.fault(fault, only="/2/media/upload")
    assert not (await failing(TryLater, x.client.publish, token, IMAGE)).uncertain


async def test_a_caption_that_is_too_long_is_refused_before_x_sees_it(x: Stage) -> None:
    token = (await x.connect()).token
    error = await failing(Refused, x.client.publish, token, Draft("x" * 281, IMAGE.post, None, IMAGE.media))
    assert "281 of 280" in str(error)


async def test_the_same_text_twice_is_refused_with_advice(x: Stage) -> None:
    token = (await x.connect()).token
    draft = Draft("Our new office", IMAGE.post)
    await call(x.client.publish, token, draft)
    assert "change the caption" in str(await failing(Refused, x.client.publish, token, draft))
    assert len(x.state.posts()) == 1


async def test_a_refused_connection_is_no_doubtful_post(x: Stage, unused_tcp_port: int) -> None:
    token = (await x.connect()).token
    away = X(x.state.api_key, x.state.api_secret, f"http://127.0.0.1:{unused_tcp_port}")
    assert not (await failing(TryLater, away.publish, token, DRAFT)).uncertain


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


def test_a_post_is_seen_at_x_com() -> None:
    client = X("k", "s", "https://api.x.com/")
    assert client._published("7").url == "https://x.com/i/status/7"
