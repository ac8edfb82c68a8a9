"""The numbers of many posts in one call to Facebook: what goes wrong with one of them hides no other."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from grapevine.domain.errors import Reconnect, TryLater
from grapevine.domain.reactions import Counts
from grapevine.networks.facebook import Facebook
from grapevine.networks.facebook_token import Token
from tests.networks.calls import call, failing
from tests.networks.facebook_stand_in import VINE
from tests.serving import serving


def row(body: object) -> dict[str, object]:
    return {"code": 200, "body": json.dumps(body)}


TOLD = row({"reactions": {"summary": {"total_count": 3}}, "comments": {"summary": {"total_count": 2}}})


@asynccontextmanager
async def batches(*rounds: list[dict[str, object]]) -> AsyncIterator[Facebook]:
    """A client of a server that answers its batches so, one after the other."""
    left = list(rounds)

    async def answer(_: web.Request) -> web.Response:
        return web.json_response(left.pop(0))

    app = web.Application()
    app.router.add_post("/{rest:.*}", answer)
    async with serving(app) as url:
        yield Facebook("1", "s", "v25.0", url, url)


@pytest.mark.parametrize("code", [1, 2])
async def test_trouble_with_one_post_of_a_batch_is_that_posts_alone(code: int) -> None:
    ids, bad = [f"{VINE.id}_1", f"{VINE.id}_2"], row({"error": {"code": code, "message": "An unknown error."}})
    token = Token(VINE.id, "EAAG", "2").pack()
    async with batches([bad, TOLD], [bad]) as client:
        found = await call(client.counts, token, ids)
    assert found.pop(ids[1]) == Counts(3, 2, 0)
    assert str(found.pop(ids[0])) == "Facebook cannot tell the numbers of this post at the moment."
    async with batches([bad, TOLD], [TOLD]) as client:
        assert await call(client.counts, token, ids) == dict.fromkeys(ids, Counts(3, 2, 0))
    async with batches([bad, bad], [bad, bad]) as client:
        assert "trouble of its own" in str(await failing(TryLater, client.counts, token, ids))


@pytest.mark.parametrize("code", [4, 101, 190])
async def test_what_holds_for_all_is_not_taken_for_one_posts_trouble(code: int) -> None:
    bad = row({"error": {"code": code, "message": "No."}})
    async with batches([TOLD, bad]) as client:
        with pytest.raises((TryLater, Reconnect)):
            await call(client.counts, Token(VINE.id, "EAAG", "2").pack(), [f"{VINE.id}_1", f"{VINE.id}_2"])
