"""LinkedIn answers in ways that the stand-in does not: each still ends in a result or in one of our errors."""

import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from grapevine.domain.errors import NotFound, Refused, TryLater, Unavailable
from grapevine.domain.posts import Post, PostKind
from grapevine.domain.reactions import Counts
from grapevine.networks.base import Draft
from grapevine.networks.linkedin import LinkedIn
from tests.networks.calls import call, failing
from tests.networks.linkedin_stand_in import CALLBACK, COMMUNITY
from tests.serving import serving

URN = "urn:li:share:7530000000000000000"
DRAFT = Draft("Hello", Post(PostKind.LINK, "https://example.com/a"), "https://go.example.com/a")
PICTURE = Draft("Hello", Post(PostKind.IMAGE, "https://example.com/a.png"), None, (b"\x89PNG\r\n\x1a\n", "image/png"))


def token(scope: str = COMMUNITY) -> str:
    fields = {"access": "a", "scope": scope.split(), "expires_at": time.time() + 99, "refresh": "", "person": "p"}
    return json.dumps(fields)


class Odd:
    """A LinkedIn that says what it is told to; *said* maps an address below the root to status, body and headers."""

    def __init__(self) -> None:
        self.said: dict[str, tuple[int, Any, dict[str, str]]] = {}
        self.client: LinkedIn

    def says(self, path: str, status: int, body: Any = None, **headers: str) -> None:
        self.said[path] = (status, body, {name.replace("_", "-"): value for name, value in headers.items()})

    async def answer(self, request: web.Request) -> web.Response:
        status, body, headers = self.said.get(request.path, (404, {}, {}))
        return web.Response(
            status=status,
            text=None if body is None else json.dumps(body),
            content_type="application/json",
            headers=headers,
        )


@pytest.fixture
async def odd() -> AsyncIterator[Odd]:
    linkedin = Odd()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", linkedin.answer)
    async with serving(app) as url:
        linkedin.client = LinkedIn("id", "s", "202610", COMMUNITY, url, url, patience=())
        yield linkedin


@pytest.mark.parametrize("urn", ["", "urn:li:person:1", "urn:li:share:x"])
async def test_a_created_post_without_a_name_is_uncertain(odd: Odd, urn: str) -> None:
    odd.says("/rest/posts", 201, x_restli_id=urn)
    assert (await failing(TryLater, odd.client.publish, token(), DRAFT)).uncertain


@pytest.mark.parametrize("urn", [URN, URN.replace(":", "%3A")])
async def test_the_name_of_a_post_may_be_encoded(odd: Odd, urn: str) -> None:
    odd.says("/rest/posts", 201, x_restli_id=urn)
    assert (await call(odd.client.publish, token(), DRAFT)).id == URN


async def test_a_conflict_is_for_later(odd: Odd) -> None:
    odd.says("/rest/posts", 409, {"status": 409})
    error = await failing(TryLater, odd.client.publish, token(), DRAFT)
    assert (error.uncertain, error.after) == (False, 60.0)


async def test_a_duplicate_without_a_name_is_refused_unless_it_may_be_the_very_post_that_is_in_doubt(odd: Odd) -> None:
    odd.says("/rest/posts", 422, {"message": "Duplicate post is detected", "status": 422})
    assert "repeats" in str(await failing(Refused, odd.client.publish, token(), DRAFT))
    assert await call(odd.client.settle, token(), DRAFT, time.time()) is None


async def test_half_a_refusal_may_be_that_of_a_duplicate_so_nobody_says_it_is_not_out(odd: Odd) -> None:
    odd.says("/rest/posts", 422, "Duplicate pos")
    for act, more in (("publish", []), ("settle", [time.time()])):
        error = await failing(TryLater, getattr(odd.client, act), token(), DRAFT, *more)
        assert isinstance(error, TryLater)
        assert error.uncertain


async def test_a_refusal_without_a_reason_is_a_sentence_all_the_same(odd: Odd) -> None:
    odd.says("/rest/posts", 400)
    assert "no reason given" in str(await failing(Refused, odd.client.publish, token(), DRAFT))
    odd.says("/rest/posts", 410, {})
    await failing(NotFound, odd.client.publish, token(), DRAFT)


async def test_a_pause_that_linkedin_asks_for_is_taken(odd: Odd) -> None:
    odd.says("/rest/posts", 429, {}, Retry_After="17")
    assert (await failing(TryLater, odd.client.publish, token(), DRAFT)).after == 17.0


@pytest.mark.parametrize("told", [{}, {"value": None}, {"value": {"image": "urn:li:image:1"}}])
async def test_a_picture_without_a_place_is_for_later(odd: Odd, told: dict[str, Any]) -> None:
    odd.says("/rest/images", 200, told)
    assert not (await failing(TryLater, odd.client.publish, token(), PICTURE)).uncertain


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"elements": {}},
        {"elements": [7]},
        {"elements": [{"value": 7}]},
        {"elements": [{"count": "7"}]},
        {"elements": [{"count": True}]},
        {"elements": [{"count": -1}]},
    ],
)
async def test_counts_are_whole_numbers_or_for_later(odd: Odd, told: dict[str, Any]) -> None:
    odd.says("/rest/memberCreatorPostAnalytics", 200, told)
    await failing(TryLater, odd.client.counts, token(), [URN])


async def test_counts_denied_everywhere_are_unavailable(odd: Odd) -> None:
    odd.says("/rest/memberCreatorPostAnalytics", 403, {"status": 403})
    odd.says(f"/rest/socialMetadata/{URN}", 403, {"status": 403})
    assert isinstance((await call(odd.client.counts, token(), [URN]))[URN], Unavailable)
    odd.says(f"/rest/socialMetadata/{URN}", 200, {"commentSummary": {"count": 1}})
    assert await call(odd.client.counts, token(), [URN]) == {URN: Counts(0, 1, None)}
    odd.says(f"/rest/socialMetadata/{URN}", 200, {"commentSummary": {"count": 1}, "reactionSummaries": []})
    await failing(TryLater, odd.client.counts, token(), [URN])


async def test_a_member_without_picture_and_without_reach(odd: Odd) -> None:
    odd.says("/v2/me", 200, {"id": "p", "localizedFirstName": "Ada"})
    profile = await call(odd.client.profile, token())
    assert (profile.uid, profile.name, profile.picture, profile.reach) == ("p", "Ada", None, None)
    odd.says("/v2/userinfo", 200, {"sub": "p", "picture": "javascript:x"})
    profile = await call(odd.client.profile, token("openid profile"))
    assert (profile.uid, profile.name, profile.picture) == ("p", "LinkedIn member", None)


async def test_a_profile_that_is_denied_or_nameless_is_a_sentence(odd: Odd) -> None:
    odd.says("/v2/me", 403, {"status": 403})
    assert "LINKEDIN_SCOPES" in str(await failing(Refused, odd.client.profile, token()))
    odd.says("/v2/me", 200, {})
    await failing(TryLater, odd.client.profile, token())


@pytest.mark.parametrize("told", [{}, {"access_token": ""}, {"error": "odd"}])
async def test_a_token_answer_without_a_token_is_refused(odd: Odd, told: dict[str, Any]) -> None:
    odd.says("/oauth/v2/accessToken", 200, told)
    await failing(Refused, odd.client.connect, CALLBACK, {"code": "c"}, "")


async def test_fewer_scopes_than_asked_for_show_in_the_capabilities(odd: Odd) -> None:
    odd.says("/oauth/v2/accessToken", 200, {"access_token": "a", "scope": "r_basicprofile"})
    odd.says("/v2/me", 200, {"id": "p"})
    connected = await call(odd.client.connect, CALLBACK, {"code": "c"}, "")
    assert (connected.capabilities.post, connected.capabilities.count, connected.expires_at) == (False, False, None)
    odd.says("/oauth/v2/accessToken", 200, {"access_token": "a", "token_type": "Bearer", "expires_in": 60})
    connected = await call(odd.client.connect, CALLBACK, {"code": "c"}, "")
    assert connected.capabilities.post
    assert (connected.capabilities.reach, "connections" in connected.capabilities.reach_reason) == (False, True)


async def test_an_unknown_error_of_the_prompt_is_a_sentence(odd: Odd) -> None:
    assert "once more" in str(await failing(Refused, odd.client.connect, CALLBACK, {"error": "odd"}, ""))
