"""A crowd follows short links and reacts: different people, over real HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import aiohttp
from aiohttp import web

from grapevine.playground.app import Playground
from grapevine.playground.linkedin_state import MEMBERS, LinkedInStandIn, StoredPost
from tests.people import BEA
from tests.playground.bolt import QUICK
from tests.serving import serving


class Feed:
    """A network with so many posts, the newest last."""

    def __init__(self, *texts: str) -> None:
        self.texts = texts
        self.reactions: list[tuple[str | None, int, int, int]] = []

    def react(self, post_id: str | None, likes: int = 0, comments: int = 0, reshares: int = 0) -> str | None:
        self.reactions.append((post_id, likes, comments, reshares))
        return "newest"

    def posts(self) -> list[dict[str, Any]]:
        return [{"id": str(n), "text": text, "url": None, "created": float(n)} for n, text in enumerate(self.texts)]


@asynccontextmanager
async def shortener() -> AsyncIterator[tuple[str, list[tuple[str, dict[str, str]]]]]:
    """Answers 302 to every slug but /gone, and keeps what was asked."""
    asked: list[tuple[str, dict[str, str]]] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append((request.path_qs, dict(request.headers)))
        if request.path == "/gone":
            raise web.HTTPNotFound
        raise web.HTTPFound("https://vine.example/post")

    app = web.Application()
    app.router.add_get("/{slug}", answer)
    async with serving(app) as url:
        yield url, asked


async def crowd(pg: Playground, **body: Any) -> str:
    async with aiohttp.ClientSession() as session, session.post(f"{pg.url}/ui/crowd", json=body) as response:
        told: str = (await response.json())["told"]
        return told


async def test_different_people_follow_the_newest_links_of_each_network() -> None:
    async with shortener() as (url, asked):
        networks = {"LinkedIn": Feed(f"old {url}/old", f"new {url}/li"), "X": Feed(f"{url}/x1 and {url}/x2")}
        async with Playground(replace(QUICK, short_url=url), networks=networks) as pg:
            told = await crowd(pg, clicks=12, bot=True)

    people = [headers for _, headers in asked if "LinkedInBot" not in headers["User-Agent"]]
    assert len(people) == 12
    assert len({headers["X-Forwarded-For"] for headers in people}) == 12
    assert len({headers["User-Agent"] for headers in people}) >= 8
    assert all(headers["Sec-Fetch-Mode"] == "navigate" and headers["Accept-Language"] for headers in people)
    assert {path for path, _ in asked} == {"/li", "/x1", "/x2"}
    assert len(asked) == 13
    assert told.startswith("12 people followed")
    assert "previewer had a look" in told


async def test_a_second_crowd_is_other_people() -> None:
    async with shortener() as (url, asked), Playground(replace(QUICK, short_url=url)) as pg:
        await crowd(pg, clicks=200, link=f"{url}/a")
        await crowd(pg, clicks=200, link=f"{url}/a")

    assert len({headers["X-Forwarded-For"] for _, headers in asked}) == 400


async def test_a_link_in_a_message_is_followed_as_a_reader_would() -> None:
    async with shortener() as (url, asked), Playground(replace(QUICK, short_url=url)) as pg:
        pg.workspace.whisper(pg.workspace.dm(BEA.user), BEA.user, {"text": f"Your link: <{url}/mine?own>"})
        told = await crowd(pg, clicks=1)

    assert [path for path, _ in asked] == ["/mine"]
    assert told == f"1 person followed {url}/mine."


async def test_what_is_not_there_is_said() -> None:
    async with shortener() as (url, _), Playground(replace(QUICK, short_url=url)) as pg:
        assert await crowd(pg, clicks=3) == "There is no short link yet: share something first."
        assert "3 got no redirect" in await crowd(pg, clicks=3, link=f"{url}/gone")
        assert await crowd(pg, reactions=3) == "Nobody could react: nothing is posted yet."
        assert await crowd(pg) == "Nobody came."


async def test_reactions_are_spread_over_the_networks() -> None:
    linkedin, x = Feed("one"), Feed("two")
    async with Playground(QUICK, networks={"LinkedIn": linkedin, "X": x}) as pg:
        told = await crowd(pg, reactions=9)

    assert told == "5 reactions on LinkedIn and 4 reactions on X."
    assert sum(linkedin.reactions[0][1:]) == 5
    assert sum(x.reactions[0][1:]) == 4


async def test_reactions_go_to_the_placement_that_is_named() -> None:
    linkedin, x = Feed("one", "two"), Feed()
    async with Playground(QUICK, networks={"LinkedIn": linkedin, "X": x}) as pg:
        await crowd(pg, reactions=2, placement="1")

    assert linkedin.reactions[0][0] == "1"
    assert x.reactions == []


async def test_a_crowd_has_its_limits() -> None:
    async with (
        Playground(QUICK) as pg,
        aiohttp.ClientSession() as session,
        session.post(f"{pg.url}/ui/crowd", json={"clicks": 501}) as response,
    ):
        assert response.status == 400


async def test_linkedin_counts_every_click_on_its_own_posts_links_and_no_previewers() -> None:
    state = LinkedInStandIn()
    post = state.new_urn("share")
    state.stored[post] = StoredPost(post, MEMBERS["bea"], "", "", 0.0, {"source": "http://127.0.0.1:8000/abc"})
    for link in ("http://127.0.0.1:8000/abc", "http://127.0.0.1:8000/abc", "http://127.0.0.1:8000/ab"):
        state.clicked(link)
    assert state.stored[post].link_clicks == 2
