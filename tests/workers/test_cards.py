"""Cards of links, drawn by the page and published by the worker, over real HTTP."""

import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from grapevine.domain.posts import Image, PostKind
from grapevine.domain.shares import PlacementState
from grapevine.networks.pictures import kind_of
from tests.photos import moving, noise, photo, saved, shown
from tests.workers.stage import PNG, Stage, staged

OUT, PUBLISHING = PlacementState.PUBLISHED, PlacementState.PUBLISHING
PAGE = """<html><head><meta property="og:title" content="Jobs at Example"><meta property="og:description"
content="Come and see."><meta property="og:image" content="/a.png"></head></html>"""


class Site:
    """A page that says what *html* is at the time, its picture *image*; *asked* is what was asked of it."""

    def __init__(self) -> None:
        self.html, self.url, self.image = PAGE, "", PNG
        self.asked: list[str] = []

    async def page(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        return web.Response(text=self.html, content_type="text/html")

    async def picture(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        return web.Response(body=self.image, content_type="image/png")


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    site = Site()
    app = web.Application()
    app.add_routes([web.get("/jobs", site.page), web.get("/a.png", site.picture), web.get("/b.png", site.picture)])
    async with TestServer(app) as server:
        site.url = f"http://127.0.0.1:{server.port}"
        yield site


@pytest.fixture(params=["bluesky", "linkedin"])
async def stage(redis_url: str, request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    async with staged(redis_url, request.param) as stage:
        yield stage


def card(stage: Stage) -> dict[str, Any]:
    """What readers see below the newest post: title, description, and the bytes of the picture."""
    state: Any = stage.network.state
    if stage.name == "linkedin":
        article = next(reversed(state.stored.values())).article
        return {**article, "picture": state.images[article["thumbnail"]].content if "thumbnail" in article else None}
    (post,) = state.posts()
    external = state.find(post["id"]).record["embed"]["external"]
    thumb = external.get("thumb")
    return {**external, "picture": state.blobs[thumb["ref"]["$link"]].content if thumb else None}


async def test_a_card_shows_what_the_page_says_of_itself(stage: Stage, site: Site) -> None:
    share = await stage.share(url=f"{site.url}/jobs", title="")
    assert (await stage.publish(share)).state is OUT
    shown = card(stage)
    assert (shown["title"], shown["description"], shown["picture"]) == ("Jobs at Example", "Come and see.", PNG)
    assert site.asked == ["/jobs", "/a.png"]


@pytest.mark.parametrize(
    "image",
    [
        saved(noise(900, 600), "WEBP"),
        photo(1500, 1000, strength=80.0),
        saved(noise(2300, 1500, 90.0), "PNG"),
    ],
    ids=["of a kind that LinkedIn does not take", "larger than Bluesky takes", "of 7 MB"],
)
async def test_a_card_shows_a_picture_that_had_to_be_made_to_fit(stage: Stage, site: Site, image: bytes) -> None:
    site.image = image
    share = await stage.share(url=f"{site.url}/jobs", title="")
    assert (await stage.publish(share)).state is OUT
    picture, takes = card(stage)["picture"], stage.network.network.pictures
    assert len(picture) <= takes.size
    assert kind_of(picture) in takes.kinds
    assert min(shown(picture).size) >= 500


@pytest.mark.parametrize("image", [photo()[:9000], saved(noise(64, 64), "PNG") + bytes(10_000_000), b"no picture"])
async def test_a_picture_that_cannot_be_had_leaves_the_card_without_one(stage: Stage, site: Site, image: bytes) -> None:
    site.image = image
    share = await stage.share(url=f"{site.url}/jobs", title="")
    assert (await stage.publish(share)).state is OUT
    assert (card(stage)["title"], card(stage)["picture"]) == ("Jobs at Example", None)


async def test_a_card_shows_nothing_rather_than_what_moved_and_stands_still(redis_url: str, site: Site) -> None:
    async with staged(redis_url, "linkedin") as stage:
        site.image = moving("WEBP")
        share = await stage.share(url=f"{site.url}/jobs", title="")
        assert (await stage.publish(share)).state is OUT
        assert (card(stage)["title"], card(stage)["picture"]) == ("Jobs at Example", None)


@pytest.mark.parametrize("name", ["facebook", "mastodon", "x"])
async def test_a_network_that_draws_its_own_cards_is_spared_the_look(redis_url: str, site: Site, name: str) -> None:
    async with staged(redis_url, name) as stage:
        share = await stage.share(url=f"{site.url}/jobs", title="")
        assert (await stage.publish(share)).state is OUT
        assert site.asked == []


async def test_what_the_member_wrote_comes_before_what_the_page_says(stage: Stage, site: Site) -> None:
    share = await stage.share(url=f"{site.url}/jobs", title="My words", kind=PostKind.ARTICLE, description="Mine too")
    assert (await stage.publish(share)).state is OUT
    assert (card(stage)["title"], card(stage)["description"]) == ("My words", "Mine too")


async def test_a_page_that_cannot_be_had_stops_no_share(stage: Stage, site: Site) -> None:
    share = await stage.share(url="http://127.0.0.1:9/jobs", title="")
    assert (await stage.publish(share)).state is OUT
    assert card(stage)["title"] == "127.0.0.1"
    assert card(stage)["picture"] is None


async def test_a_page_inside_this_network_is_not_looked_at(redis_url: str, site: Site) -> None:
    async with staged(redis_url, "linkedin", ALLOW_PRIVATE_ADDRESSES="false") as stage:
        share = await stage.share(url=f"{site.url}/jobs", title="")
        assert (await stage.publish(share)).state is OUT
        assert site.asked == []


async def test_a_card_whose_answer_was_lost_is_settled_without_looking_at_the_page_again(
    redis_url: str, site: Site
) -> None:
    """Else LinkedIn would take the same post with other words on its card for another post."""
    async with staged(redis_url, "linkedin") as stage:
        share = await stage.share(url=f"{site.url}/jobs", title="")
        stage.network.break_("lost_answer", stage.network.create)
        status = await stage.publish(share)
        assert status.state is PUBLISHING
        assert "urn:li:image:" in status.prepared
        stage.network.mend()
        site.html, looked = "<title>Something else</title>", len(site.asked)
        status = await stage.publish(share, now=time.time() + 20)
        assert (status.state, status.prepared) == (OUT, "")
        assert [post["id"] for post in stage.posts()] == [status.remote]
        assert len(site.asked) == looked


async def test_a_card_whose_picture_linkedin_refuses_at_last_goes_out_without_it(redis_url: str, site: Site) -> None:
    async with staged(redis_url, "linkedin") as stage:
        state: Any = stage.network.state
        state.processing = 60.0
        share = await stage.share(url=f"{site.url}/jobs", title="")
        assert (await stage.publish(share)).state is OUT
        assert (card(stage)["title"], card(stage)["picture"]) == ("Jobs at Example", None)
        assert len(stage.posts()) == 1


async def test_an_album_goes_out_with_its_descriptions(everywhere: Stage, site: Site) -> None:
    more = (Image(f"{site.url}/b.png", "A view"),)
    share = await everywhere.share(
        "Look", kind=PostKind.IMAGE, url=f"{site.url}/a.png", title="", alt_text="A room", more=more
    )
    kept = await everywhere.store.shares.get(share.member, share.id)
    assert kept is not None
    assert kept.post == share.post
    assert (await everywhere.publish(share)).state is OUT
    assert sorted(site.asked) == ["/a.png", "/b.png"]
    assert len(everywhere.posts()) == 1


async def test_what_was_uploaded_is_not_uploaded_again_when_the_network_asks_to_wait(
    redis_url: str, site: Site
) -> None:
    async with staged(redis_url, "linkedin") as stage:
        share = await stage.share(url=f"{site.url}/jobs", title="")
        stage.network.break_("429", stage.network.create)
        status = await stage.publish(share)
        assert (status.state, "urn:li:image:" in status.prepared) == (PlacementState.PENDING, True)
        stage.network.mend()
        await stage.store.pauses.forget(stage.account.id)  # the pause is over
        assert (await stage.publish(share, now=time.time() + 901)).state is OUT
        assert card(stage)["picture"] == PNG
        assert site.asked == ["/jobs", "/a.png"]
        state: Any = stage.network.state
        assert len(state.images) == 1
