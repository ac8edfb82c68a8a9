"""Answers that X has no reason to give, and that must not be taken for good ones."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from grapevine.domain.errors import Reconnect, Refused, TryLater
from grapevine.networks.base import Picture
from grapevine.networks.x import X
from tests.networks.calls import call, failing
from tests.networks.drafts import DRAFT, IMAGE, PIXEL
from tests.networks.x_stand_in import CALLBACK

TOKEN = "1:token:secret"
DUPLICATE = (403, {"detail": "You are not allowed to create a Tweet with duplicate content."})
HUNG_UP = (0, None)


@asynccontextmanager
async def answering(answers: dict[str, list[tuple[int, Any]]]) -> AsyncIterator[X]:
    """A client for a server that gives these answers to "METHOD /path", the last one for ever."""

    async def give(request: web.Request) -> web.Response:
        listed = answers[f"{request.method} {request.path}"]
        status, body = listed.pop(0) if len(listed) > 1 else listed[0]
        if status == 0 and request.transport is not None:
            request.transport.abort()
            return web.Response()
        return web.Response(status=status, text=body if isinstance(body, str) else json.dumps(body))

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", give)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield X("key", "secret", f"http://127.0.0.1:{runner.addresses[0][1]}")
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("oauth_token=a&oauth_token_secret=b&oauth_callback_confirmed=false", Refused),
        ("oauth_token=a&oauth_token_secret=b", TryLater),
        ("<!doctype html>", TryLater),
        ("", TryLater),
    ],
)
async def test_a_request_token_needs_a_confirmed_callback(body: str, error: type[Exception]) -> None:
    async with answering({"POST /oauth/request_token": [(200, body)]}) as client:
        await failing(error, client.authorize, CALLBACK, "state-1")


@pytest.mark.parametrize(
    "body", [{}, {"data": {}}, {"data": []}, {"data": {"id": 7}}, {"data": {"id": "../7"}}, [], "<p>"]
)
async def test_a_post_without_an_id_is_a_doubtful_one(body: Any) -> None:
    async with answering({"POST /2/tweets": [(201, body)]}) as client:
        assert (await failing(TryLater, client.publish, TOKEN, DRAFT)).uncertain


@pytest.mark.parametrize("body", [{}, {"data": {}}, {"data": {"id": 7}}, [], "<p>"])
async def test_an_image_without_an_id_is_no_doubtful_post(body: Any) -> None:
    async with answering({"POST /2/media/upload": [(200, body)]}) as client:
        assert not (await failing(TryLater, client.publish, TOKEN, IMAGE)).uncertain


TAKEN = {"POST /2/media/upload": [(200, {"data": {"id": "5"}})], "POST /2/tweets": [(201, {"data": {"id": "7"}})]}


@pytest.mark.parametrize("status", [400, 402, 403, 404, 422])
async def test_a_description_that_x_refuses_costs_nobody_the_post(status: int) -> None:
    async with answering({**TAKEN, "POST /2/media/metadata": [(status, {"detail": "No."})]}) as client:
        published = await call(client.publish, TOKEN, IMAGE)
    assert (published.id, published.note) == ("7", "X did not take the picture's description.")


async def test_of_several_descriptions_those_that_x_refused_are_counted() -> None:
    second = Picture(PIXEL, "image/png", "A garden")
    draft = replace(IMAGE, more=(second, second, Picture(PIXEL, "image/png")))
    metadata = [(200, {}), (400, {}), (403, "<p>")]
    async with answering({**TAKEN, "POST /2/media/metadata": metadata}) as client:
        published = await call(client.publish, TOKEN, draft)
    assert published.note == "X did not take the descriptions of 2 of the 4 pictures."


@pytest.mark.parametrize("status", [500, 503, 429, 0])
async def test_a_description_that_x_cannot_take_just_now_is_for_later(status: int) -> None:
    async with answering({**TAKEN, "POST /2/media/metadata": [(status, {})]}) as client:
        assert not (await failing(TryLater, client.publish, TOKEN, IMAGE)).uncertain


@pytest.mark.parametrize("body", [{}, {"data": {}}, {"data": {"id": 7}}, [], "<p>"])
async def test_a_profile_without_an_id_is_none(body: Any) -> None:
    async with answering({"GET /2/users/me": [(200, body)]}) as client:
        await failing(TryLater, client.profile, TOKEN)


async def test_a_bare_profile_is_enough() -> None:
    body = {"data": {"id": "7", "username": "bea"}}
    async with answering({"GET /2/users/me": [(200, body)]}) as client:
        profile = await call(client.profile, TOKEN)
    assert (profile.uid, profile.name, profile.picture, profile.reach) == ("7", "@bea", None, None)


@pytest.mark.parametrize(
    ("keys", "error"),
    [
        ((200, "oauth_token=a"), Reconnect),
        ((403, {"errors": [{"code": 415}]}), Reconnect),
        ((401, {"errors": [{"code": 32}]}), TryLater),
        ((503, ""), TryLater),
        (HUNG_UP, TryLater),
    ],
)
@pytest.mark.parametrize(
    "body", [{"title": "Unauthorized", "type": "about:blank"}, "Unauthorized", [], {"errors": "all"}]
)
async def test_a_401_without_a_code_disconnects_only_when_our_own_keys_are_good(
    keys: tuple[int, Any], error: type[Exception], body: Any
) -> None:
    async with answering({"GET /2/users/me": [(401, body)], "POST /oauth/request_token": [keys]}) as client:
        await failing(error, client.profile, TOKEN)


@pytest.mark.parametrize("second", [(200, {"meta": {}}), (500, {}), (429, {}), (402, {}), HUNG_UP])
async def test_a_duplicate_that_is_nowhere_to_be_found_is_the_members_to_decide(second: tuple[int, Any]) -> None:
    timeline = [(200, {"meta": {"result_count": 0}}), second]
    async with answering({"GET /2/users/1/tweets": timeline, "POST /2/tweets": [DUPLICATE]}) as client:
        assert await call(client.settle, TOKEN, DRAFT, 1795262400.0) is None


async def test_a_post_that_shows_late_on_the_timeline_is_found_at_the_second_look() -> None:
    late = {"data": [{"id": "7", "text": "t.co", "entities": {"urls": [{"url": "t.co", "expanded_url": DRAFT.link}]}}]}
    timeline = [(200, {"meta": {"result_count": 0}}), (200, late)]
    async with answering({"GET /2/users/1/tweets": timeline, "POST /2/tweets": [DUPLICATE]}) as client:
        settled = await call(client.settle, TOKEN, DRAFT, 1795262400.0)
    assert settled is not None
    assert settled.id == "7"
