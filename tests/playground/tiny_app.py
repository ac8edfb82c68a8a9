"""A tiny real Bolt app over Socket Mode, with the playground around it, for the tests of the page."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from grapevine.playground.app import Playground
from grapevine.playground.config import Manifest, PlaygroundConfig, Shortcut

JSON = dict[str, Any]

MANIFEST = Manifest(
    shortcuts=(
        Shortcut("global", "Share a post", "share_anything"),
        Shortcut("message", "Share this message", "share_message"),
    )
)
DAYS = ("Mon", "Tue", "Wed")


@dataclass
class Stage:
    """The page's address, the app's connection, and what the app was sent (kind, payload), in order."""

    url: str
    handler: AsyncSocketModeHandler
    received: list[tuple[str, JSON]] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def note(self, kind: str, payload: JSON) -> None:
        self.received.append((kind, payload))
        self.arrived.set()

    async def heard(self, kind: str) -> JSON:
        """The newest payload of a kind, as soon as there is one."""
        async with asyncio.timeout(5):
            while not self.of(kind):
                self.arrived.clear()
                await self.arrived.wait()
        return self.of(kind)[-1]

    def of(self, kind: str) -> list[JSON]:
        return [payload for received, payload in self.received if received == kind]


def plain(text: str) -> JSON:
    return {"type": "plain_text", "text": text}


def option(text: str) -> JSON:
    return {"text": plain(text), "value": text.lower()}


def asked(block_id: str, label: str, element: JSON, **more: Any) -> JSON:
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain(label),
        "element": {"action_id": "v", **element},
        **more,
    }


def button(text: str, action_id: str, **more: Any) -> JSON:
    return {"type": "button", "text": plain(text), "action_id": action_id, **more}


def said(text: str) -> JSON:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def home(url: str, count: int = 0) -> JSON:
    points = [{"label": day, "value": value} for day, value in zip(DAYS, (4, 9, 2), strict=True)]
    sure = {
        "title": plain("Are you sure?"),
        "text": plain("It cannot be undone."),
        "confirm": plain("Erase"),
        "deny": plain("Keep"),
    }
    chart = {"type": "line", "series": [{"name": "LinkedIn", "data": points}], "axis_config": {"categories": DAYS}}
    buttons = [
        button("Count", "count", value=str(count)),
        button("Erase me", "erase", style="danger", confirm=sure),
        button("Read more", "how", url=url),
    ]
    return {
        "type": "home",
        "blocks": [
            {"type": "header", "text": plain("Your shares")},
            said(f"*{count} clicks* <!date^1764547200^{{date_num}} {{time}}|then>"),
            {"type": "actions", "elements": buttons},
            {"type": "data_visualization", "title": "Clicks by day", "chart": chart},
        ],
    }


def composer(more: str = "") -> JSON:
    networks = [option("LinkedIn"), option("X")]
    blocks = [
        said("You share as *yourself*."),
        asked("url", "Link", {"type": "url_text_input"}),
        asked("caption", "Caption", {"type": "plain_text_input", "multiline": True, "initial_value": "Look at this"}),
        asked("networks", "Networks", {"type": "checkboxes", "options": networks, "initial_options": networks[:1]}),
        asked(
            "tags", "Tags", {"type": "multi_static_select", "options": [option("News"), option("Jobs")]}, optional=True
        ),
        asked("day", "Day", {"type": "datepicker"}, optional=True),
        {"type": "actions", "block_id": "acts", "elements": [button("Check", "check"), button("Preview", "preview")]},
        *([said(more)] if more else []),
    ]
    titles = {"title": plain("Share a post"), "submit": plain("Share"), "close": plain("Cancel")}
    return {"type": "modal", "callback_id": "share", "notify_on_close": True, "blocks": blocks, **titles}


def listeners(app: AsyncApp, stage: Stage) -> None:
    picture = f"{stage.url}/avatars/U0BEA00001.svg"

    @app.event("app_home_opened")
    async def opened(event: JSON, client: AsyncWebClient) -> None:
        if event["tab"] == "home":
            stage.note("opened", event)
            await client.views_publish(user_id=event["user"], view=home(picture))

    @app.command("/grapevine")
    async def command(ack: Any, body: JSON, client: AsyncWebClient) -> None:
        stage.note("command", body)
        if body["text"] == "hello":
            await ack(
                text="Hello <@U0CY000001>, <script>window.hit = 1</script> &amp; *bold* <javascript:window.hit=1|here>"
            )
        else:
            await ack()
            await client.views_open(trigger_id=body["trigger_id"], view=composer())

    async def shortcut(ack: Any, body: JSON, client: AsyncWebClient) -> None:
        await ack()
        stage.note("shortcut", body)
        await client.views_open(trigger_id=body["trigger_id"], view=composer())

    for declared in MANIFEST.shortcuts:
        app.shortcut(declared.callback_id)(shortcut)

    @app.action("count")
    async def count(ack: Any, body: JSON, client: AsyncWebClient) -> None:
        await ack()
        view = home(picture, int(body["actions"][0]["value"]) + 1)
        await client.views_publish(user_id=body["user"]["id"], view=view)

    async def pressed(ack: Any, body: JSON) -> None:
        await ack()
        stage.note(body["actions"][0]["action_id"], body)

    for action_id in ("erase", "how"):
        app.action(action_id)(pressed)

    @app.action("check")
    async def check(ack: Any, body: JSON, client: AsyncWebClient) -> None:
        await ack()
        stage.note("check", body)
        await client.views_update(view_id=body["view"]["id"], view=composer("This link works."))

    @app.action("preview")
    async def preview(ack: Any, body: JSON, client: AsyncWebClient) -> None:
        await ack()
        view = {"type": "modal", "title": plain("Preview"), "close": plain("Back"), "blocks": [said("As they see it.")]}
        await client.views_push(trigger_id=body["trigger_id"], view=view)

    @app.view("share")
    async def submitted(ack: Any, body: JSON, client: AsyncWebClient) -> None:
        values = body["view"]["state"]["values"]
        if "bit.ly" in values["url"]["v"]["value"]:
            await ack(response_action="errors", errors={"url": "This link is already shortened."})
            return
        await ack()
        stage.note("submitted", body)
        blocks = [said("*Your post is out.*"), {"type": "actions", "elements": [button("Insights", "insights")]}]
        await client.chat_postMessage(channel=body["user"]["id"], text="Your post is out.", blocks=blocks)

    @app.action("insights")
    async def insights(ack: Any, respond: Any) -> None:
        await ack()
        await respond(text="Nobody has clicked yet.", replace_original=True)

    @app.view_closed("share")
    async def closed(ack: Any, body: JSON) -> None:
        await ack()
        stage.note("closed", body)


@asynccontextmanager
async def staged() -> AsyncIterator[Stage]:
    """The playground on a free port, with the app connected to it."""
    async with Playground(PlaygroundConfig(manifest=MANIFEST)) as playground:
        client = AsyncWebClient(token=playground.bot_token, base_url=playground.slack_api_url, timeout=5)
        app = AsyncApp(client=client, signing_secret=playground.signing_secret)
        own = AsyncWebClient(token=playground.app_token, base_url=playground.slack_api_url, timeout=5)
        handler = AsyncSocketModeHandler(app, playground.app_token, web_client=own)
        stage = Stage(playground.url, handler)
        listeners(app, stage)
        await handler.connect_async()
        try:
            yield stage
        finally:
            await handler.close_async()
