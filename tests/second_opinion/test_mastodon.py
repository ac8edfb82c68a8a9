"""Our client against mastodon_mock, a server that others wrote, and the same against our stand-in: alike, please."""

import asyncio
import base64
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from aiohttp import ClientSession

from grapevine.domain.errors import NotFound, Reconnect, Refused
from grapevine.domain.posts import Post, PostKind
from grapevine.domain.reactions import Counts
from grapevine.networks.base import Connected, Draft
from grapevine.networks.mastodon import Mastodon
from grapevine.networks.mastodon_token import unpack
from grapevine.playground.mastodon_state import MastodonStandIn
from tests.networks.stage import CALLBACK
from tests.networks.stages import on_mastodon
from tests.second_opinion import servers

LINK = "https://go.example.com/a1b2c3"
POST = Post(PostKind.LINK, "https://example.com/thing", "A thing")
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=")


def draft(caption: str = "We built a thing") -> Draft:
    return Draft(f"{caption} {LINK}", POST, LINK, key=f"{time.time_ns():032x}", at=time.time())


@dataclass
class Place:
    """A Mastodon, whoever wrote it. *decide* says yes at a prompt, *react* is one like, one boost and one reply."""

    client: Mastodon
    server: str
    decide: Callable[[str], Awaitable[dict[str, str]]]
    react: Callable[[str], Awaitable[Any]]
    remove: Callable[[str, str], Awaitable[Any]]

    async def connect(self) -> Connected:
        begun = await call(self.client.authorize, CALLBACK, "state-1", {"server": self.server})
        query = await self.decide(begun.url)
        assert query["state"] == "state-1"
        connected: Connected = await call(self.client.connect, CALLBACK, query, begun.secret)
        return connected


async def call(function: Callable[..., Any], *given: Any) -> Any:
    return await asyncio.to_thread(function, *given)


async def failing(kind: type[Exception], function: Callable[..., Any], *given: Any) -> Any:
    with pytest.raises(kind) as caught:
        await call(function, *given)
    return caught.value


@pytest.fixture(scope="module")
def there() -> Iterator[str]:
    with servers.mastodon() as url:
        yield url


@pytest.fixture
async def reference(there: str) -> AsyncIterator[Place]:
    async with ClientSession(there) as session:

        async def ask(method: str, path: str, token: str = "", **data: str) -> Any:
            bearer = {"Authorization": f"Bearer {token}"} if token else {}
            async with session.request(method, path, json=data or None, headers=bearer) as answer:
                assert answer.status == 200, await answer.text()
                return await answer.json()

        async def decide(address: str) -> dict[str, str]:
            asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
            form = {**asked, "username": "testuser"}
            async with session.post("/oauth/authorize", data=form, allow_redirects=False) as answer:
                return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))

        async def react(post: str) -> None:
            ada = await ask("POST", "/api/v1/_mock/dev_user", username=f"ada{time.time_ns()}")
            token = ada["access_token"]
            await ask("POST", f"/api/v1/statuses/{post}/favourite", token)
            await ask("POST", f"/api/v1/statuses/{post}/reblog", token)
            await ask("POST", "/api/v1/statuses", token, status="Congratulations", in_reply_to_id=post)

        async def remove(post: str, token: str) -> None:
            await ask("DELETE", f"/api/v1/statuses/{post}", token)

        yield Place(Mastodon(allow_private=True), there, decide, react, remove)


@pytest.fixture
async def stand_in() -> AsyncIterator[Place]:
    async with on_mastodon() as stage:
        state, client = stage.state, stage.network
        assert isinstance(state, MastodonStandIn)
        assert isinstance(client, Mastodon)

        async def react(post: str) -> None:
            state.react(post, likes=1, comments=1, reshares=1)

        async def remove(post: str, token: str) -> None:
            state.remove(post)

        yield Place(client, stage.answers["server"], stage.decide, react, remove)


@pytest.fixture(params=["reference", "stand_in"])
def place(request: pytest.FixtureRequest) -> Place:
    found: Place = request.getfixturevalue(request.param)
    return found


async def test_a_member_connects_and_disconnecting_ends_the_token(place: Place) -> None:
    connected = await place.connect()
    assert connected.profile.name
    assert connected.capabilities.count
    assert await call(place.client.revoke, connected.token) is True
    assert (await failing(Reconnect, place.client.profile, connected.token)).revoked


async def test_a_post_whose_answer_was_lost_is_the_one_that_is_there(place: Place) -> None:
    token = (await place.connect()).token
    made = draft()
    published = await call(place.client.publish, token, made)
    assert published.url
    assert await call(place.client.settle, token, made, made.at) == published
    assert (await call(place.client.publish, token, draft("Another"))).id != published.id


async def test_a_picture_goes_along(place: Place) -> None:
    token = (await place.connect()).token
    office = Post(PostKind.IMAGE, "https://example.com/a.png", alt_text="A room")
    picture = Draft("Our office", office, None, (PNG, "image/png"), f"{time.time_ns():032x}", time.time())
    assert (await call(place.client.publish, token, picture)).id


async def test_a_caption_that_is_too_long_is_refused(place: Place) -> None:
    token = (await place.connect()).token
    await failing(Refused, place.client.publish, token, draft("word " * 200))


async def test_numbers_are_counted_and_a_deleted_post_is_gone(place: Place) -> None:
    token = (await place.connect()).token
    post, other = [(await call(place.client.publish, token, draft(text))).id for text in ("One", "Two")]
    await place.react(post)
    assert await call(place.client.counts, token, [post, other]) == {post: Counts(1, 1, 1), other: Counts(0, 0, 0)}
    await place.remove(other, unpack(token).access)
    counts = await call(place.client.counts, token, [post, other])
    assert counts[post] == Counts(1, 1, 1)
    assert isinstance(counts[other], NotFound)
