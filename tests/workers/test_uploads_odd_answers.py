"""A Slack that answers in ways that the stand-in does not: each ends in a sentence or in another try."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from grapevine.domain.errors import Refused, TryLater
from grapevine.settings import WorkerSettings, load
from grapevine.store import Store
from workers import uploads
from workers.slack import Slack


class Odd:
    """A Slack with one file, whose bytes answer with *status*, and stand at *url* if that is given."""

    def __init__(self) -> None:
        self.status, self.url, self.home, self.moved = 200, "", "", "https://evil.example/"
        self.shown: list[str] = []

    async def info(self, _: web.Request) -> web.Response:
        return web.json_response({"ok": True, "file": {"id": "F1", "url_private": self.url or f"{self.home}/file"}})

    async def file(self, request: web.Request) -> web.Response:
        self.shown.append(request.headers.get("Authorization", ""))
        headers = {"Location": self.moved} if self.status == 302 else {}
        return web.Response(status=self.status, body=b"\x89PNG\r\n\x1a\n", headers=headers)

    async def new(self, _: web.Request) -> web.Response:
        return web.Response(body=b"\x89PNG\r\n\x1a\n")


@pytest.fixture
async def odd() -> AsyncIterator[Odd]:
    odd = Odd()
    app = web.Application()
    app.add_routes([web.route("*", "/api/files.info", odd.info), web.get("/file", odd.file)])
    app.add_routes([web.get("/old", odd.file), web.get("/new", odd.new)])
    async with TestServer(app) as server:
        odd.home = f"http://127.0.0.1:{server.port}"
        yield odd


async def fetch(odd: Odd, store: Store, home: str = "") -> Any:
    given = {"SLACK_BOT_TOKEN": "xoxb-ada", "SLACK_API_URL": f"{home or odd.home}/api/"}
    return await uploads.fetch(Slack(load(WorkerSettings, given), store), "T1", "F1")


async def test_a_file_is_asked_for_with_the_apps_token(odd: Odd, store: Store) -> None:
    assert await fetch(odd, store) == (b"\x89PNG\r\n\x1a\n", "image/png")
    assert odd.shown == ["Bearer xoxb-ada"]


@pytest.mark.parametrize(
    ("status", "error"), [(500, TryLater), (429, TryLater), (404, Refused), (302, Refused), (403, Refused)]
)
async def test_a_file_that_does_not_come_is_for_later_or_gone(
    odd: Odd, store: Store, status: int, error: type[Exception]
) -> None:
    odd.status = status
    with pytest.raises(error):
        await fetch(odd, store)
    assert len(odd.shown) == 1


async def test_a_file_that_moved_within_slack_is_followed_and_not_for_ever(odd: Odd, store: Store) -> None:
    odd.url, odd.status, odd.moved = f"{odd.home}/old", 302, "/file"
    with pytest.raises(Refused, match="no longer in Slack"):
        await fetch(odd, store)
    assert len(odd.shown) == 3
    odd.moved = f"{odd.home}/new"
    assert await fetch(odd, store) == (b"\x89PNG\r\n\x1a\n", "image/png")


async def test_a_file_that_moved_to_what_is_no_address_is_for_later(odd: Odd, store: Store) -> None:
    odd.status, odd.moved = 302, "https://[slack/file"
    with pytest.raises(TryLater, match="an address for the picture that is none"):
        await fetch(odd, store)
    assert len(odd.shown) == 1


@pytest.mark.parametrize(
    "url", ["https://drive.example.com/a.png", "http://localhost:9/file", "file:///etc/passwd", "https://[slack/file"]
)
async def test_a_file_that_slack_does_not_keep_gets_no_token(odd: Odd, store: Store, url: str) -> None:
    odd.url = url
    with pytest.raises(Refused, match="not kept by Slack itself"):
        await fetch(odd, store)
    assert odd.shown == []


async def test_a_slack_that_is_away_is_for_later(odd: Odd, store: Store) -> None:
    with pytest.raises(TryLater, match="Slack did not answer"):
        await fetch(odd, store, "http://127.0.0.1:9")
