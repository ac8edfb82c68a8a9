"""What became of a doubtful post is found on the member's own timeline, or by X's refusal of duplicates."""

import time

import pytest

from grapevine.domain.errors import TryLater
from grapevine.networks.base import Draft
from tests.networks.calls import call, failing
from tests.networks.drafts import DRAFT, IMAGE, LINK, PIXEL
from tests.networks.x_stand_in import Stage


async def test_a_duplicate_that_carries_our_short_link_is_ours(x: Stage) -> None:
    token = (await x.connect()).token
    first = await call(x.client.publish, token, DRAFT)
    assert await call(x.client.publish, token, DRAFT) == first


@pytest.mark.parametrize("fault", ["lost_answer", "half_json"])
@pytest.mark.parametrize("draft", [DRAFT, IMAGE], ids=["link", "image"])
async def test_a_post_whose_answer_was_lost_is_found_again(x: Stage, fault: str, draft: Draft) -> None:
    token, since = (await x.connect()).token, time.time()
    await x.fault(fault, only="POST /2/tweets", times=1)
    assert (await failing(TryLater, x.client.publish, token, draft)).uncertain
    settled = await call(x.client.settle, token, draft, since)
    assert settled is not None
    assert [post["id"] for post in x.state.posts()] == [settled.id]


@pytest.mark.parametrize("fault", ["500", "hang", "html"])
async def test_a_post_that_never_arrived_is_posted_once_by_settling(x: Stage, impatient: None, fault: str) -> None:
    token, since = (await x.connect()).token, time.time()
    await x.fault(fault, only="POST /2/tweets", times=1)
    assert (await failing(TryLater, x.client.publish, token, DRAFT)).uncertain
    settled = await call(x.client.settle, token, DRAFT, since)
    assert settled is not None
    assert [post["id"] for post in x.state.posts()] == [settled.id]


async def test_another_post_with_the_same_words_is_not_adopted(x: Stage) -> None:
    token = (await x.connect()).token
    old = await call(x.client.publish, token, IMAGE)
    post = x.state.post(old.id)
    assert post is not None
    post.created -= 86400
    assert await call(x.client.settle, token, IMAGE, time.time()) is None
    assert len(x.state.posts()) == 1


async def test_a_post_is_found_among_many_that_were_made_since(x: Stage) -> None:
    token, since = (await x.connect()).token, time.time()
    first = await call(x.client.publish, token, DRAFT)
    for number in range(25):
        await call(x.client.publish, token, Draft(f"Number {number}", DRAFT.post, f"{LINK}{number}"))
    assert await call(x.client.settle, token, DRAFT, since) == first
    assert len(x.state.posts()) == 26


async def test_a_link_that_only_begins_alike_is_another_one(x: Stage) -> None:
    token, since = (await x.connect()).token, time.time()
    await call(x.client.publish, token, Draft(f"Other {LINK}4", DRAFT.post, f"{LINK}4"))
    settled = await call(x.client.settle, token, DRAFT, since)
    assert settled is not None
    assert x.state.posts()[0]["id"] == settled.id
    assert len(x.state.posts()) == 2


@pytest.mark.parametrize("fault", ["402", "403"])
async def test_nothing_is_posted_again_where_x_lets_nobody_look(x: Stage, fault: str) -> None:
    token, since = (await x.connect()).token, time.time()
    await x.fault(fault, only="GET /2/users/")
    assert await call(x.client.settle, token, DRAFT, since) is None
    assert x.state.posts() == []


async def test_a_post_without_link_or_scheme_is_compared_as_written(x: Stage) -> None:
    token, since = (await x.connect()).token, time.time()
    draft = Draft(
        "Read example.com/abc & <that>,\n\nhttps://example.org/ “today”", IMAGE.post, None, (PIXEL, "image/png")
    )
    await x.fault("lost_answer", only="POST /2/tweets", times=1)
    await failing(TryLater, x.client.publish, token, draft)
    assert await call(x.client.settle, token, draft, since) is not None
    assert len(x.state.posts()) == 1
