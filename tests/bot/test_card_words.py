"""What a page says of itself, in the composer before the post is out."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from grapevine.playground.config import JSON
from grapevine.store import Store
from tests.bot.stage import Stage, staged, text_of
from tests.bot.test_composer import composer, input_of, said_in_modal
from tests.fakes import Birdsong
from tests.people import BEA

PAGE = "<meta property='og:title' content='Jobs at Example'><meta property='og:description' content='Come and see.'>"


@pytest.fixture
async def page() -> AsyncIterator[str]:
    async def jobs(_: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html")

    app = web.Application()
    app.add_routes([web.get("/jobs", jobs)])
    async with TestServer(app) as server:
        yield f"http://127.0.0.1:{server.port}/jobs"


@pytest.fixture
async def open_stage(store: Store, redis_url: str, birdsong: Birdsong) -> AsyncIterator[Stage]:
    async with staged(store, redis_url, {"birdsong": birdsong}, allow_private_addresses=True) as stage:
        yield stage


async def test_looking_at_a_post_brings_the_page_s_own_words(open_stage: Stage, page: str) -> None:
    view = await composer(open_stage, page)
    state = {input_of(view, "kind")["block_id"]: "article"}
    await open_stage.pg.click(BEA.user, view, "compose:kind", "article", state=state)
    view = await said_in_modal(open_stage, "Description")
    await open_stage.pg.click(BEA.user, view, "compose:check")
    filled = await open_stage.pg.until(lambda: _with_title(open_stage))
    assert input_of(filled, "title:")["element"]["initial_value"] == "Jobs at Example"
    assert input_of(filled, "description:")["element"]["initial_value"] == "Come and see."
    assert "characters on Birdsong" in text_of(filled)


def _with_title(stage: Stage) -> JSON | None:
    view = stage.pg.modal(BEA.user)
    return view if view and "initial_value" in input_of(view, "title:")["element"] else None
