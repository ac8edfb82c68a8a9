"""A real Bolt app against the stand-in, over either transport; tests add the listeners."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from aiohttp import web
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from grapevine.playground.app import Playground
from grapevine.playground.config import Manifest, PlaygroundConfig, Shortcut

EVERYTHING = replace(
    Manifest(),
    scopes=(
        "commands",
        "chat:write",
        "users:read",
        "users:read.email",
        "im:write",
        "im:read",
        "channels:read",
        "files:write",
    ),
    shortcuts=(Shortcut("global", "Share", "share"), Shortcut("message", "Share this", "share_message")),
    events=frozenset({"app_home_opened", "message.im", "user_change"}),
)
QUICK = PlaygroundConfig(manifest=EVERYTHING, answer_within=0.7, retry_delays=(0.0, 0.0, 0.0))
SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "hello"}}
BUTTON = {
    "type": "actions",
    "block_id": "row",
    "elements": [
        {"type": "button", "action_id": "press", "value": "v1", "text": {"type": "plain_text", "text": "Press"}},
        {
            "type": "static_select",
            "action_id": "pick",
            "options": [
                {"text": {"type": "plain_text", "text": each}, "value": each.lower()} for each in ("Red", "Blue")
            ],
        },
    ],
}


@dataclass
class Stage:
    pg: Playground
    app: AsyncApp
    client: AsyncWebClient


@asynccontextmanager
async def on_stage(config: PlaygroundConfig) -> AsyncIterator[Stage]:
    """The playground and a Bolt app that is connected to it, over config.transport."""
    door = socket.create_server(("127.0.0.1", 0))
    events_url = f"http://127.0.0.1:{door.getsockname()[1]}/slack/events"
    async with Playground(replace(config, events_url=events_url)) as pg:
        client = AsyncWebClient(token=pg.bot_token, base_url=pg.slack_api_url)
        app = AsyncApp(client=client, signing_secret=pg.signing_secret)
        if config.transport == "socket":
            door.close()
            own = AsyncWebClient(token=pg.app_token, base_url=pg.slack_api_url)
            handler = AsyncSocketModeHandler(app, pg.app_token, web_client=own)
            await handler.connect_async()
            await pg.until(lambda: pg.sockets.connected)
            try:
                yield Stage(pg, app, client)
            finally:
                await handler.close_async()
        else:
            runner = web.AppRunner(app.web_app(path="/slack/events"), access_log=None)
            await runner.setup()
            await web.SockSite(runner, door).start()
            try:
                yield Stage(pg, app, client)
            finally:
                await runner.cleanup()
                door.close()
