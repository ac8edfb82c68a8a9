"""Our client against Bluesky's own servers, and the same against our stand-in: both have to answer alike."""

import asyncio
import base64
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from grapevine.domain.errors import NotFound, Reconnect, Refused
from grapevine.domain.posts import Post, PostKind
from grapevine.domain.reactions import Counts
from grapevine.networks.base import Connected, Draft
from grapevine.networks.bluesky import Bluesky
from grapevine.playground import bluesky_state
from grapevine.playground.bluesky_state import BlueskyStandIn
from tests.networks.stage import CALLBACK
from tests.networks.stages import on_bluesky
from tests.second_opinion import servers

LINK = "https://go.example.com/a1b2c3"
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=")
POST = Post(PostKind.LINK, "https://example.com/thing", "Ein Ding", "Es könnte größer sein")


def draft(caption: str = f"Schöne Grüße 👩‍👩‍👧‍👦 von #Grapevine: {LINK}!", **about: Any) -> Draft:
    return Draft(caption, POST, LINK, key=f"{time.time_ns():032x}", at=time.time(), **about)


@dataclass
class Place:
    """A Bluesky, whoever wrote it; *do* is what people do there, *counting* whether somebody counts."""

    client: Bluesky
    handle: str
    own: str
    counting: bool
    do: Callable[..., Awaitable[Any]]

    async def connect(self, password: str = "") -> Connected:
        answers = {"handle": self.handle, "password": password or await self.do("password")}
        begun = await asyncio.to_thread(self.client.authorize, CALLBACK, "state-1", answers)
        query = {"state": "state-1", "code": begun.url.split("code=")[1].split("&")[0]}
        return await asyncio.to_thread(self.client.connect, CALLBACK, query, begun.secret)


@pytest.fixture
def reference(there: servers.Bluesky) -> Place:
    async def do(what: str, post: str = "") -> Any:
        return await asyncio.to_thread(there.do, what, uri=f"at://{there.did}/app.bsky.feed.post/{post}")

    client = Bluesky(there.pds, there.appview or there.pds, there.plc, allow_private=True)
    return Place(client, "bea.test", there.own, there.appview is not None, do)


@pytest.fixture
async def stand_in() -> AsyncIterator[Place]:
    async with on_bluesky() as stage:
        state, client = stage.state, stage.network
        assert isinstance(state, BlueskyStandIn)
        assert isinstance(client, Bluesky)
        bea = bluesky_state.PEOPLE[1]

        async def do(what: str, post: str = "") -> Any:
            match what:
                case "password":
                    return state.make_app_password(bea, "Grapevine").password
                case "record":
                    found = state.find(post)
                    return found.record if found else None
                case "remove":
                    return state.remove(post)
                case "react":
                    return state.react(post, likes=1, comments=1, reshares=2)

        yield Place(client, bea.handle, bea.password, True, do)


@pytest.fixture(params=["reference", "stand_in"])
def place(request: pytest.FixtureRequest) -> Place:
    found: Place = request.getfixturevalue(request.param)
    return found


async def call(function: Callable[..., Any], *given: Any) -> Any:
    return await asyncio.to_thread(function, *given)


async def failing(kind: type[Exception], function: Callable[..., Any], *given: Any) -> Any:
    with pytest.raises(kind) as caught:
        await call(function, *given)
    return caught.value


async def test_a_member_connects_and_disconnecting_ends_the_session(place: Place) -> None:
    connected = await place.connect()
    assert connected.profile.uid.startswith("did:plc:")
    assert await call(place.client.revoke, connected.token) is True
    await failing(Reconnect, place.client.refresh, connected.token)


async def test_the_accounts_own_password_is_refused_also_in_the_shape_of_an_app_s(place: Place) -> None:
    with pytest.raises(Refused, match="app password"):
        await place.connect(place.own)
    with pytest.raises(Refused):
        await place.connect("wwww-xxxx-yyyy-zzzz")


async def test_a_link_in_a_text_of_many_bytes_is_cut_out_exactly_and_has_its_card(place: Place) -> None:
    token = (await place.connect()).token
    made = draft()
    record = await place.do("record", (await call(place.client.publish, token, made)).id)
    text = record["text"].encode()
    cut = {
        text[one["index"]["byteStart"] : one["index"]["byteEnd"]].decode(): one["features"][0]["$type"].split("#")[1]
        for one in record["facets"]
    }
    assert cut == {LINK: "link", "#Grapevine": "tag"}
    card = record["embed"]["external"]
    assert (card["uri"], card["title"], card["description"]) == (LINK, POST.title, POST.description)


async def test_a_caption_of_300_characters_as_people_see_them_fits_and_one_more_is_refused(place: Place) -> None:
    token = (await place.connect()).token
    await call(place.client.publish, token, draft("🫶🏽" * 300))
    await failing(Refused, place.client.publish, token, draft("🫶🏽" * 301))


async def test_an_image_goes_along_with_its_description(place: Place) -> None:
    token = (await place.connect()).token
    office = Post(PostKind.IMAGE, "https://example.com/a.png", alt_text="Ein Büro")
    published = await call(
        place.client.publish, token, Draft("Unser Büro", office, None, (PNG, "image/png"), "k" * 32, time.time())
    )
    (image,) = (await place.do("record", published.id))["embed"]["images"]
    assert (image["alt"], image["image"]["mimeType"], image["image"]["size"]) == ("Ein Büro", "image/png", len(PNG))


async def test_a_create_whose_answer_was_lost_is_found_and_one_that_never_came_is_made(place: Place) -> None:
    token = (await place.connect()).token
    known, unknown = draft(), draft("Never sent")
    published = await call(place.client.publish, token, known)
    assert await call(place.client.settle, token, known, known.at) == published
    assert await call(place.client.publish, token, known) == published, "the key is taken: nothing is written over"
    made = await call(place.client.settle, token, unknown, unknown.at)
    assert (await place.do("record", made.id))["text"] == "Never sent"


async def test_a_session_is_renewed_and_the_former_token_leads_to_the_same_successor(place: Place) -> None:
    token = (await place.connect()).token
    renewed, _ = await call(place.client.refresh, token)
    again, _ = await call(place.client.refresh, token)
    for one in (renewed, again):
        await call(place.client.publish, one, draft(f"With {one[-8:]}"))


async def test_numbers_are_counted_and_a_deleted_post_is_gone(place: Place) -> None:
    if not place.counting:
        pytest.skip("without PostgreSQL (`initdb`, `postgres`) there is no AppView, which counts")
    connected = await place.connect()
    token = connected.token
    post = (await call(place.client.publish, token, draft())).id
    other = (await call(place.client.publish, token, draft("Another"))).id
    await place.do("react", post)
    counts = await call(place.client.counts, token, [post, other])
    assert counts == {post: Counts(1, 1, 2), other: Counts(0, 0, 0)}
    await place.do("remove", other)
    counts = await call(place.client.counts, token, [post, other])
    assert counts[post] == Counts(1, 1, 2)
    assert isinstance(counts[other], NotFound)
    assert (await call(place.client.profile, token)).uid == connected.profile.uid
