"""Several pictures in one post, at every network that takes them; and what a picture is."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from grapevine.domain.errors import Refused
from grapevine.domain.posts import Post, PostKind
from grapevine.networks.abilities import Several
from grapevine.networks.base import Draft, Picture
from grapevine.networks.pictures import kind_of
from tests.networks.calls import call, failing
from tests.networks.drafts import PIXEL
from tests.networks.stage import Stage
from tests.networks.stages import STAGES
from tests.photos import noise, saved

ALBUM = Draft(
    "Our office",
    Post(PostKind.IMAGE, "https://example.com/a.png", alt_text="A room"),
    None,
    (PIXEL, "image/png"),
    more=(Picture(PIXEL + b"2", "image/png", "A view"), Picture(PIXEL + b"3", "image/png")),
)


@pytest.fixture(params=["bluesky", "facebook", "linkedin", "mastodon", "x"])
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    async with STAGES[request.param]() as stage:
        yield stage


async def test_an_album_goes_out_as_one_post(stage: Stage) -> None:
    token = (await stage.connect()).token
    published = await call(stage.network.publish, token, ALBUM)
    assert [post["id"] for post in stage.state.posts()] == [published.id]


async def test_more_than_a_network_takes_are_refused_with_the_number(stage: Stage) -> None:
    token = (await stage.connect()).token
    assert isinstance(stage.network, Several)
    most = stage.network.most_pictures
    many = replace(ALBUM, more=tuple(Picture(PIXEL, "image/png") for _ in range(most)))
    error = await failing(Refused, stage.network.publish, token, many)
    assert f"takes {most} pictures" in str(error)
    assert stage.state.posts() == []
    await asyncio.to_thread(stage.network.publish, token, replace(many, more=many.more[1:]))


async def test_a_network_takes_what_it_says_that_it_takes(stage: Stage) -> None:
    """Every kind, and as many bytes; what is beyond that is made to fit before it comes here."""
    token = (await stage.connect()).token
    takes = stage.network.pictures
    for kind in takes.kinds:
        made = saved(noise(40, 30), kind.removeprefix("image/"))
        full = made + bytes(takes.size - len(made))
        await call(stage.network.publish, token, replace(ALBUM, caption=kind, media=(full, kind), more=()))
    assert len(stage.state.posts()) == len(takes.kinds)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (PIXEL, "image/png"),
        (b"GIF89a....", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"RIFF\0\0\0\0WAVE", ""),
        (b"<svg xmlns", ""),
        (b"", ""),
    ],
)
def test_a_picture_is_what_its_first_bytes_say(content: bytes, kind: str) -> None:
    assert kind_of(content) == kind
