"""Posts on LinkedIn: published, refused, in doubt, and settled."""

import json
import time
from dataclasses import replace

import pytest

from grapevine.domain.errors import Reconnect, Refused, Throttled, TryLater
from grapevine.domain.posts import Post, PostKind
from grapevine.networks.base import Draft
from grapevine.networks.linkedin import LinkedIn
from grapevine.networks.linkedin_posts import written_at
from tests.networks.calls import call, failing
from tests.networks.drafts import IMAGE, PIXEL
from tests.networks.linkedin_stand_in import CAPTION, COMMUNITY, DRAFT, LINK, Stage, staged


async def test_a_post_goes_out_with_text_hashtag_and_card(linkedin: Stage) -> None:
    published = await call(linkedin.client.publish, (await linkedin.connect()).token, DRAFT)
    post = linkedin.state.stored[published.id]
    assert published.url == f"{linkedin.url}/linkedin/feed/update/{published.id}"
    assert post.text == CAPTION
    assert "#Launch" in post.commentary
    assert "\\#Launch" not in post.commentary
    assert post.article == {"source": LINK, "title": "A thing", "description": "What it is & why"}


async def test_a_post_without_title_is_named_after_its_host_and_long_texts_of_the_card_are_cut(
    linkedin: Stage,
) -> None:
    token = (await linkedin.connect()).token
    bare = replace(DRAFT, post=Post(PostKind.LINK, "https://example.com/thing"))
    article = linkedin.state.stored[(await call(linkedin.client.publish, token, bare)).id].article
    assert article == {"source": LINK, "title": "example.com"}
    long = replace(DRAFT, caption="Long", post=Post(PostKind.LINK, "https://example.com", "t" * 999, "d" * 9999))
    article = linkedin.state.stored[(await call(linkedin.client.publish, token, long)).id].article
    assert article is not None
    assert (len(article["title"]), len(article["description"])) == (400, 4000)


async def test_a_video_is_shared_by_its_own_address(linkedin: Stage) -> None:
    token = (await linkedin.connect()).token
    video = Draft("Watch", Post(PostKind.VIDEO, "https://video.example.com/1", "A film"))
    article = linkedin.state.stored[(await call(linkedin.client.publish, token, video)).id].article
    assert article == {"source": "https://video.example.com/1", "title": "A film"}


async def test_a_picture_is_uploaded_and_posted(linkedin: Stage) -> None:
    published = await call(linkedin.client.publish, (await linkedin.connect()).token, IMAGE)
    assert published.id.startswith("urn:li:ugcPost:")
    (picture,) = linkedin.state.stored[published.id].pictures
    assert linkedin.state.images[picture["id"]].content == PIXEL


async def test_a_picture_of_another_kind_is_refused_before_any_call(linkedin: Stage) -> None:
    token = (await linkedin.connect()).token
    linkedin.state.calls.clear()
    webp = replace(IMAGE, media=(PIXEL, "image/webp"))
    assert "JPEG" in str(await failing(Refused, linkedin.client.publish, token, webp))
    assert linkedin.state.calls == []


async def test_an_upload_that_fails_is_certain(linkedin: Stage) -> None:
    token = (await linkedin.connect()).token
    await linkedin.fault("lost_answer", only="PUT /dms-uploads")
    assert (await failing(TryLater, linkedin.client.publish, token, IMAGE)).uncertain is False


async def test_the_token_is_sent_to_linkedins_own_hosts_only(linkedin: Stage) -> None:
    from grapevine.networks.linkedin_rest import Conversation
    from grapevine.networks.linkedin_token import Token
    from grapevine.networks.linkedin_versions import Versions

    for api, place in [
        ("https://api.linkedin.com", "https://linkedin.com.evil.example/x"),
        ("https://api.linkedin.com", "http://www.linkedin.com/x"),
        ("https://api.linkedin.com", f"{linkedin.url}/x"),
        ("https://api.linkedin.com", "https://evil.example\\@www.linkedin.com/x"),
        ("https://api.linkedin.com", "https://[x"),
        (linkedin.url, "https://evil.example/x"),
    ]:
        line = Conversation(Token("t", ()), api, api, Versions("202610"))
        with line, pytest.raises(TryLater, match="named an unknown place"):
            line.upload(place, PIXEL, "image/png")


async def test_a_text_that_is_too_long_is_refused_with_a_sentence(linkedin: Stage) -> None:
    token = (await linkedin.connect()).token
    longest = replace(DRAFT, caption="(" * 1500)
    assert linkedin.client.caption_length(longest.caption) == linkedin.client.caption_limit
    await call(linkedin.client.publish, token, longest)
    error = await failing(Refused, linkedin.client.publish, token, replace(DRAFT, caption="(" * 1501))
    assert "too long" in str(error)


async def test_a_repeated_post_is_refused_naming_the_first(linkedin: Stage) -> None:
    token = (await linkedin.connect()).token
    first = await call(linkedin.client.publish, token, DRAFT)
    assert first.url in str(await failing(Refused, linkedin.client.publish, token, DRAFT))


async def test_other_refusals_carry_linkedins_reason(linkedin: Stage) -> None:
    token = (await linkedin.connect()).token
    ftp = replace(DRAFT, link="ftp://example.com/x")
    assert "not a valid URL" in str(await failing(Refused, linkedin.client.publish, token, ftp))
    stranger = json.dumps(json.loads(token) | {"person": "somebody"})
    assert "did not allow" in str(await failing(Refused, linkedin.client.publish, stranger, DRAFT))


@pytest.mark.parametrize("mode", ["500", "html", "lost_answer", "hang", "slow"])
async def test_a_create_without_a_whole_answer_is_uncertain(linkedin: Stage, mode: str, impatient: None) -> None:
    token = (await linkedin.connect()).token
    await linkedin.fault(mode, only="POST /rest/posts")
    assert (await failing(TryLater, linkedin.client.publish, token, DRAFT)).uncertain is True


async def test_a_refused_connection_is_certain(linkedin: Stage) -> None:
    token = (await linkedin.connect()).token
    nobody = LinkedIn("id", "s", "202610", COMMUNITY, "http://127.0.0.1:1", "http://127.0.0.1:1")
    assert (await failing(TryLater, nobody.publish, token, DRAFT)).uncertain is False
    assert nobody.revoke(token) is False


async def test_a_limit_says_neither_whose_it_is_nor_when_it_ends_and_is_tried_again_soon(linkedin: Stage) -> None:
    token = (await linkedin.connect()).token
    await linkedin.fault("429")
    error = await failing(Throttled, linkedin.client.publish, token, DRAFT)
    assert (error.uncertain, error.after, error.whole_app) == (False, 900.0, None)


async def test_a_permission_taken_back_is_told_as_revoked(linkedin: Stage) -> None:
    token = (await linkedin.connect()).token
    await linkedin.fault("revoked")
    assert (await failing(Reconnect, linkedin.client.publish, token, DRAFT)).revoked is True


async def test_a_linkedin_that_serves_no_known_version_is_a_sentence() -> None:
    async with staged(clock=lambda: 0.0) as stage:
        token = json.dumps(
            {"access": "a", "scope": COMMUNITY.split(), "expires_at": None, "refresh": "", "person": "p"}
        )
        assert "update" in str(await failing(Refused, stage.client.publish, token, DRAFT))


async def test_settling_adopts_the_post_that_went_out(linkedin: Stage) -> None:
    token = (await linkedin.connect()).token
    await linkedin.fault("lost_answer", only="POST /rest/posts", times=1)
    began = time.time()
    await failing(TryLater, linkedin.client.publish, token, DRAFT)
    published = await call(linkedin.client.settle, token, DRAFT, began)
    assert [post["id"] for post in linkedin.state.posts()] == [published.id if published else None]


async def test_settling_posts_when_nothing_went_out(linkedin: Stage) -> None:
    token = (await linkedin.connect()).token
    await linkedin.fault("500", only="POST /rest/posts", times=1)
    began = time.time()
    await failing(TryLater, linkedin.client.publish, token, DRAFT)
    published = await call(linkedin.client.settle, token, DRAFT, began)
    assert [post["id"] for post in linkedin.state.posts()] == [published.id if published else None]


async def test_settling_does_not_adopt_an_older_post(linkedin: Stage) -> None:
    token = (await linkedin.connect()).token
    first = await call(linkedin.client.publish, token, DRAFT)
    assert written_at(first.id) == pytest.approx(time.time(), abs=30)
    later = time.time() + 3600  # as if the attempt had begun an hour after the first post
    assert first.url in str(await failing(Refused, linkedin.client.settle, token, DRAFT, later))


async def test_settling_leaves_pictures_and_old_attempts_to_the_member(linkedin: Stage) -> None:
    token = (await linkedin.connect()).token
    linkedin.state.calls.clear()
    assert await call(linkedin.client.settle, token, IMAGE, time.time()) is None
    assert await call(linkedin.client.settle, token, DRAFT, time.time() - 86400) is None
    assert linkedin.state.calls == []


def test_the_time_of_a_post_stands_in_its_number() -> None:
    assert written_at("urn:li:share:7141138937766391808") == pytest.approx(1702580000, abs=86400)
    assert written_at("nonsense") == 0.0
