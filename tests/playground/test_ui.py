"""What the playground's page asks for and is told."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from grapevine.playground.app import Playground
from tests.people import ADA, BEA, CY
from tests.playground.bolt import QUICK, on_stage

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "hello"}}


@pytest.fixture
async def pg() -> AsyncIterator[Playground]:
    async with Playground(QUICK, pages={"x": ("X", "/x/")}) as pg:
        yield pg


@pytest.fixture
async def page(pg: Playground) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(pg.url) as session:
        yield session


async def ask(page: aiohttp.ClientSession, path: str, **query: str) -> Any:
    async with page.get(path, params=query) as response:
        return await response.json()


async def tell(page: aiohttp.ClientSession, path: str, **body: Any) -> Any:
    async with page.post(path, json=body) as response:
        return await response.json()


@asynccontextmanager
async def looking(page: aiohttp.ClientSession, user: str) -> AsyncIterator["asyncio.Queue[dict[str, Any]]"]:
    """The events that this person's page receives, once it has begun to look."""
    told: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def read(stream: aiohttp.ClientResponse) -> None:
        async for line in stream.content:
            if line.startswith(b"data: "):
                told.put_nowait(json.loads(line[6:]))

    async with page.get("/ui/events", params={"user": user}) as stream:
        assert stream.content_type == "text/event-stream"
        reading = asyncio.create_task(read(stream))
        assert (await told.get())["type"] == "app"
        yield told
        reading.cancel()


async def test_the_page_learns_who_and_what_there_is(page: aiohttp.ClientSession) -> None:
    said = await ask(page, "/ui/bootstrap")

    assert [each["name"] for each in said["users"]] == ["ada", "bea", "cy"]
    assert said["app"]["bot_user_id"] == "U0GRAPEBOT"
    assert [each["name"] for each in said["channels"]] == ["general", "marketing"]
    assert said["commands"][0]["command"] == "/grapevine"
    assert said["shortcuts"][0] == {"type": "global", "name": "Share", "callback_id": "share", "description": ""}
    assert said["connected"] is False
    assert said["networks"] == [{"name": "x", "title": "X", "url": "/x/"}]


async def test_each_person_is_told_what_is_theirs(pg: Playground, page: aiohttp.ClientSession) -> None:
    client = AsyncWebClient(token=pg.bot_token, base_url=pg.slack_api_url)
    async with looking(page, BEA.user) as bea, looking(page, ADA.user) as ada:
        posted = await client.chat_postMessage(channel=BEA.user, text="yours")
        await client.chat_update(channel=posted["channel"], ts=posted["ts"], text="still yours")
        await client.chat_delete(channel=posted["channel"], ts=posted["ts"])
        await client.chat_postEphemeral(channel="C0GENERAL1", user=BEA.user, text="hush")
        await client.views_publish(user_id=BEA.user, view={"type": "home", "blocks": [SECTION]})
        await client.chat_postMessage(channel="C0GENERAL1", text="for all")
        to_bea = [await bea.get() for _ in range(6)]
        to_ada = [await ada.get()]

    assert [each["type"] for each in to_bea] == [
        "message",
        "message_changed",
        "message_deleted",
        "ephemeral",
        "home",
        "message",
    ]
    assert to_bea[0]["message"]["text"] == "yours"
    assert to_bea[4]["view"]["blocks"][0]["block_id"]
    assert [each["message"]["text"] for each in to_ada] == ["for all"]


async def test_a_modal_comes_as_the_whole_stack(pg: Playground, page: aiohttp.ClientSession) -> None:
    client = AsyncWebClient(token=pg.bot_token, base_url=pg.slack_api_url)
    view = {"type": "modal", "title": {"type": "plain_text", "text": "T"}, "blocks": [SECTION]}
    async with looking(page, BEA.user) as bea:
        opened = await client.views_open(trigger_id=pg.workspace.triggers.issue(BEA.user), view=view)
        assert [each["id"] for each in (await bea.get())["stack"]] == [opened["view"]["id"]]

        assert await tell(page, "/ui/close", user=BEA.user, view_id=opened["view"]["id"]) == {"ok": True}
        assert (await bea.get()) == {"type": "modal", "stack": []}


async def test_a_command_that_fails_is_an_error_on_the_page(page: aiohttp.ClientSession) -> None:
    async with looking(page, BEA.user) as bea:
        dm = (await ask(page, "/ui/dm", user=BEA.user))["channel"]
        said = await tell(page, "/ui/command", user=BEA.user, channel=dm, command="/grapevine", text="help")

        assert said == {"ok": False, "error": "/grapevine failed with the error “dispatch_failed”"}
        assert await bea.get() == {"type": "error", "text": said["error"]}


async def test_a_person_acts_through_the_page() -> None:
    async with on_stage(QUICK) as stage, aiohttp.ClientSession(stage.pg.url) as page:
        pressed: list[dict[str, Any]] = []

        @stage.app.event("app_home_opened")
        async def opened(event: dict[str, Any], client: Any) -> None:
            button = {"type": "button", "action_id": "go", "value": "v", "text": {"type": "plain_text", "text": "Go"}}
            blocks = [SECTION, {"type": "actions", "block_id": "row", "elements": [button]}]
            await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

        @stage.app.action("go")
        async def go(ack: Any, body: dict[str, Any], client: Any) -> None:
            await ack()
            pressed.append(body)
            view = {
                "type": "modal",
                "callback_id": "form",
                "title": {"type": "plain_text", "text": "T"},
                "submit": {"type": "plain_text", "text": "Send"},
                "blocks": [
                    {
                        "type": "input",
                        "block_id": "name",
                        "label": {"type": "plain_text", "text": "Name"},
                        "element": {"type": "plain_text_input", "action_id": "text"},
                    }
                ],
            }
            await client.views_open(trigger_id=body["trigger_id"], view=view)

        @stage.app.view("form")
        async def form(ack: Any, view: dict[str, Any]) -> None:
            assert view["state"]["values"]["name"]["text"]["value"] == "Bea"
            await ack()

        async with looking(page, BEA.user) as told:
            assert await tell(page, "/ui/home/open", user=BEA.user, tab="home") == {"ok": True}
            view = (await told.get())["view"]
            assert (await ask(page, "/ui/home", user=BEA.user))["view"]["id"] == view["id"]
            where = {"type": "view", "view_id": view["id"]}
            action = {"block_id": "row", "action_id": "go", "type": "button", "value": "v"}
            said = await tell(page, "/ui/action", user=BEA.user, container=where, action=action, state={"values": {}})
            assert said == {"ok": True}
            assert pressed[0]["view"]["id"] == view["id"]

            stack = (await told.get())["stack"]
            values = {"name": {"text": {"type": "plain_text_input", "value": ""}}}
            said = await tell(page, "/ui/submit", user=BEA.user, view_id=stack[0]["id"], state={"values": values})
            assert said == {"ok": False, "errors": {"name": "Please complete this required field."}}
            values["name"]["text"]["value"] = "Bea"
            assert await tell(page, "/ui/submit", user=BEA.user, view_id=stack[0]["id"], state={"values": values}) == {
                "ok": True
            }


async def test_history_holds_what_a_person_saw(pg: Playground, page: aiohttp.ClientSession) -> None:
    client = AsyncWebClient(token=pg.bot_token, base_url=pg.slack_api_url)
    assert await tell(page, "/ui/message", user=CY.user, channel="C0GENERAL1", text="hi") == {"ok": True}
    await client.chat_postEphemeral(channel="C0GENERAL1", user=BEA.user, text="hush")

    seen = [each["text"] for each in (await ask(page, "/ui/history", user=BEA.user, channel="C0GENERAL1"))["messages"]]
    by_ada = (await ask(page, "/ui/history", user=ADA.user, channel="C0GENERAL1"))["messages"]

    assert seen == ["hi", "hush"]
    assert [each["text"] for each in by_ada] == ["hi"]


async def test_nobody_looks_into_anothers_messages(page: aiohttp.ClientSession) -> None:
    async with page.get("/ui/history", params={"user": CY.user, "channel": "D0BEA00001"}) as response:
        assert response.status == 400
    async with page.get("/ui/home", params={"user": "U0NOBODY01"}) as response:
        assert response.status == 400


async def test_the_page_itself_and_the_pictures_are_served(page: aiohttp.ClientSession) -> None:
    async with page.get("/") as response:
        assert response.content_type == "text/html"
    async with page.get("/avatars/U0BEA00001.svg") as response:
        assert response.content_type == "image/svg+xml"
    async with page.get("/avatars/U0NOBODY01.svg") as response:
        assert response.status == 404
