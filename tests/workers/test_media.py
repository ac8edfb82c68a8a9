"""The pictures of posts: fetched from where they are, from outside the company's network only, and posted."""

import time
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from grapevine.domain.errors import Refused, TryLater
from grapevine.domain.posts import PostKind
from grapevine.domain.shares import PlacementState, Status
from tests.workers.stage import PNG, Stage
from workers import media

OUT, REFUSED = PlacementState.PUBLISHED, PlacementState.REFUSED
PENDING, PUBLISHING, ASKING = PlacementState.PENDING, PlacementState.PUBLISHING, PlacementState.ASKING


async def picture(_: web.Request) -> web.Response:
    return web.Response(body=PNG, content_type="image/png")


async def notes(_: web.Request) -> web.Response:
    return web.Response(text="no picture")


async def heic(_: web.Request) -> web.Response:
    return web.Response(body=b"\0\0\0\x24ftypheic", content_type="image/heic")


async def moved(_: web.Request) -> web.Response:
    raise web.HTTPFound("/a.png")


async def in_circles(_: web.Request) -> web.Response:
    raise web.HTTPFound("/round")


@pytest.fixture
async def site() -> AsyncIterator[str]:
    app = web.Application()
    app.add_routes([web.get("/a.png", picture), web.get("/notes", notes), web.get("/heic", heic)])
    app.add_routes([web.get("/moved", moved), web.get("/round", in_circles)])
    async with TestServer(app) as server:
        yield f"http://127.0.0.1:{server.port}"


async def test_a_picture_goes_out_with_the_post(everywhere: Stage, site: str) -> None:
    share = await everywhere.share("Look", kind=PostKind.IMAGE, url=f"{site}/a.png", title="A picture")
    assert (await everywhere.publish(share)).state is OUT
    assert len(everywhere.posts()) == 1


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/b.png", "The image of this post cannot be had from its address (status 404). Please open the address"),
        ("/notes", "What stands at the image's address is no JPEG, PNG, GIF or WebP (text/plain). Please open the"),
        ("/heic", "The picture is a HEIC, which networks do not take. Please share it as a JPEG: an iPhone"),
        ("/round", "The image of this post cannot be had from its address: it leads from place to place."),
    ],
)
async def test_a_picture_that_cannot_be_had_is_refused(stage: Stage, site: str, path: str, said: str) -> None:
    share = await stage.share("Look", kind=PostKind.IMAGE, url=f"{site}{path}", title="A picture")
    status = await stage.publish(share)
    assert status.state is REFUSED
    assert status.reason.startswith(said)


async def test_a_picture_that_has_moved_is_fetched_from_where_it_is(site: str) -> None:
    assert await media.fetch(f"{site}/moved", allow_private=True) == (PNG, "image/png")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_nothing_is_fetched_from_inside_the_companys_network(site: str, host: str) -> None:
    url = f"{site}/a.png".replace("127.0.0.1", host)
    assert await media.fetch(url, allow_private=True) == (PNG, "image/png")
    with pytest.raises((Refused, TryLater)):
        await media.fetch(url, allow_private=False)


async def test_a_picture_that_is_gone_meanwhile_leaves_the_doubt_to_the_member(stage: Stage, site: str) -> None:
    share = await stage.share("Look", kind=PostKind.IMAGE, url=f"{site}/b.png", title="A picture")
    await stage.store.shares.move(share.member, share.id, "x", Status(PUBLISHING, time.time()), [PENDING])
    assert (await stage.publish(share)).state is ASKING
