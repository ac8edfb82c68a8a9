"""Mastodon's client against the strict stand-in, over real HTTP: the dance, publishing, revoking."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web

from grapevine.domain.accounts import Capabilities, Profile
from grapevine.domain.errors import Reconnect, Refused, TryLater
from grapevine.networks import http, offered
from grapevine.networks.base import Draft, Network
from grapevine.networks.mastodon import Mastodon
from grapevine.networks.mastodon_token import unpack
from grapevine.playground.mastodon_oauth import challenge_of
from grapevine.settings import NetworkSettings
from tests.networks.calls import call, failing
from tests.networks.drafts import DRAFT, IMAGE, LINK, PIXEL
from tests.networks.mastodon_stand_in import BEA, CALLBACK, CY, Stage, staged
from tests.serving import serving


@pytest.fixture
async def old() -> AsyncIterator[Stage]:
    async with staged("4.2.29") as stage:
        yield stage


def test_it_is_offered_without_credentials_until_it_is_switched_off() -> None:
    assert "mastodon" in offered(NetworkSettings.model_validate({}))
    assert "mastodon" not in offered(NetworkSettings.model_validate({"mastodon": "off"}))


def test_it_fulfils_the_contract_and_asks_which_server() -> None:
    network: Network = Mastodon("social.example")
    assert (network.name, network.title, network.caption_limit) == ("mastodon", "Mastodon", 500)
    assert network.refresh("any") is None
    (question,) = network.questions
    assert (question.name, question.value, question.secret) == ("server", "social.example", False)


# --- the dance


async def test_a_member_connects(mastodon: Stage) -> None:
    connected = await mastodon.connect()
    picture = f"{mastodon.url}/pictures/bea.svg"
    assert connected.profile == Profile(f"{BEA.id}@{mastodon.name}", "Bea Lindqvist", picture, 451)
    assert connected.capabilities == Capabilities()
    assert (connected.expires_at, connected.caption_limit) == (None, 500)


async def test_the_prompt_asks_for_little_and_is_bound_to_this_attempt(mastodon: Stage) -> None:
    address, secret = await mastodon.prompt("st&te/1")
    asked = {name: value[0] for name, value in parse_qs(urlsplit(address).query).items()}
    assert address.startswith(f"{mastodon.url}/oauth/authorize?")
    assert asked["scope"] == "profile write:statuses write:media"
    assert (asked["state"], asked["redirect_uri"], asked["code_challenge_method"]) == ("st&te/1", CALLBACK, "S256")
    verifier = secret.split('"verifier":"')[1].split('"')[0]
    assert asked["code_challenge"] == challenge_of(verifier)
    assert verifier not in address
    query = await mastodon.decide(address)
    assert query["state"] == "st&te/1"
    _, other = await mastodon.prompt()
    await failing(Refused, mastodon.client.connect, CALLBACK, query, other)
    await call(mastodon.client.connect, CALLBACK, query, secret)
    assert "one-time code" in str(await failing(Refused, mastodon.client.connect, CALLBACK, query, secret))


async def test_a_server_before_4_3_is_asked_in_its_own_words(old: Stage) -> None:
    address, secret = await old.prompt()
    asked = parse_qs(urlsplit(address).query)
    assert asked["scope"] == ["read:accounts write:statuses write:media"]
    assert "code_challenge" not in asked
    connected = await call(old.client.connect, CALLBACK, await old.decide(address), secret)
    assert connected.profile.name == "Bea Lindqvist"


async def test_an_app_is_registered_once_and_a_company_may_connect_all_at_once(mastodon: Stage) -> None:
    await asyncio.gather(*(mastodon.prompt() for _ in range(8)))  # a server registers five in ten minutes
    for _ in range(8):
        await mastodon.connect()
    (app,) = mastodon.state.apps.values()
    assert (app.name, app.redirect_uris) == ("Grapevine", (CALLBACK,))


async def test_a_server_that_registers_no_more_says_when_to_come_back(mastodon: Stage) -> None:
    mastodon.state.registrations = 0
    answers = {"server": mastodon.url}
    error = await failing(TryLater, mastodon.client.authorize, CALLBACK, "state-1", answers)
    assert 590 < error.after <= 600


async def test_an_app_that_the_server_has_forgotten_is_registered_anew(mastodon: Stage) -> None:
    address, secret = await mastodon.prompt()
    query = await mastodon.decide(address)
    mastodon.state.apps.clear()
    assert "once more" in str(await failing(Refused, mastodon.client.connect, CALLBACK, query, secret))
    assert (await mastodon.connect()).profile.name == "Bea Lindqvist"


async def test_a_member_who_says_no_is_told_that_nothing_was_connected(mastodon: Stage) -> None:
    address, secret = await mastodon.prompt()
    query = await mastodon.decide(address, BEA, "deny")
    assert query["error"] == "access_denied"
    error = await failing(Refused, mastodon.client.connect, CALLBACK, query, secret)
    assert f"You said no at {mastodon.name}" in str(error)
    assert mastodon.state.tokens == {}


async def test_a_profile_that_stumbles_once_does_not_spoil_the_dance(mastodon: Stage) -> None:
    address, secret = await mastodon.prompt()
    query = await mastodon.decide(address)
    await mastodon.fault("500", times=1, only="verify_credentials")
    assert (await call(mastodon.client.connect, CALLBACK, query, secret)).profile.reach == 451


async def test_a_dance_that_fails_late_leaves_a_standing_connection_alone(mastodon: Stage) -> None:
    """A server gives an account one token, however often it is asked for."""
    standing = (await mastodon.connect()).token
    address, secret = await mastodon.prompt()
    query = await mastodon.decide(address)
    await mastodon.fault("500", only="verify_credentials")
    await failing(TryLater, mastodon.client.connect, CALLBACK, query, secret)
    await mastodon.fault("")
    assert (await call(mastodon.client.profile, standing)).name == "Bea Lindqvist"


@pytest.mark.parametrize("fault", ["500", "503", "html", "hang", "lost_answer"])
async def test_a_server_in_trouble_is_not_connected_and_said(mastodon: Stage, impatient: None, fault: str) -> None:
    await mastodon.fault(fault)
    kind = Refused if fault == "html" else TryLater
    answers = {"server": mastodon.url}
    error = await failing(kind, mastodon.client.authorize, CALLBACK, "state-1", answers)
    assert mastodon.name in str(error)


async def test_no_mastodon_at_the_address_is_said(mastodon: Stage) -> None:
    async with serving(web.Application()) as url:
        error = await failing(Refused, mastodon.client.authorize, CALLBACK, "state-1", {"server": url})
    assert str(error).startswith(f"No Mastodon server answers at {urlsplit(url).netloc}. Please type")


async def test_a_server_inside_this_network_is_refused_unless_a_setting_allows_it(
    mastodon: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    token = (await mastodon.connect()).token
    strict = Mastodon()
    for server in (mastodon.url, mastodon.name, "localhost"):
        await failing(Refused, strict.authorize, CALLBACK, "state-1", {"server": server})
    assert "inside a private network" in str(await failing(Refused, strict.publish, token, DRAFT))
    assert await call(strict.revoke, token) is False
    assert mastodon.state.posts() == []


# --- publishing


async def test_the_caption_carries_the_link_once(mastodon: Stage) -> None:
    token = (await mastodon.connect()).token
    await call(mastodon.client.publish, token, DRAFT)
    await call(mastodon.client.publish, token, replace(DRAFT, caption="Read this", key="other"))
    assert [post["text"] for post in mastodon.state.posts()] == [f"Read this\n\n{LINK}", DRAFT.caption]


async def test_a_key_tells_attempts_at_one_placement_from_another_placement(mastodon: Stage) -> None:
    token = (await mastodon.connect()).token
    first, again, other = (replace(DRAFT, key=key) for key in ("placement-1", "placement-1", "placement-2"))
    one = await call(mastodon.client.publish, token, first)
    assert await call(mastodon.client.publish, token, again) == one
    assert await call(mastodon.client.publish, token, other) != one
    assert len(mastodon.state.posts()) == 2


async def test_an_uncertain_post_is_settled_within_the_hour_and_asked_about_later(mastodon: Stage) -> None:
    token, since = (await mastodon.connect()).token, time.time()
    for draft in (replace(DRAFT, key="placement-1"), replace(IMAGE, key="placement-2")):
        await mastodon.fault("lost_answer", only="POST /api/v1/statuses")
        assert (await failing(TryLater, mastodon.client.publish, token, draft)).uncertain
        await mastodon.fault("")
        before = mastodon.state.posts()
        settled = await call(mastodon.client.settle, token, draft, since)
        assert settled is not None
        assert settled.id == before[0]["id"]
        assert mastodon.state.posts() == before
    assert await call(mastodon.client.settle, token, DRAFT, since - 3400) is None
    assert len(mastodon.state.posts()) == 2


async def test_an_image_goes_out_with_its_description(mastodon: Stage) -> None:
    token = (await mastodon.connect()).token
    await call(mastodon.client.publish, token, IMAGE)
    (media,) = mastodon.state.media.values()
    assert (media.content, media.kind, media.description) == (PIXEL, "image/png", "A room")
    (status,) = mastodon.state.newest()
    assert (len(status.media), status.text) == (1, "Our new office")


async def test_an_image_that_takes_time_is_waited_for(mastodon: Stage) -> None:
    token = (await mastodon.connect()).token
    mastodon.state.processing = 0.15
    await call(mastodon.client.publish, token, IMAGE)
    assert len(mastodon.state.newest()[0].media) == 1


async def test_an_image_that_takes_too_long_is_for_later_and_nothing_is_out(mastodon: Stage) -> None:
    token = (await mastodon.connect()).token
    mastodon.state.processing = 60.0
    error = await failing(TryLater, mastodon.client.publish, token, IMAGE)
    assert not error.uncertain
    assert mastodon.state.posts() == []


async def test_an_image_that_mastodon_does_not_take_is_refused(mastodon: Stage) -> None:
    token = (await mastodon.connect()).token
    await failing(Refused, mastodon.client.publish, token, replace(IMAGE, media=(PIXEL, "image/tiff")))
    await mastodon.fault("422", only="POST /api/v2/media")
    assert "not to our taste" in str(await failing(Refused, mastodon.client.publish, token, IMAGE))


async def test_the_servers_own_limit_holds() -> None:
    long = Draft(f"{'a' * 600} {LINK}", DRAFT.post, LINK)
    async with staged(limit=1000) as roomy, staged(limit=300) as narrow:
        connected = await roomy.connect()
        assert connected.caption_limit == 1000
        await call(roomy.client.publish, connected.token, long)
        connected = await narrow.connect()
        error = await failing(Refused, narrow.client.publish, connected.token, long)
        assert "624 of 300" in str(error)
        narrow.state.limit = 100  # changed since
        short = replace(long, caption=f"{'a' * 200} {LINK}")
        error = await failing(Refused, narrow.client.publish, connected.token, short)
        assert "Text character limit of 100 exceeded" in str(error)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("abc", 3),
        ("日本語", 3),
        ("👩‍👩‍👧‍👦", 1),
        ("e\u0301", 1),
        (f"see {LINK}{'x' * 60}", 27),
        ("see example.com/abc", 19),
        ("with @bea@social.example", 9),
        ("mail bea@social.example", 23),
    ],
)
def test_a_caption_is_measured_as_mastodon_measures_it(text: str, length: int) -> None:
    assert Mastodon().caption_length(text) == length


# --- the end


async def test_revoking_ends_this_token_and_no_other(mastodon: Stage) -> None:
    beas, cys = (await mastodon.connect()).token, (await mastodon.connect(CY)).token
    assert await call(mastodon.client.revoke, beas)
    assert (await failing(Reconnect, mastodon.client.profile, beas)).revoked
    assert (await call(mastodon.client.profile, cys)).name == "Cy Ortega"
    assert await call(mastodon.client.revoke, beas), "dead is dead"
    strange = replace(unpack(cys), client_secret="guessed").pack()
    assert await call(mastodon.client.revoke, strange) is False


async def test_who_revokes_at_the_server_is_noticed_with_the_next_count(mastodon: Stage) -> None:
    token = (await mastodon.connect()).token
    post = await call(mastodon.client.publish, token, DRAFT)
    mastodon.state.revoke(BEA.id)
    assert (await failing(Reconnect, mastodon.client.counts, token, [post.id])).revoked


async def test_bodies_are_bounded(mastodon: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    token = (await mastodon.connect()).token
    monkeypatch.setattr(http, "MAX_BODY", 200)
    await failing(TryLater, mastodon.client.profile, token)
