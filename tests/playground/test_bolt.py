"""Commands, shortcuts, clicks and messages before a real Bolt app, over Socket Mode and over signed HTTP."""

import asyncio
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook.async_client import AsyncWebhookClient

from tests.people import ADA, BEA
from tests.playground.bolt import BUTTON, SECTION, Stage


async def test_a_command_is_answered_with_its_acknowledgement_to_the_person_alone(bolt: Stage) -> None:
    @bolt.app.command("/grapevine")
    async def command(ack: Any, command: dict[str, Any]) -> None:
        await ack(f"{command['text']} by {command['user_name']} in {command['channel_name']}")

    outcome = await bolt.pg.command(BEA.user, "/grapevine", "help me")

    assert outcome.ok
    assert [each["text"] for each in bolt.pg.ephemerals(BEA.user)] == ["help me by bea in directmessage"]
    assert bolt.pg.ephemerals(ADA.user) == []


async def test_a_response_url_serves_five_answers_and_no_more(bolt: Stage) -> None:
    urls: list[str] = []

    @bolt.app.command("/grapevine")
    async def command(ack: Any, body: dict[str, Any]) -> None:
        await ack()
        urls.append(body["response_url"])

    await bolt.pg.command(BEA.user, "/grapevine", channel="C0GENERAL1")
    webhook = AsyncWebhookClient(urls[0])
    answers = [await webhook.send(text=f"answer {n}", response_type="in_channel") for n in range(6)]

    assert [each.status_code for each in answers] == [200] * 5 + [404]
    assert "used_url" in answers[5].body
    assert len(bolt.pg.workspace.channels["C0GENERAL1"].messages) == 5


async def test_a_slow_command_shows_operation_timeout(bolt: Stage) -> None:
    given_up, over = asyncio.Event(), asyncio.Event()

    @bolt.app.command("/grapevine")
    async def command(ack: Any) -> None:
        await given_up.wait()
        await ack()
        over.set()

    outcome = await bolt.pg.command(BEA.user, "/grapevine")

    assert not outcome.ok
    assert "operation_timeout" in (outcome.error or "")
    given_up.set()
    await over.wait()


async def test_a_command_that_is_not_declared_reaches_nobody(bolt: Stage) -> None:
    outcome = await bolt.pg.command(BEA.user, "/share")

    assert outcome.error == "/share is not a valid command."


async def test_a_message_shortcut_carries_the_message(bolt: Stage) -> None:
    seen: list[dict[str, Any]] = []

    @bolt.app.shortcut("share_message")
    async def shortcut(ack: Any, shortcut: dict[str, Any], respond: Any) -> None:
        await ack()
        seen.append(shortcut)
        await respond("noted")

    bolt.pg.say(ADA.user, "read https://vine.example/news", "C0MARKET01")
    message = next(iter(bolt.pg.workspace.channels["C0MARKET01"].messages.values()))
    await bolt.pg.shortcut(BEA.user, "share_message", "C0MARKET01", message["ts"])

    await bolt.pg.until(lambda: bolt.pg.ephemerals(BEA.user))
    assert seen[0]["message"]["text"] == "read <https://vine.example/news>"
    assert seen[0]["channel"] == {"id": "C0MARKET01", "name": "marketing"}
    assert bolt.pg.ephemerals(BEA.user)[0]["text"] == "noted"


async def test_a_click_in_a_message_replaces_and_then_deletes_it(bolt: Stage) -> None:
    @bolt.app.action("press")
    async def press(ack: Any, body: dict[str, Any], respond: Any) -> None:
        await ack()
        assert body["message"]["text"] == "fallback"
        await respond(text=f"pressed {body['actions'][0]['value']}", replace_original=True, blocks=[SECTION, BUTTON])

    @bolt.app.action("pick")
    async def pick(ack: Any, respond: Any) -> None:
        await ack()
        await respond(delete_original=True)

    await bolt.client.chat_postMessage(channel=BEA.user, text="fallback", blocks=[SECTION, BUTTON])
    await bolt.pg.click(BEA.user, bolt.pg.dms(BEA.user)[0], "press")
    changed = await bolt.pg.until(lambda: [m for m in bolt.pg.dms(BEA.user) if m["text"] == "pressed v1"])
    assert changed[0]["edited"]["user"] == "U0GRAPEBOT"

    await bolt.pg.click(BEA.user, changed[0], "pick", "blue")
    await bolt.pg.until(lambda: not bolt.pg.dms(BEA.user))


async def test_a_click_in_an_ephemeral_message_can_replace_it(bolt: Stage) -> None:
    @bolt.app.action("pick")
    async def pick(ack: Any, body: dict[str, Any], respond: Any) -> None:
        await ack()
        assert "message" not in body
        assert body["container"]["is_ephemeral"] is True
        await respond(text=body["actions"][0]["selected_option"]["text"]["text"], replace_original=True)

    await bolt.client.chat_postEphemeral(channel="C0GENERAL1", user=BEA.user, text="x", blocks=[BUTTON])
    await bolt.pg.click(BEA.user, bolt.pg.ephemerals(BEA.user)[0], "pick", "blue")

    await bolt.pg.until(lambda: [m["text"] for m in bolt.pg.ephemerals(BEA.user)] == ["Blue"])
    assert "blocks" not in bolt.pg.ephemerals(BEA.user)[0]


async def test_a_choice_that_is_not_offered_cannot_be_made(bolt: Stage) -> None:
    await bolt.client.chat_postMessage(channel=BEA.user, text="x", blocks=[BUTTON])

    outcome = await bolt.pg.click(BEA.user, bolt.pg.dms(BEA.user)[0], "pick", "green")

    assert outcome.error == "This choice is not offered."


async def test_a_message_to_the_app_arrives_as_an_event(bolt: Stage) -> None:
    heard: list[dict[str, Any]] = []

    @bolt.app.event("message")
    async def message(event: dict[str, Any]) -> None:
        heard.append(event)

    bolt.pg.say(BEA.user, "hello & goodbye")

    await bolt.pg.until(lambda: heard)
    assert heard[0]["text"] == "hello &amp; goodbye"
    assert heard[0]["channel_type"] == "im"


async def test_who_leaves_is_announced_and_can_no_longer_be_written_to(bolt: Stage) -> None:
    gone: list[dict[str, Any]] = []

    @bolt.app.event("user_change")
    async def changed(event: dict[str, Any]) -> None:
        gone.append(event["user"])

    assert await bolt.pg.leave(BEA.user)

    await bolt.pg.until(lambda: gone)
    assert (gone[0]["id"], gone[0]["deleted"]) == (BEA.user, True)
    with pytest.raises(SlackApiError, match="user_not_found"):
        await bolt.client.chat_postMessage(channel=BEA.user, text="still there?")
