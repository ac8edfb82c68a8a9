"""What LinkedIn posts show: the card's picture, one picture, several, each with its description."""

import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from grapevine.domain.errors import Otherwise, Reconnect, Refused, TryLater
from grapevine.domain.posts import Post, PostKind
from grapevine.networks.abilities import Preparing, Several
from grapevine.networks.base import Draft, Picture
from tests.networks.calls import call, failing
from tests.networks.drafts import PIXEL
from tests.networks.linkedin_stand_in import Stage, staged

LINK = "https://go.example.com/a1b2c3"
CARD = Draft(
    f"Look {LINK}",
    Post(PostKind.LINK, "https://example.com/thing", "A thing", "What it is"),
    LINK,
    thumbnail=(PIXEL, "image/png"),
)
ALBUM = Draft(
    "Our office",
    Post(PostKind.IMAGE, "https://example.com/a.png", alt_text="A room"),
    None,
    (PIXEL, "image/png"),
    more=(Picture(PIXEL + b"2", "image/png", "A view"), Picture(PIXEL + b"3", "image/png")),
)


@pytest.fixture
async def linkedin() -> AsyncIterator[Stage]:
    async with staged("share", processing=0.1) as stage:
        yield stage


async def test_a_card_has_its_picture_once_that_has_been_processed(linkedin: Stage) -> None:
    token = (await linkedin.connect()).token
    assert isinstance(linkedin.client, Preparing)
    prepared = await call(linkedin.client.prepare, token, CARD)
    published = await call(linkedin.client.publish, token, replace(CARD, prepared=prepared))
    article = linkedin.state.stored[published.id].article
    assert article is not None
    assert (article["source"], article["title"], article["description"]) == (LINK, "A thing", "What it is")
    assert linkedin.state.images[article["thumbnail"]].content == PIXEL


@pytest.mark.parametrize("mode", ["500", "429", "hang", "html"])
async def test_a_card_whose_picture_cannot_be_uploaded_goes_out_without(
    linkedin: Stage, impatient: None, mode: str
) -> None:
    token = (await linkedin.connect()).token
    await linkedin.fault(mode, only="/rest/images")
    prepared = await call(linkedin.client.prepare, token, CARD)
    await linkedin.fault(None)
    published = await call(linkedin.client.publish, token, replace(CARD, prepared=prepared))
    assert linkedin.state.stored[published.id].article == {
        "source": LINK,
        "title": "A thing",
        "description": "What it is",
    }


async def test_a_picture_that_linkedin_does_not_know_as_one_is_left_out_without_a_call(linkedin: Stage) -> None:
    token = (await linkedin.connect()).token
    linkedin.state.calls.clear()
    await call(linkedin.client.prepare, token, replace(CARD, thumbnail=(PIXEL, "image/webp")))
    assert linkedin.state.calls == []


async def test_a_permission_that_ended_is_no_matter_of_the_picture(linkedin: Stage) -> None:
    token = (await linkedin.connect()).token
    await linkedin.fault("revoked")
    await failing(Reconnect, linkedin.client.prepare, token, CARD)


async def test_a_card_without_the_picture_that_is_refused_is_another_call_and_settled_as_it_was_made() -> None:
    """The picture is ready by the time at which the lost answer is settled: still there is one post."""
    async with staged("share", processing=60.0) as linkedin:
        token, since = (await linkedin.connect()).token, time.time()
        draft = replace(CARD, prepared=await call(linkedin.client.prepare, token, CARD))
        refused = await failing(Otherwise, linkedin.client.publish, token, draft)
        assert (refused.uncertain, linkedin.state.posts()) == (False, [])
        bare = replace(CARD, prepared=refused.prepared)
        await linkedin.fault("lost_answer", only="POST /rest/posts")
        assert (await failing(TryLater, linkedin.client.publish, token, bare)).uncertain
        await linkedin.fault(None)
        for image in linkedin.state.images.values():
            image.ready = 0.0
        settled = await call(linkedin.client.settle, token, bare, since)
        assert settled is not None
        assert [post["id"] for post in linkedin.state.posts()] == [settled.id]
        assert "thumbnail" not in (linkedin.state.stored[settled.id].article or {})


async def test_a_card_whose_answer_was_lost_is_settled_word_for_word(linkedin: Stage) -> None:
    token, since = (await linkedin.connect()).token, time.time()
    draft = replace(CARD, prepared=await call(linkedin.client.prepare, token, CARD))
    await linkedin.fault("lost_answer", only="POST /rest/posts")
    assert (await failing(TryLater, linkedin.client.publish, token, draft)).uncertain
    await linkedin.fault(None)
    # what the page says meanwhile is no matter
    later = replace(draft, post=Post(PostKind.LINK, "https://example.com/thing"), thumbnail=None)
    settled = await call(linkedin.client.settle, token, later, since)
    assert settled is not None
    assert [post["id"] for post in linkedin.state.posts()] == [settled.id]


async def test_several_pictures_go_out_in_order_each_with_its_description(linkedin: Stage) -> None:
    token = (await linkedin.connect()).token
    assert isinstance(linkedin.client, Several)
    assert linkedin.client.most_pictures == 20
    draft = replace(ALBUM, prepared=await call(linkedin.client.prepare, token, ALBUM))
    published = await call(linkedin.client.publish, token, draft)
    shown = linkedin.state.stored[published.id].pictures
    assert [one.get("altText") for one in shown] == ["A room", "A view", None]
    assert [linkedin.state.images[one["id"]].content for one in shown] == [PIXEL, PIXEL + b"2", PIXEL + b"3"]


async def test_too_many_pictures_or_one_of_another_kind_are_refused_before_any_call(linkedin: Stage) -> None:
    token = (await linkedin.connect()).token
    linkedin.state.calls.clear()
    many = replace(ALBUM, more=tuple(Picture(PIXEL, "image/png") for _ in range(20)))
    assert "20 pictures" in str(await failing(Refused, linkedin.client.prepare, token, many))
    strange = replace(ALBUM, more=(Picture(PIXEL, "image/webp"),))
    assert "JPEG" in str(await failing(Refused, linkedin.client.publish, token, strange))
    assert linkedin.state.calls == []


async def test_pictures_that_could_not_be_uploaded_are_for_later(linkedin: Stage) -> None:
    token = (await linkedin.connect()).token
    await linkedin.fault("500", only="PUT /dms-uploads")
    assert (await failing(TryLater, linkedin.client.prepare, token, ALBUM)).uncertain is False


async def test_a_card_whose_picture_is_gone_meanwhile_is_not_settled_by_another_post(linkedin: Stage) -> None:
    token = (await linkedin.connect()).token
    draft = replace(CARD, prepared=await call(linkedin.client.prepare, token, CARD))
    linkedin.state.images.clear()
    assert await call(linkedin.client.settle, token, draft, time.time()) is None
    assert linkedin.state.posts() == []
    without = (await failing(Otherwise, linkedin.client.publish, token, draft)).prepared
    published = await call(linkedin.client.publish, token, replace(draft, prepared=without))
    assert "thumbnail" not in (linkedin.state.stored[published.id].article or {})
