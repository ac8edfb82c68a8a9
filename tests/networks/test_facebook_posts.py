"""Posts on a Page: made once, found again, and counted without the people behind the numbers (rule 18)."""

import hashlib
import hmac
import json
import logging
import time
from dataclasses import replace

import pytest
from aiohttp import ClientSession

from grapevine.domain.errors import Refused, TryLater, Unavailable
from grapevine.domain.posts import Post, PostKind
from grapevine.domain.reactions import Counts
from grapevine.networks.abilities import Preparing
from grapevine.networks.base import Draft, Picture
from grapevine.playground.facebook_state import SCOPES
from tests.networks.calls import call, failing
from tests.networks.drafts import DRAFT, IMAGE, LINK, PIXEL
from tests.networks.facebook_stand_in import BARE, CAREERS, VIDEO, VINE, Stage


@pytest.fixture
async def token(facebook: Stage) -> str:
    return (await facebook.connect()).token


async def test_a_link_is_posted_with_its_card(facebook: Stage, token: str) -> None:
    published = await call(facebook.client.publish, token, BARE)
    (post,) = facebook.state.newest()
    assert (post.page, post.message, post.link) == (VINE.id, "We built a thing", LINK)
    assert published.url == f"{facebook.url}/{post.id}"


async def test_a_film_is_posted_as_the_link_that_it_is(facebook: Stage, token: str) -> None:
    await call(facebook.client.publish, token, VIDEO)
    assert facebook.state.newest()[0].link == "https://example.com/film"


async def test_a_picture_goes_up_with_its_description_and_stands_in_the_post(facebook: Stage, token: str) -> None:
    await call(facebook.client.publish, token, IMAGE)
    (post,) = facebook.state.newest()
    (photo,) = post.photos
    assert facebook.state.photos[photo] == (VINE.id, PIXEL, "image/png", "A room")
    assert post.link == ""


async def test_several_pictures_stand_in_one_post_in_their_order(facebook: Stage, token: str) -> None:
    more = (Picture(PIXEL + b"2", "image/jpeg", "A view"), Picture(PIXEL + b"3", "image/gif"))
    assert facebook.client.most_pictures >= 3
    await call(facebook.client.publish, token, replace(IMAGE, more=more))
    (post,) = facebook.state.newest()
    told = [facebook.state.photos[photo] for photo in post.photos]
    assert [(kind, alt) for _, _, kind, alt in told] == [
        ("image/png", "A room"),
        ("image/jpeg", "A view"),
        ("image/gif", ""),
    ]
    assert [content for _, content, _, _ in told] == [PIXEL, PIXEL + b"2", PIXEL + b"3"]


async def test_what_facebook_does_not_take_is_refused_before_it_is_sent(facebook: Stage, token: str) -> None:
    facebook.fault("500")
    for draft, said in (
        (replace(IMAGE, media=(PIXEL, "image/webp")), "JPEG, PNG or GIF"),
        (replace(IMAGE, media=(bytes(10_000_001), "image/png")), "larger than the 10 MB"),
        (replace(DRAFT, caption="x" * 63207), "63207 of 63206"),
    ):
        assert said in str(await failing(Refused, facebook.client.publish, token, draft))


async def test_a_link_that_facebook_cannot_use_is_refused_with_its_reason(facebook: Stage, token: str) -> None:
    draft = replace(BARE, link="ftp://example.com")
    assert "Link is invalid" in str(await failing(Refused, facebook.client.publish, token, draft))


async def test_an_earlier_attempt_of_ours_is_known_again_by_its_short_link(facebook: Stage, token: str) -> None:
    first = await call(facebook.client.publish, token, BARE)
    assert await call(facebook.client.publish, token, BARE) == first
    assert len(facebook.state.posts()) == 1


async def test_a_repetition_without_a_link_of_ours_is_refused(facebook: Stage, token: str) -> None:
    await call(facebook.client.publish, token, VIDEO)
    assert "change the caption" in str(await failing(Refused, facebook.client.publish, token, VIDEO))
    assert len(facebook.state.posts()) == 1


@pytest.mark.parametrize("draft", [DRAFT, BARE, IMAGE, VIDEO], ids=["link", "bare", "image", "film"])
async def test_a_post_whose_answer_was_lost_is_found(
    facebook: Stage, token: str, impatient: None, draft: Draft
) -> None:
    since = time.time()
    facebook.fault("lost_answer", only="/feed")
    assert (await failing(TryLater, facebook.client.publish, token, draft)).uncertain
    facebook.fault("")
    facebook.wrote("Something else since")
    settled = await call(facebook.client.settle, token, draft, since)
    assert settled is not None
    assert settled.id == facebook.state.newest()[1].id
    assert len(facebook.state.posts()) == 2


async def test_the_same_words_with_another_link_are_another_share(facebook: Stage, token: str) -> None:
    since = time.time()
    facebook.wrote(DRAFT.caption.replace("a1b2c3", "a1b2c3d"), LINK + "d")
    settled = await call(facebook.client.settle, token, DRAFT, since)
    assert settled is not None
    assert facebook.state.newest()[0].id == settled.id
    assert len(facebook.state.posts()) == 2


async def test_a_picture_that_was_not_kept_is_not_posted_again(facebook: Stage, token: str) -> None:
    facebook.wrote(IMAGE.caption, ago=3600)
    assert await call(facebook.client.settle, token, IMAGE, time.time()) is None
    assert len(facebook.state.posts()) == 1


@pytest.mark.parametrize("album", [False, True], ids=["one picture", "an album"])
async def test_pictures_that_were_kept_settle_every_doubt(facebook: Stage, token: str, album: bool) -> None:
    client, since = facebook.client, time.time()
    assert isinstance(client, Preparing)
    draft = replace(IMAGE, more=(Picture(PIXEL + b"2", "image/png"),)) if album else IMAGE
    draft = replace(draft, prepared=await call(client.prepare, token, draft))
    for mode, out in (("500", 0), ("lost_answer", 1)):
        facebook.fault(mode, only="/feed")
        assert (await failing(TryLater, client.publish, token, draft)).uncertain
        facebook.fault("")
        assert len(facebook.state.posts()) == out
        facebook.wrote(IMAGE.caption)  # another post of the very same words
        settled = await call(client.settle, token, draft, since)
        (ours,) = [post for post in facebook.state.newest() if post.photos]
        assert settled is not None
        assert settled.id == ours.id
        assert await call(client.publish, token, draft) == settled, "and known again"
        for post in facebook.state.posts():
            facebook.state.remove(post["id"])
    assert len(facebook.state.photos) == 2 if album else 1, "uploaded once"


async def test_a_picture_that_is_out_but_not_to_be_seen_yet_is_not_posted_again(facebook: Stage, token: str) -> None:
    draft = replace(IMAGE, prepared=await call(facebook.client.prepare, token, IMAGE))
    await call(facebook.client.publish, token, draft)
    facebook.state.newest()[0].created = 0.0  # as if the list did not have it yet
    assert await call(facebook.client.settle, token, draft, time.time()) is None, "the member is asked"
    assert len(facebook.state.posts()) == 1


@pytest.mark.parametrize("draft", [BARE, IMAGE], ids=["link", "picture"])
async def test_where_attachments_are_not_shown_facebooks_refusal_and_the_words_find_it(
    facebook: Stage, token: str, draft: Draft
) -> None:
    since = time.time()
    draft = replace(draft, prepared=await call(facebook.client.prepare, token, draft))
    published = await call(facebook.client.publish, token, draft)
    facebook.fault("unattached")
    assert await call(facebook.client.settle, token, draft, since) == published
    assert len(facebook.state.posts()) == 1


async def test_a_post_without_pictures_has_nothing_to_prepare(facebook: Stage, token: str) -> None:
    facebook.fault("500")
    assert await call(facebook.client.prepare, token, DRAFT) == ""
    assert "63207 of" in str(
        await failing(Refused, facebook.client.prepare, token, replace(DRAFT, caption="x" * 63207))
    )
    error = await failing(TryLater, facebook.client.prepare, token, IMAGE)
    assert not error.uncertain


async def test_a_page_that_wrote_more_than_can_be_looked_through_leaves_it_to_the_member(
    facebook: Stage, token: str
) -> None:
    for number in range(400):
        facebook.wrote(f"News {number}")
    last = facebook.wrote("The oldest", LINK, ago=60)
    settled = await call(facebook.client.settle, token, BARE, time.time() - 60)
    assert settled is None, "the fifth hundred is not looked at, and what is not seen may be there"
    facebook.state.remove(facebook.state.newest()[0].id)
    settled = await call(facebook.client.settle, token, BARE, time.time() - 60)
    assert settled is not None
    assert settled.id == last


async def test_whoever_may_not_look_does_not_post_again(facebook: Stage) -> None:
    token = (await facebook.connect(scopes=SCOPES[:2])).token
    assert await call(facebook.client.settle, token, DRAFT, time.time()) is None
    assert facebook.state.posts() == []


async def test_trouble_while_looking_is_tried_later(facebook: Stage, token: str) -> None:
    facebook.fault("500", only="published_posts")
    assert not (await failing(TryLater, facebook.client.settle, token, DRAFT, time.time())).uncertain
    assert facebook.state.posts() == []


async def test_an_unknown_error_of_a_create_may_have_had_its_effect(facebook: Stage, token: str) -> None:
    facebook.fault("500", only="/feed")
    assert (await failing(TryLater, facebook.client.publish, token, DRAFT)).uncertain
    facebook.fault("500", only="/photos")
    assert not (await failing(TryLater, facebook.client.publish, token, IMAGE)).uncertain


async def test_fifty_posts_are_read_in_one_call_and_a_deleted_one_hides_none(facebook: Stage, token: str) -> None:
    ids = [facebook.wrote(f"Number {number}") for number in range(50)]
    for number, post in enumerate(ids):
        facebook.state.react(post, likes=number, comments=1, reshares=number % 3)
    facebook.state.remove(ids[7])
    facebook.state.asked.clear()
    counts = await call(facebook.client.counts, token, ids)
    gone = counts.pop(ids[7])
    assert isinstance(gone, Unavailable)
    assert "deleted" in str(gone)
    assert counts == {post: Counts(number, 1, number % 3) for number, post in enumerate(ids) if number != 7}
    with pytest.raises(ValueError, match="at most 50"):
        facebook.client.counts(token, [*ids, ids[0]])
    assert facebook.client.counts(token, []) == {}


async def test_an_id_that_is_none_is_not_asked_for(facebook: Stage, token: str) -> None:
    (said,) = (await call(facebook.client.counts, token, ["me/accounts?fields=access_token"])).values()
    assert isinstance(said, Unavailable)
    assert facebook.state.asked == []


async def test_a_post_of_another_page_tells_nothing(facebook: Stage, token: str) -> None:
    other = facebook.state.add(CAREERS.id, "Not hers").id
    assert isinstance((await call(facebook.client.counts, token, [other]))[other], Unavailable)


async def test_what_a_batch_left_out_is_asked_for_once_more(facebook: Stage, token: str) -> None:
    ids = [facebook.wrote(f"Number {number}") for number in range(2)]
    facebook.fault("unanswered", times=1)
    assert await call(facebook.client.counts, token, ids) == dict.fromkeys(ids, Counts(0, 0, 0))
    ids.append(facebook.wrote("One more"))
    ids.append(facebook.wrote("And one more"))
    facebook.fault("unanswered")
    assert "in time" in str(await failing(TryLater, facebook.client.counts, token, ids))


async def test_nothing_of_what_people_wrote_or_who_they_are_is_asked_for_or_kept(
    facebook: Stage, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Rule 18: the sums are asked for without their rows; and should rows come all the same, none of them survives."""
    caplog.set_level(logging.DEBUG)
    published = await call(facebook.client.publish, token, DRAFT)
    facebook.state.react(published.id, likes=3, comments=2, reshares=1)
    facebook.fault("chatty")
    said = [
        await call(facebook.client.counts, token, [published.id]),
        await call(facebook.client.settle, token, DRAFT, time.time()),
        await call(facebook.client.profile, token),
    ]
    assert said[0] == {published.id: Counts(3, 2, 1)}
    assert "Dora" not in repr(said) + caplog.text
    assert "555 0100" not in repr(said) + caplog.text
    fields = [asked for asked in facebook.state.asked if "reactions" in asked]
    assert fields == ["shares,reactions.summary(total_count).limit(0),comments.summary(total_count).limit(0)"]
    assert not [asked for asked in facebook.state.asked if "from" in asked or "message_tags" in asked]


async def test_what_the_stand_in_tells_is_without_people_because_it_was_asked_so(facebook: Stage, token: str) -> None:
    """The test above could not fail if the stand-in had nobody to tell of."""
    post = facebook.wrote("A post")
    query = {"fields": "reactions.summary(total_count)", "access_token": json.loads(token)["access"]}
    secret = facebook.state.app_secret.encode()
    query["appsecret_proof"] = hmac.new(secret, query["access_token"].encode(), hashlib.sha256).hexdigest()
    async with (
        ClientSession() as session,
        session.get(f"{facebook.url}/graph/v25.0/{post}", params=query) as answer,
    ):
        assert "Dora Smith" in await answer.text()


async def test_a_kind_of_post_that_has_a_link_is_found_by_it_alone(facebook: Stage, token: str) -> None:
    article = replace(DRAFT, post=Post(PostKind.ARTICLE, "https://example.com/thing", "A thing"))
    post = facebook.wrote("Somebody mended the caption meanwhile", LINK)
    settled = await call(facebook.client.settle, token, article, time.time())
    assert settled is not None
    assert settled.id == post
