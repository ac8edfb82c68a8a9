"""Rule 18 at LinkedIn and X: bodies stuffed with other people's names, texts and addresses; none of it gets through."""

import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import astuple
from typing import Any

import pytest
from aiohttp import web

from grapevine.domain.accounts import Profile
from grapevine.domain.errors import GrapevineError
from grapevine.domain.posts import Post, PostKind
from grapevine.domain.reactions import Counts
from grapevine.networks.base import Draft
from grapevine.networks.linkedin import LinkedIn
from grapevine.networks.linkedin_counts import ANALYTICS
from grapevine.networks.profiles import address_in, name_in, number_in
from grapevine.networks.x import X
from tests.networks.calls import call, failing
from tests.networks.linkedin_stand_in import CALLBACK, COMMUNITY
from tests.serving import serving

URN = "urn:li:share:7530000000000000000"
DRAFT = Draft("Hello", Post(PostKind.LINK, "https://example.com/a"), "https://go.example.com/a")
CY = {"name": "Cy Ortega", "email": "cy@example.com", "headline": "Secretly looking", "text": "A comment of Cy's"}
MARKS = ("Cy", "Ortega", "@example.com", "Secret", "A comment", "Headline", "+46", "1990")
#: beside what is asked for, in every object of every answer
STUFFING: dict[str, Any] = {
    "email": "bea@example.com",
    "email_verified": True,
    "phone": "+46 70 123",
    "birthdate": "1990-05-01",
    "headline": "Headline of Bea's",
    "comments": [CY],
    "likes": [CY],
    "author": CY,
    "includes": {"users": [CY]},
    "viewer": CY,
}


@asynccontextmanager
async def telling(answers: Mapping[str, tuple[int, Any]]) -> AsyncIterator[str]:
    """The address of a server that gives these answers, each with the stuffing in it."""

    async def answer(request: web.Request) -> web.Response:
        status, said = answers.get(f"{request.method} {request.path}", (404, {}))
        if isinstance(said, str):
            return web.Response(status=status, text=said)
        headers = {"x-restli-id": URN, "x-member": "cy@example.com"} if status == 201 else {}
        return web.json_response(said | STUFFING, status=status, headers=headers)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with serving(app) as url:
        yield url


def clean(*told: object) -> bool:
    """Whether nothing that the network stuffed in is in what was told."""
    return not [mark for mark in MARKS for one in told if mark in repr(one) or mark in str(one)]


def token(scope: str) -> str:
    fields = {"access": "a", "scope": scope.split(), "expires_at": time.time() + 99, "refresh": "", "person": "p"}
    return json.dumps(fields)


OPENID = {"sub": "Bea4mt8Xw1", "name": "Bea Lindqvist", "given_name": "Bea", "picture": "https://media.example/b.jpg"}
ME: dict[str, Any] = {"id": "Bea4mt8Xw1", "localizedFirstName": "Bea", "localizedLastName": "Lindqvist"}
ME |= {
    "profilePicture": {"displayImage~": {"elements": [{"identifiers": [{"identifier": "https://media.example/b"}]}]}}
}


async def test_linkedin_leaves_the_members_own_id_name_and_picture() -> None:
    answers = {
        "POST /oauth/v2/accessToken": (200, {"access_token": "AQX", "expires_in": 99, "id_token": "eyJ.Cy.Ortega"}),
        "GET /v2/userinfo": (200, OPENID),
    }
    async with telling(answers) as url:
        client = LinkedIn("id", "s", "202610", "", url, url, patience=())
        connected = await call(client.connect, CALLBACK, {"code": "c", "state": "s"}, "")
        assert connected.profile == Profile("Bea4mt8Xw1", "Bea Lindqvist", "https://media.example/b.jpg", None)
        assert json.loads(connected.token).keys() == {"access", "scope", "expires_at", "refresh", "person", "made"}
        assert clean(connected, connected.token)


async def test_linkedins_community_app_leaves_the_reach_too_and_nothing_of_other_people() -> None:
    answers = {
        "GET /v2/me": (200, ME),
        "GET /v2/connections/urn:li:person:p": (200, {"firstDegreeSize": 843, "elements": [CY]}),
        "GET /rest/memberFollowersCount": (200, {"elements": [{"memberFollowersCount": 880, "followers": [CY]}]}),
        "POST /rest/posts": (201, {}),
        "POST /rest/images": (200, {"value": {"uploadUrl": "https://evil.example/x", "image": "urn:li:image:1"}}),
    }
    async with telling(answers) as url:
        client = LinkedIn("id", "s", "202610", COMMUNITY, url, url, patience=())
        held = token(COMMUNITY)
        profile = await call(client.profile, held)
        assert profile == Profile("Bea4mt8Xw1", "Bea Lindqvist", "https://media.example/b", 880)
        published = await call(client.publish, held, DRAFT)
        assert (published.id, published.url) == (URN, f"{url}/feed/update/{URN}")
        prepared = await call(
            client.prepare, held, Draft("", DRAFT.post, "https://x.example", thumbnail=(b"", "image/png"))
        )
        assert clean(profile, published, prepared)


async def test_linkedins_numbers_are_numbers_only() -> None:
    rows = [{"count": 7, "metricType": "REACTION", "actor": CY, "targetEntity": CY} | STUFFING]
    async with telling({"GET /rest/memberCreatorPostAnalytics": (200, {"elements": rows})}) as url:
        client = LinkedIn("id", "s", "202610", COMMUNITY, url, url, patience=())
        counts = (await call(client.counts, token(COMMUNITY), [URN]))[URN]
        assert isinstance(counts, Counts)
        *numbers, source = astuple(counts)
        assert all(number is None or type(number) is int for number in numbers)
        assert source == ANALYTICS, "a word of ours"
    denied = {"GET /rest/memberCreatorPostAnalytics": (403, {"message": "Cy Ortega may not be shown"})}
    async with telling(denied) as url:
        client = LinkedIn("id", "s", "202610", COMMUNITY, url, url, patience=())
        assert clean(await call(client.counts, token(COMMUNITY), [URN]))


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500])
async def test_linkedins_refusals_leave_none_of_it(status: int) -> None:
    everything: dict[str, tuple[int, Any]] = {
        f"{method} /{path}": (status, {}) for method, path in (("GET", "v2/me"), ("POST", "rest/posts"))
    }
    async with telling(everything) as url:
        client = LinkedIn("id", "s", "202610", COMMUNITY, url, url, patience=())
        errors = [
            await failing(GrapevineError, client.profile, token(COMMUNITY)),
            await failing(GrapevineError, client.publish, token(COMMUNITY), DRAFT),
        ]
        assert clean(*errors)


async def test_x_leaves_the_members_own_id_name_picture_and_reach_and_numbers() -> None:
    numbers = {"like_count": 7, "reply_count": 2, "retweet_count": 1, "quote_count": 0}
    user: dict[str, Any] = {"id": "1", "name": "Bea Lindqvist", "username": "bea", "description": "Headline of Bea's"}
    user |= {
        "public_metrics": {"followers_count": 9, "friends": [CY]},
        "profile_image_url": "https://p.example/b_normal.jpg",
    }
    answers = {
        "GET /2/users/me": (200, {"data": user | STUFFING}),
        "GET /2/tweets": (200, {"data": [{"id": "5", "text": "A comment", "public_metrics": numbers} | STUFFING]}),
        "POST /2/tweets": (201, {"data": {"id": "5", "text": "A comment"} | STUFFING}),
    }
    async with telling(answers) as url:
        client = X("key", "secret", url)
        profile = await call(client.profile, "1:token:secret")
        assert profile == Profile("1", "Bea Lindqvist", "https://p.example/b_bigger.jpg", 9)
        published = await call(client.publish, "1:token:secret", DRAFT)
        counts = await call(client.counts, "1:token:secret", ["5"])
        assert counts == {"5": Counts(7, 2, 1)}
        assert clean(profile, published, counts)


async def test_x_leaves_an_id_only_of_the_posts_among_which_it_is_looked_for() -> None:
    other = {"id": "4", "text": "A comment of Cy's", "author_id": "2", "entities": {"mentions": [CY]}}
    mine = {"id": "5", "text": "t.co", "entities": {"urls": [{"url": "t.co", "expanded_url": DRAFT.link}]}}
    answers = {"GET /2/users/1/tweets": (200, {"data": [other | STUFFING, mine | STUFFING]})}
    async with telling(answers) as url:
        settled = await call(X("key", "secret", url).settle, "1:token:secret", DRAFT, time.time())
        assert settled is not None
        assert settled.id == "5"
        assert clean(settled)


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 422, 429, 500])
async def test_xs_refusals_leave_none_of_it(status: int) -> None:
    said = {"title": "No", "detail": "X says no.", "type": "about:blank", "errors": [{"code": 89} | CY]}
    calls = ("GET /2/users/me", "GET /2/tweets", "POST /2/tweets", "GET /2/users/1/tweets", "POST /oauth/request_token")
    async with telling(dict.fromkeys(calls, (status, said))) as url:
        client = X("key", "secret", url)
        held = "1:token:secret"
        errors: list[object] = [
            await failing(GrapevineError, client.profile, held),
            await failing(GrapevineError, client.publish, held, DRAFT),
        ]
        try:
            errors += [await call(client.counts, held, ["5"]), await call(client.settle, held, DRAFT, time.time())]
        except GrapevineError as error:
            errors.append(error)
        assert clean(*errors)


@pytest.mark.parametrize("wrong", [{"a": CY}, [CY], 7, None, True, "", " \n "])
def test_what_is_no_name_and_no_address_is_none(wrong: Any) -> None:
    assert name_in(wrong, "Bea") == "Bea"
    assert address_in(wrong) is None


def test_names_are_one_line_and_numbers_whole() -> None:
    assert name_in("Bea\n\tLindqvist") == "Bea Lindqvist"
    assert len(name_in("x" * 999)) == 200
    assert address_in("javascript:alert(1)") is None
    assert [number_in(one) for one in (0, 7, -1, True, 1.5, "7", None, [CY])] == [0, 7, *[None] * 6]
