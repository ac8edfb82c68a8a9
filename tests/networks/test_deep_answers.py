"""JSON nested too deeply to be read, or with lists for numbers: no network makes a client fall over with it."""

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from aiohttp import web

from grapevine.domain.errors import GrapevineError, TryLater, Unavailable
from grapevine.domain.posts import Post, PostKind
from grapevine.networks.base import Draft, Network
from grapevine.networks.bluesky import Bluesky
from grapevine.networks.bluesky_token import Token as BlueskyToken
from grapevine.networks.facebook import Facebook
from grapevine.networks.facebook_token import Token as FacebookToken
from grapevine.networks.linkedin import LinkedIn
from grapevine.networks.mastodon import Mastodon
from grapevine.networks.mastodon_server import Server
from grapevine.networks.mastodon_token import App, Begun
from grapevine.networks.mastodon_token import Token as MastodonToken
from grapevine.networks.x import X
from tests.networks.calls import call
from tests.networks.linkedin_stand_in import CALLBACK, COMMUNITY
from tests.serving import serving

DEEP = b"[" * 100_000
DRAFT = Draft("Hello", Post(PostKind.LINK, "https://example.com/a"), "https://go.example.com/a", key="k")
NAMES = ("linkedin", "x", "mastodon", "bluesky", "facebook")


@asynccontextmanager
async def saying(status: int, body: bytes) -> AsyncIterator[str]:
    """The address of a server that says this to everything."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, body=body, content_type="application/json")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with serving(app) as url:
        yield url


def client(name: str, url: str) -> tuple[Network, str, str]:
    """With a token, and the id of a post."""
    if name == "linkedin":
        held = {"access": "a", "scope": COMMUNITY.split(), "expires_at": time.time() + 99, "refresh": "", "person": "p"}
        of = LinkedIn("id", "s", "202610", COMMUNITY, url, url, patience=(), grace=0.0)
        return of, json.dumps(held), "urn:li:share:7530000000000000000"
    if name == "x":
        return X("key", "secret", url), "1:token:secret", "5"
    if name == "mastodon":
        return Mastodon(allow_private=True, patience=()), MastodonToken(url, "a", "id", "s").pack(), "5"
    if name == "bluesky":
        token = BlueskyToken("did:plc:bea", url, "a", "r", time.time() + 999)
        return Bluesky(url, url, url, allow_private=True), token.pack(), "3k"
    return Facebook("1", "s", "v25.0", url, url), FacebookToken("1", "EAAG", "2").pack(), "1_5"


@pytest.mark.parametrize("status", [200, 201, 400, 401, 403, 404, 409, 422, 429, 500])
@pytest.mark.parametrize("name", NAMES)
async def test_json_without_a_bottom_ends_in_one_of_our_errors(name: str, status: int) -> None:
    async with saying(status, DEEP) as url:
        network, token, post = client(name, url)
        with pytest.raises(GrapevineError) as caught:
            await call(network.publish, token, DRAFT)
        if status < 300 and isinstance(caught.value, TryLater):
            assert caught.value.uncertain, "it may be out"
        with pytest.raises(GrapevineError):
            await call(network.profile, token)
        try:
            told: Any = (await call(network.counts, token, [post]))[post]
        except GrapevineError as error:
            told = error
        assert isinstance(told, GrapevineError), "no number"
        assert await call(network.revoke, token) is False or status < 300


@pytest.mark.parametrize(
    "body",
    [
        {"data": [{"id": ["5"], "public_metrics": {}}]},
        {"data": [{"id": "5", "public_metrics": {"like_count": -1, "reply_count": True, "retweet_count": 0}}]},
        {"errors": [{"code": ["x"]}]},
    ],
)
@pytest.mark.parametrize("status", [200, 401, 403])
async def test_an_id_or_a_number_of_xs_that_is_none_is_none(body: Any, status: int) -> None:
    async with saying(status, json.dumps(body).encode()) as url:
        network, token, post = client("x", url)
        try:
            told: Any = (await call(network.counts, token, [post]))[post]
        except GrapevineError as error:
            told = error
        assert isinstance(told, Unavailable | TryLater)


TOKEN = {"access_token": "AQ", "expires_in": 99, "scope": "a,b", "token_type": "Bearer", "refresh_token": "r"}


@pytest.mark.parametrize("wrong", [None, True, 7, float("inf"), "x", [], ["a"], {"a": 1}])
@pytest.mark.parametrize("field", TOKEN)
async def test_a_token_answer_of_wrong_types_ends_no_connection_and_falls_over_nowhere(field: str, wrong: Any) -> None:
    async with saying(200, json.dumps({**TOKEN, field: wrong}).encode()) as url:
        linkedin, mastodon = client("linkedin", url)[0], client("mastodon", url)[0]
        begun = Begun(App(Server(url), "id", "secret", ("profile",)), "verifier").pack()
        with pytest.raises(GrapevineError):  # at the latest by what is no profile
            await call(linkedin.connect, CALLBACK, {"code": "c", "state": "s"}, "")
        with pytest.raises(GrapevineError):
            await call(mastodon.connect, CALLBACK, {"code": "c", "state": "s"}, begun)
        held = {"access": "a", "scope": ["w_member_social"], "expires_at": time.time(), "refresh": "r", "person": "p"}
        with suppress(TryLater):
            assert await call(linkedin.refresh, json.dumps(held)) is not None
