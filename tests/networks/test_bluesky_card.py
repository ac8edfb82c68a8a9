"""The picture of a card at Bluesky: shown where it can be, and no reason to lose a post."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from grapevine.domain.errors import Stale
from grapevine.domain.posts import Post, PostKind
from grapevine.networks.base import Draft
from tests.networks.bluesky_stand_in import Stage, staged
from tests.networks.calls import call, failing
from tests.networks.test_contract import PIXEL

LINK = "https://go.example.com/a1b2c3"
CARD = Draft("Look", Post(PostKind.LINK, "https://example.com/thing", "A thing"), LINK, thumbnail=(PIXEL, "image/png"))


@pytest.fixture
async def bluesky() -> AsyncIterator[Stage]:
    async with staged() as stage:
        yield stage


def external(stage: Stage, key: str) -> Any:
    kept = stage.state.find(key)
    assert kept is not None
    return kept.record["embed"]["external"]


async def test_a_card_has_its_picture(bluesky: Stage) -> None:
    published = await call(bluesky.client.publish, (await bluesky.connect()).token, CARD)
    thumb = external(bluesky, published.id)["thumb"]
    assert bluesky.state.blobs[thumb["ref"]["$link"]].content == PIXEL


@pytest.mark.parametrize("thumbnail", [(PIXEL + bytes(1_000_000), "image/png"), (PIXEL, "image/tiff")])
async def test_a_picture_that_bluesky_does_not_take_is_left_out(bluesky: Stage, thumbnail: tuple[bytes, str]) -> None:
    token = (await bluesky.connect()).token
    published = await call(bluesky.client.publish, token, replace(CARD, thumbnail=thumbnail))
    assert "thumb" not in external(bluesky, published.id)
    assert bluesky.state.blobs == {}


@pytest.mark.parametrize("mode", ["500", "429", "half_json"])
async def test_a_picture_that_cannot_be_uploaded_is_left_out(bluesky: Stage, impatient: None, mode: str) -> None:
    token = (await bluesky.connect()).token
    await bluesky.fault(mode, only="uploadBlob")
    published = await call(bluesky.client.publish, token, CARD)
    assert "thumb" not in external(bluesky, published.id)


async def test_a_session_that_wants_to_be_renewed_is_no_matter_of_the_picture(bluesky: Stage) -> None:
    token = (await bluesky.connect()).token
    await bluesky.fault("revoked")
    await failing(Stale, bluesky.client.publish, token, CARD)
