"""Where the stand-in says no: to what Slack would not understand, to people who may not, to apps out of reach."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from grapevine.playground.app import Playground
from grapevine.playground.config import SlashCommand
from tests.people import ADA, BEA
from tests.playground.bolt import QUICK, on_stage

BUTTON: dict[str, Any] = {
    "type": "actions",
    "elements": [{"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}],
}


@pytest.fixture
async def pg() -> AsyncIterator[Playground]:
    async with Playground(QUICK) as pg:
        yield pg


@pytest.mark.parametrize(
    ("content_type", "body", "error"),
    [
        ("application/json", "{", "invalid_json"),
        ("application/json", "[]", "json_not_object"),
        ("text/plain", "channel=C0GENERAL1", "invalid_post_type"),
        ("application/json", '{"channel": "C0GENERAL1", "text": {"a": 1}}', "invalid_arguments"),
    ],
)
async def test_a_body_that_is_not_understood(pg: Playground, content_type: str, body: str, error: str) -> None:
    headers = {"Content-Type": content_type, "Authorization": f"Bearer {pg.bot_token}"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{pg.slack_api_url}chat.postMessage", data=body, headers=headers) as response,
    ):
        assert (await response.json())["error"] == error


async def test_a_token_in_the_address_does_not_count(pg: Playground) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{pg.slack_api_url}auth.test", params={"token": pg.bot_token}) as response,
    ):
        assert (await response.json())["error"] == "not_authed"


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ("not json", 400, "invalid_payload"),
        ('["text"]', 400, "invalid_payload"),
        ("{}", 400, "no_text"),
        ('{"text": "x", "blocks": [{"type": "banner"}]}', 400, "invalid_blocks"),
    ],
)
async def test_an_answer_that_is_not_understood(pg: Playground, body: str, status: int, error: str) -> None:
    url = pg.interactions.response_url(BEA.user, pg.workspace.dm(BEA.user))
    async with aiohttp.ClientSession() as session, session.post(url, data=body) as response:
        assert (response.status, (await response.json())["error"]) == (status, error)
    assert pg.ephemerals(BEA.user) == []


async def test_an_upload_of_another_length_is_not_taken(pg: Playground) -> None:
    client = AsyncWebClient(token=pg.bot_token, base_url=pg.slack_api_url)
    place = await client.files_getUploadURLExternal(filename="a.json", length=5)
    async with aiohttp.ClientSession() as session:
        async with session.post(place["upload_url"], data=b"1234") as response:
            assert response.status == 400
        async with session.get(f"{pg.url}/files/{place['file_id']}/a.json") as response:
            assert response.status == 404
    with pytest.raises(SlackApiError, match="file_not_found"):
        await client.files_completeUploadExternal(
            files=[{"id": place["file_id"], "title": "a"}], channel_id="D0BEA00001"
        )


async def test_people_cannot_write_where_the_manifest_closes_the_messages_tab() -> None:
    for manifest in (replace(QUICK.manifest, messages_tab_read_only=True), replace(QUICK.manifest, messages_tab=False)):
        async with Playground(replace(QUICK, manifest=manifest)) as pg:
            assert pg.say(BEA.user, "hello?").error == "Sending messages to this app has been turned off."
            assert pg.dms(BEA.user) == []
            assert pg.say(BEA.user, "hello", "C0GENERAL1").ok


async def test_an_app_cannot_write_into_a_messages_tab_that_is_off() -> None:
    async with Playground(replace(QUICK, manifest=replace(QUICK.manifest, messages_tab=False))) as pg:
        client = AsyncWebClient(token=pg.bot_token, base_url=pg.slack_api_url)
        with pytest.raises(SlackApiError, match="messages_tab_disabled"):
            await client.chat_postMessage(channel=BEA.user, text="hi")


async def test_without_interactivity_nothing_can_be_clicked() -> None:
    async with Playground(replace(QUICK, manifest=replace(QUICK.manifest, interactivity=False))) as pg:
        client = AsyncWebClient(token=pg.bot_token, base_url=pg.slack_api_url)
        await client.chat_postMessage(channel=BEA.user, text="x", blocks=[BUTTON])

        assert (await pg.click(BEA.user, pg.dms(BEA.user)[0], "go")).error == "This can no longer be clicked."
        assert (await pg.shortcut(BEA.user, "share")).error == "There is no shortcut share."


async def test_nobody_clicks_in_what_is_anothers_or_gone(pg: Playground) -> None:
    client = AsyncWebClient(token=pg.bot_token, base_url=pg.slack_api_url)
    await client.chat_postMessage(channel=BEA.user, text="x", blocks=[BUTTON])
    message = pg.dms(BEA.user)[0]

    assert (await pg.click(ADA.user, message, "go")).error == "This is no longer there."
    assert (await pg.click(BEA.user, message, "stop")).error == "This can no longer be clicked."
    assert (await pg.submit(BEA.user, "V0NOTHERE1")).error == "This form is no longer open."
    assert (await pg.close(BEA.user, "V0NOTHERE1")).ok


async def test_a_command_can_ask_for_mentions_to_be_escaped() -> None:
    manifest = replace(QUICK.manifest, commands=(SlashCommand("/to", should_escape=True), SlashCommand("/raw")))
    async with on_stage(replace(QUICK, manifest=manifest)) as stage:
        heard: list[str] = []

        async def listen(ack: Any, command: dict[str, Any]) -> None:
            heard.append(command["text"])
            await ack()

        stage.app.command("/to")(listen)
        stage.app.command("/raw")(listen)
        await stage.pg.command(BEA.user, "/to", "@ada & #general")
        await stage.pg.command(BEA.user, "/raw", "@ada & #general")

    assert heard == ["<@U0ADA00001|ada> &amp; <#C0GENERAL1|general>", "@ada & #general"]


async def test_an_acknowledgement_with_blocks_that_are_wrong_is_an_error() -> None:
    async with on_stage(QUICK) as stage:

        @stage.app.command("/grapevine")
        async def command(ack: Any) -> None:
            await ack(text="x", blocks=[{"type": "section"}])

        outcome = await stage.pg.command(BEA.user, "/grapevine")

    assert "invalid_command_response" in (outcome.error or "")


async def test_a_choice_in_a_form_is_told_only_where_the_app_asked_for_it() -> None:
    async with on_stage(QUICK) as stage:
        told: list[dict[str, Any]] = []

        @stage.app.action("name")
        async def name(ack: Any, body: dict[str, Any]) -> None:
            await ack()
            told.append(body)

        def view(*, dispatch: bool) -> dict[str, Any]:
            element = {"type": "plain_text_input", "action_id": "name"}
            label = {"type": "plain_text", "text": "Name"}
            block = {"type": "input", "block_id": "b", "label": label, "element": element, "dispatch_action": dispatch}
            title = {"type": "plain_text", "text": "T"}
            return {"type": "modal", "title": title, "submit": title, "blocks": [block]}

        for dispatch in (False, True):
            trigger = stage.pg.workspace.triggers.issue(BEA.user)
            await stage.client.views_open(trigger_id=trigger, view=view(dispatch=dispatch))
            await stage.pg.click(BEA.user, stage.pg.modal(BEA.user) or {}, "name", "Bea")

        assert [body["actions"][0]["value"] for body in told] == ["Bea"]
        assert told[0]["view"]["state"]["values"]["b"]["name"]["value"] == "Bea"
        updated = await stage.client.views_update(view_id=told[0]["view"]["id"], view=view(dispatch=True))
        assert updated["view"]["state"]["values"]["b"]["name"]["value"] == "Bea"


async def test_over_http_the_page_learns_when_the_app_comes_and_goes() -> None:
    runner = web.AppRunner(web.Application(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    async with (
        Playground(replace(QUICK, transport="http", events_url=url)) as pg,
        aiohttp.ClientSession() as session,
        session.get(f"{pg.url}/ui/events", params={"user": BEA.user}) as stream,
        asyncio.timeout(10),
    ):
        lines = aiter(stream.content)
        assert b'"connected": true' in await anext(lines)
        await runner.cleanup()
        line = await anext(lines)
        while not line.startswith(b"data:"):
            line = await anext(lines)
        assert b'"connected": false' in line
