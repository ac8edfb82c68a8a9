"""The stand-in for Bluesky in the hands of atproto, a client that others wrote."""

import asyncio
import base64
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from grapevine.playground import bluesky_state
from grapevine.playground.bluesky_state import BlueskyStandIn
from tests.networks.stage import Stage
from tests.networks.stages import on_bluesky

atproto = pytest.importorskip("atproto")
exceptions = pytest.importorskip("atproto_client.exceptions")
#: of httpx, on which it stands
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=<...>':DeprecationWarning")
BEA = bluesky_state.PEOPLE[1]
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=")


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with on_bluesky() as stage:
        yield stage


async def call(function: Any, *given: Any, **named: Any) -> Any:
    return await asyncio.to_thread(function, *given, **named)


@contextmanager
def client_of(stage: Stage) -> Iterator[Any]:
    client = atproto.Client(base_url=f"{vars(stage.network)['_appview']!s}/xrpc")
    try:
        yield client
    finally:  # it has no end of its own, and pytest minds what is left open
        client.request._client.close()


@pytest.fixture
async def client(stage: Stage) -> AsyncIterator[Any]:
    """In Bea's name."""
    with client_of(stage) as client:
        await call(client.login, stage.answers["handle"], stage.answers["password"])
        yield client


async def test_atproto_connects_posts_reads_and_deletes(stage: Stage, client: Any) -> None:
    assert isinstance(stage.state, BlueskyStandIn)
    assert client.me.did == BEA.did
    text = atproto.client_utils.TextBuilder().text("Grüße ").link("hier", "https://example.com/a")
    post = await call(client.send_post, text)
    key = post.uri.rsplit("/", 1)[1]
    stage.state.react(key, likes=2, comments=1, reshares=3)
    (read,) = (await call(client.get_posts, [post.uri])).posts
    assert (read.like_count, read.reply_count, read.repost_count) == (2, 1, 3)
    assert read.record.facets[0].features[0].uri == "https://example.com/a"
    profile = await call(client.get_profile, BEA.did)
    assert (profile.handle, profile.followers_count) == (BEA.handle, BEA.followers)
    assert await call(client.delete_post, post.uri)
    assert (await call(client.get_posts, [post.uri])).posts == []


async def test_atproto_publishes_a_picture_and_keeps_its_session(stage: Stage, client: Any) -> None:
    post = await call(client.send_image, "Our office", PNG, "An office")
    (read,) = (await call(client.get_posts, [post.uri])).posts
    assert read.record.embed.images[0].alt == "An office"
    kept = client.export_session_string()
    with client_of(stage) as other:
        await call(other.login, session_string=kept)
        assert other.me.did == BEA.did


async def test_atproto_understands_how_the_stand_in_says_no(stage: Stage, client: Any) -> None:
    with client_of(stage) as other, pytest.raises(exceptions.UnauthorizedError):
        await call(other.login, stage.answers["handle"], "wwww-xxxx-yyyy-zzzz")
    with pytest.raises(exceptions.BadRequestError):
        await call(client.send_post, "x" * 301)
