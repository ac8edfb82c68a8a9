"""The Socket Mode connection and its watchdog."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.line import Line
from grapevine.playground.app import Playground
from grapevine.store import Store
from tests.bot.stage import staged
from tests.people import BEA


@asynccontextmanager
async def held(pg: Playground, **times: float) -> AsyncIterator[Line]:
    app = AsyncApp(client=AsyncWebClient(token=pg.bot_token, base_url=pg.slack_api_url), signing_secret="")
    client = AsyncWebClient(token=pg.app_token, base_url=pg.slack_api_url)
    line = Line(app, pg.app_token, client, **{"ask": 0.02, "patience": 0.2, **times})
    holding = asyncio.create_task(line.run())
    try:
        yield line
    finally:
        holding.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await holding


async def up(line: Line) -> None:
    deadline = asyncio.get_running_loop().time() + 5
    while not await line.is_up():
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.01)


async def test_a_line_is_up_once_connected_and_gone_after_the_end() -> None:
    async with Playground() as pg:
        async with held(pg) as line:
            await pg.until(lambda: pg.sockets.connected)
            await up(line)
        await pg.until(lambda: not pg.sockets.connected)
        assert not await line.is_up()


async def test_a_dead_connection_is_made_anew() -> None:
    async with Playground() as pg, held(pg) as line:
        await pg.until(lambda: pg.sockets.connected)
        first = line.handler
        assert first is not None
        first.client.stale = True  # what slack_sdk notes of a session that it has given up
        first.client.auto_reconnect_enabled = False
        await pg.until(lambda: line.handler is not None and line.handler is not first)
        await up(line)


async def test_slack_being_away_at_the_start_is_waited_for() -> None:
    async with Playground() as pg:
        pg.fail("apps.connections.open", *["internal_error"] * 3)
        async with held(pg, ping=0.05, patience=5):
            await pg.until(lambda: pg.sockets.connected)


async def test_when_slack_asks_every_connection_to_come_again_nothing_is_lost(store: Store, redis_url: str) -> None:
    async with staged(store, redis_url, {}, "socket") as stage:
        assert stage.bot.line is not None
        before = stage.bot.line.handler
        await stage.types(BEA, "help")
        opened = [method for method, _ in stage.pg.workspace.calls].count("apps.connections.open")
        await stage.pg.sockets.refresh()
        await stage.pg.until(
            lambda: [method for method, _ in stage.pg.workspace.calls].count("apps.connections.open") > opened
        )
        await stage.pg.until(lambda: stage.pg.sockets.connected)
        await up(stage.bot.line)
        assert "/grapevine share" in await stage.types(BEA, "help")
        assert stage.bot.line.handler is before
