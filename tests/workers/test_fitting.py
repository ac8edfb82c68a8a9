"""Pictures on their way from a member's device, or from an address, to each network."""

import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from PIL import Image as Pixels

from grapevine.domain.errors import Refused, TryLater
from grapevine.domain.pictures import Takes
from grapevine.domain.posts import Image, PostKind
from grapevine.domain.shares import PlacementState, Share
from grapevine.playground import files
from tests import photos
from tests.people import BEA
from tests.photos import TRACES, moving, noise, photo, saved, shown
from tests.workers.stage import Stage, staged
from workers import fitting
from workers.fitting import fit

OUT, REFUSED = PlacementState.PUBLISHED, PlacementState.REFUSED


def arrived(stage: Stage) -> list[bytes]:
    """The bytes of every picture that the stand-in was given."""
    state: Any = stage.network.state
    if stage.name == "linkedin":
        return [image.content for image in state.images.values()]
    if stage.name == "bluesky":
        return [blob.content for blob in state.blobs.values()]
    if stage.name == "mastodon":
        return [media.content for media in state.media.values()]
    if stage.name == "facebook":
        return [content for _, content, _, _ in state.photos.values()]
    return [content for _, content, _ in state.media.values()]


async def shared(stage: Stage, *contents: bytes, name: str = "room.jpg") -> Share:
    """Pictures from Bea's device, on their way."""
    first, *more = (files.picked(stage.pg.workspace, BEA.user, name, content) for content in contents)
    further = tuple(Image(file["permalink"], "", file["id"]) for file in more)
    return await stage.share(
        "Look", kind=PostKind.IMAGE, url=first["permalink"], title="", file=first["id"], more=further
    )


@pytest.fixture
async def site() -> AsyncIterator[dict[str, bytes]]:
    """Pictures by path; *url* is the site's own address."""
    pictures: dict[str, bytes] = {}

    async def picture(request: web.Request) -> web.Response:
        return web.Response(body=pictures[request.path], content_type="image/jpeg")

    app = web.Application()
    app.add_routes([web.get("/{name}", picture)])
    async with TestServer(app) as server:
        pictures["url"] = f"http://127.0.0.1:{server.port}".encode()
        yield pictures


@pytest.mark.parametrize("orientation", [1, 6])
async def test_no_network_is_told_where_and_when_a_photo_was_taken(everywhere: Stage, orientation: int) -> None:
    content = photo(orientation=orientation)
    assert all(trace in content for trace in TRACES)
    share = await shared(everywhere, content)
    assert (await everywhere.publish(share)).state is OUT
    (picture,) = arrived(everywhere)
    assert [trace for trace in TRACES if trace in picture] == []
    image = shown(picture)
    assert (dict(image.getexif()), "xmp" in image.info, "comment" in image.info) == ({}, False, False)
    assert image.size == ((640, 480) if orientation == 1 else (480, 640))
    assert image.info["icc_profile"] == photos.PROFILE


async def test_a_photo_of_a_phone_goes_to_every_network(everywhere: Stage) -> None:
    content = photo(4032, 3024, strength=25.0)
    assert len(content) > 4_000_000
    share = await shared(everywhere, content)
    status = await everywhere.publish(share)
    assert (status.state, status.reason) == (OUT, "")
    (picture,) = arrived(everywhere)
    assert len(picture) <= everywhere.network.network.pictures.size
    assert max(shown(picture).size) >= 2000


async def test_a_picture_of_a_kind_that_a_network_does_not_take_is_converted(everywhere: Stage) -> None:
    share = await shared(everywhere, saved(noise(64, 64), "WEBP"), name="room.webp")
    assert (await everywhere.publish(share)).state is OUT
    (picture,) = arrived(everywhere)
    takes = everywhere.network.network.pictures
    assert shown(picture).format == ("WEBP" if "image/webp" in takes.kinds else "JPEG")


async def test_a_picture_at_an_address_that_fits_goes_out_byte_for_byte(
    everywhere: Stage, site: dict[str, bytes]
) -> None:
    site["/a.jpg"] = photo(orientation=6)
    url = f"{site['url'].decode()}/a.jpg"
    share = await everywhere.share("Look", kind=PostKind.IMAGE, url=url, title="")
    assert (await everywhere.publish(share)).state is OUT
    assert arrived(everywhere) == [site["/a.jpg"]]


async def test_a_moving_picture_goes_out_as_it_is_or_is_refused_by_name_and_never_stands_still(
    redis_url: str,
) -> None:
    async with staged(redis_url, "bluesky") as stage:
        still_moving, huge = moving(), moving("GIF", 900, 900)
        assert len(huge) > 1_000_000
        assert (await stage.publish(await shared(stage, still_moving, name="a.gif"))).state is OUT
        assert arrived(stage) == [still_moving]
        status = await stage.publish(await shared(stage, huge, name="a.gif"))
        assert (status.state, len(stage.posts())) == (REFUSED, 1)
        assert status.reason == (
            "The moving picture is larger than the 1 MB that Bluesky takes. Please share a smaller one."
        )


async def test_a_webp_that_moves_is_refused_by_name_where_none_is_taken(redis_url: str) -> None:
    async with staged(redis_url, "linkedin") as stage:
        status = await stage.publish(await shared(stage, moving("WEBP"), name="a.webp"))
        assert (status.state, status.reason) == (
            REFUSED,
            "LinkedIn takes no WebP that moves. Please share another one.",
        )
        assert (arrived(stage), stage.posts()) == ([], [])


async def test_a_damaged_picture_is_refused_before_anything_is_sent(everywhere: Stage) -> None:
    content = photo()
    status = await everywhere.publish(await shared(everywhere, photo(), content[: len(content) // 2]))
    assert (status.state, status.reason) == (
        REFUSED,
        "The picture cannot be read: it may be damaged. Please share another one.",
    )
    assert (arrived(everywhere), everywhere.posts()) == ([], [])


async def test_what_cannot_be_made_small_enough_is_refused_with_the_networks_name() -> None:
    takes = Takes(("image/jpeg",), 2000)
    with pytest.raises(Refused, match="cannot be made small enough for Birdsong"):
        await fit(photo(), "image/jpeg", takes, "Birdsong", private=True)


async def test_more_pixels_than_anybody_has_are_refused_without_reading_them() -> None:
    bomb = saved(Pixels.new("1", (10_000, 5001)), "PNG")
    assert len(bomb) < 10_000
    with pytest.raises(Refused, match="more than 50 million pixels"):
        await fit(bomb, "image/png", Takes(("image/png",), 1_000_000), "Birdsong", private=False)


async def test_the_same_picture_fits_in_the_same_way_each_time() -> None:
    """Whoever settles a lost answer says what was said, to the letter."""
    takes, content = Takes(("image/jpeg",), 100_000), photo(1200, 900)
    fits = [await fit(content, "image/jpeg", takes, "Birdsong", private=True) for _ in range(3)]
    assert fits[0].note == ""
    assert len({*fits}) == 1


async def test_a_member_is_told_of_a_picture_that_had_to_lose_what_they_would_miss(redis_url: str) -> None:
    async with staged(redis_url, "bluesky") as stage:
        faded = noise(1500, 1500, 90.0)
        faded.putalpha(Pixels.linear_gradient("L").resize((1500, 1500)))
        share = await shared(stage, saved(faded, "PNG"), photo(), name="faded.png")
        status = await stage.publish(share)
        told = "A picture lies on white at Bluesky: with its transparency it was too large."
        assert (status.state, status.reason) == (OUT, told)
        assert told in "".join(stage.dms())


@pytest.mark.parametrize("name", ["bluesky", "facebook", "mastodon", "x"])
async def test_a_lost_answer_is_settled_with_the_same_picture_to_the_letter(redis_url: str, name: str) -> None:
    async with staged(redis_url, name) as stage:
        share = await shared(stage, photo(2400, 1800, orientation=6, strength=80.0))
        stage.network.break_("lost_answer", stage.network.create)
        assert (await stage.publish(share)).state is PlacementState.PUBLISHING
        stage.network.mend()
        status = await stage.publish(share, now=time.time() + 20)
        assert (status.state, [post["id"] for post in stage.posts()]) == (OUT, [status.remote])
        assert len({*arrived(stage)}) == 1


async def test_the_darkroom_knows_none_of_our_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, str]] = []
    run = subprocess.run

    def watched(*command: Any, **options: Any) -> Any:
        asked.append(options["env"])
        return run(*command, **options)

    monkeypatch.setenv("ENCRYPTION_KEYS", "secret")
    monkeypatch.setattr(subprocess, "run", watched)
    await fit(photo(), "image/jpeg", Takes(("image/jpeg",), 1_000_000), "Birdsong", private=True)
    assert asked
    assert "ENCRYPTION_KEYS" not in asked[0]
    assert "ENCRYPTION_KEYS" in os.environ


async def test_a_darkroom_that_does_not_answer_is_asked_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "_PATIENCE", 0.0)
    with pytest.raises(TryLater, match="no room"):
        await fit(photo(), "image/jpeg", Takes(("image/jpeg",), 1_000_000), "Birdsong", private=True)


async def test_a_darkroom_that_breaks_down_is_the_end_of_that_picture_alone(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    (tmp_path / "PIL.py").write_text("raise RuntimeError('Unter den Linden 77')")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    with pytest.raises(Refused, match="may be damaged"):
        await fit(photo(), "image/jpeg", Takes(("image/jpeg",), 1_000_000), "Birdsong", private=True)
    assert caplog.messages == ["The darkroom ended with 1 (RuntimeError)."]
