"""A real Bolt app and the stand-in, over Socket Mode and over signed HTTP: everything a person can do."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook.async_client import AsyncWebhookClient

from tests.people import ADA, BEA
from tests.playground.bolt import QUICK, Stage, on_stage

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


def modal(title: str = "Form", **more: Any) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": "form",
        "title": {"type": "plain_text", "text": title},
        "submit": {"type": "plain_text", "text": "Send"},
        "blocks": [
            {
                "type": "input",
                "block_id": "name",
                "label": {"type": "plain_text", "text": "Name"},
                "element": {"type": "plain_text_input", "action_id": "name", "max_length": 10},
            },
            {**BUTTON, "block_id": "row"},
        ],
        **more,
    }


@pytest.fixture(params=["socket", "http"])
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    async with on_stage(replace(QUICK, transport=request.param)) as stage:
        yield stage


async def test_a_command_is_answered_with_its_acknowledgement_to_the_person_alone(stage: Stage) -> None:
    @stage.app.command("/grapevine")
    async def command(ack: Any, command: dict[str, Any]) -> None:
        await ack(f"{command['text']} by {command['user_name']} in {command['channel_name']}")

    outcome = await stage.pg.command(BEA.user, "/grapevine", "help me")

    assert outcome.ok
    assert [each["text"] for each in stage.pg.ephemerals(BEA.user)] == ["help me by bea in directmessage"]
    assert stage.pg.ephemerals(ADA.user) == []


async def test_a_response_url_serves_five_answers_and_no_more(stage: Stage) -> None:
    urls: list[str] = []

    @stage.app.command("/grapevine")
    async def command(ack: Any, body: dict[str, Any]) -> None:
        await ack()
        urls.append(body["response_url"])

    await stage.pg.command(BEA.user, "/grapevine", channel="C0GENERAL1")
    webhook = AsyncWebhookClient(urls[0])
    answers = [await webhook.send(text=f"answer {n}", response_type="in_channel") for n in range(6)]

    assert [each.status_code for each in answers] == [200] * 5 + [404]
    assert "used_url" in answers[5].body
    assert len(stage.pg.workspace.channels["C0GENERAL1"].messages) == 5


async def test_a_slow_command_shows_operation_timeout(stage: Stage) -> None:
    given_up, over = asyncio.Event(), asyncio.Event()

    @stage.app.command("/grapevine")
    async def command(ack: Any) -> None:
        await given_up.wait()
        await ack()
        over.set()

    outcome = await stage.pg.command(BEA.user, "/grapevine")

    assert not outcome.ok
    assert "operation_timeout" in (outcome.error or "")
    given_up.set()
    await over.wait()


async def test_a_command_that_is_not_declared_reaches_nobody(stage: Stage) -> None:
    outcome = await stage.pg.command(BEA.user, "/share")

    assert outcome.error == "/share is not a valid command."


async def test_a_global_shortcut_opens_a_modal_and_its_trigger_serves_once(stage: Stage) -> None:
    errors: list[str] = []

    @stage.app.shortcut("share")
    async def shortcut(ack: Any, shortcut: dict[str, Any], client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=shortcut["trigger_id"], view=modal())
        try:
            await client.views_open(trigger_id=shortcut["trigger_id"], view=modal())
        except SlackApiError as error:
            errors.append(error.response["error"])

    assert (await stage.pg.shortcut(ADA.user, "share")).ok

    view = await stage.pg.until(lambda: stage.pg.modal(ADA.user))
    assert view["title"]["text"] == "Form"
    assert view["state"]["values"]["name"] == {"name": {"type": "plain_text_input", "value": None}}
    await stage.pg.until(lambda: errors)
    assert errors == ["exchanged_trigger_id"]


async def test_a_message_shortcut_carries_the_message(stage: Stage) -> None:
    seen: list[dict[str, Any]] = []

    @stage.app.shortcut("share_message")
    async def shortcut(ack: Any, shortcut: dict[str, Any], respond: Any) -> None:
        await ack()
        seen.append(shortcut)
        await respond("noted")

    stage.pg.say(ADA.user, "read https://vine.example/news", "C0MARKET01")
    message = next(iter(stage.pg.workspace.channels["C0MARKET01"].messages.values()))
    await stage.pg.shortcut(BEA.user, "share_message", "C0MARKET01", message["ts"])

    await stage.pg.until(lambda: stage.pg.ephemerals(BEA.user))
    assert seen[0]["message"]["text"] == "read <https://vine.example/news>"
    assert seen[0]["channel"] == {"id": "C0MARKET01", "name": "marketing"}
    assert stage.pg.ephemerals(BEA.user)[0]["text"] == "noted"


async def test_a_click_in_a_message_replaces_and_then_deletes_it(stage: Stage) -> None:
    @stage.app.action("press")
    async def press(ack: Any, body: dict[str, Any], respond: Any) -> None:
        await ack()
        assert body["message"]["text"] == "fallback"
        await respond(text=f"pressed {body['actions'][0]['value']}", replace_original=True, blocks=[SECTION, BUTTON])

    @stage.app.action("pick")
    async def pick(ack: Any, respond: Any) -> None:
        await ack()
        await respond(delete_original=True)

    await stage.client.chat_postMessage(channel=BEA.user, text="fallback", blocks=[SECTION, BUTTON])
    await stage.pg.click(BEA.user, stage.pg.dms(BEA.user)[0], "press")
    changed = await stage.pg.until(lambda: [m for m in stage.pg.dms(BEA.user) if m["text"] == "pressed v1"])
    assert changed[0]["edited"]["user"] == "U0GRAPEBOT"

    await stage.pg.click(BEA.user, changed[0], "pick", "blue")
    await stage.pg.until(lambda: not stage.pg.dms(BEA.user))


async def test_a_click_in_an_ephemeral_message_can_replace_it(stage: Stage) -> None:
    @stage.app.action("pick")
    async def pick(ack: Any, body: dict[str, Any], respond: Any) -> None:
        await ack()
        assert "message" not in body
        assert body["container"]["is_ephemeral"] is True
        await respond(text=body["actions"][0]["selected_option"]["text"]["text"], replace_original=True)

    await stage.client.chat_postEphemeral(channel="C0GENERAL1", user=BEA.user, text="x", blocks=[BUTTON])
    await stage.pg.click(BEA.user, stage.pg.ephemerals(BEA.user)[0], "pick", "blue")

    await stage.pg.until(lambda: [m["text"] for m in stage.pg.ephemerals(BEA.user)] == ["Blue"])
    assert "blocks" not in stage.pg.ephemerals(BEA.user)[0]


async def test_a_choice_that_is_not_offered_cannot_be_made(stage: Stage) -> None:
    await stage.client.chat_postMessage(channel=BEA.user, text="x", blocks=[BUTTON])

    outcome = await stage.pg.click(BEA.user, stage.pg.dms(BEA.user)[0], "pick", "green")

    assert outcome.error == "This choice is not offered."


async def test_home_is_published_on_opening_and_clicked(stage: Stage) -> None:
    @stage.app.event("app_home_opened")
    async def opened(event: dict[str, Any], client: Any) -> None:
        if event["tab"] == "home":
            await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": [SECTION, BUTTON]})

    @stage.app.action("press")
    async def press(ack: Any, body: dict[str, Any], client: Any) -> None:
        await ack()
        view = {"type": "home", "blocks": [BUTTON], "private_metadata": body["view"]["id"]}
        await client.views_publish(user_id=body["user"]["id"], view=view, hash=body["view"]["hash"])

    assert await stage.pg.open_home(BEA.user)
    first = await stage.pg.until(lambda: stage.pg.home(BEA.user))
    assert first["blocks"][0]["block_id"]

    await stage.pg.click(BEA.user, first, "press")

    await stage.pg.until(lambda: (stage.pg.home(BEA.user) or {})["private_metadata"] == first["id"])
    second = stage.pg.home(BEA.user) or {}
    assert second["id"] == first["id"]
    assert second["hash"] != first["hash"]


async def test_a_stale_hash_is_refused(stage: Stage) -> None:
    home = {"type": "home", "blocks": [SECTION]}
    first = await stage.client.views_publish(user_id=BEA.user, view=home)
    await stage.client.views_publish(user_id=BEA.user, view=home, hash=first["view"]["hash"])

    with pytest.raises(SlackApiError, match="hash_conflict"):
        await stage.client.views_publish(user_id=BEA.user, view=home, hash=first["view"]["hash"])


async def test_a_form_is_refused_mended_and_accepted(stage: Stage) -> None:
    sent: list[Any] = []

    @stage.app.shortcut("share")
    async def shortcut(ack: Any, shortcut: dict[str, Any], client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=shortcut["trigger_id"], view=modal(private_metadata="kept"))

    @stage.app.view("form")
    async def form(ack: Any, view: dict[str, Any]) -> None:
        name = view["state"]["values"]["name"]["name"]["value"]
        sent.append((name, view["private_metadata"], view["state"]["values"]["row"]["pick"]["selected_option"]))
        if name == "nobody":
            await ack(response_action="errors", errors={"name": "Who are you?"})
        else:
            await ack()

    await stage.pg.shortcut(BEA.user, "share")
    view = await stage.pg.until(lambda: stage.pg.modal(BEA.user))

    empty = await stage.pg.submit(BEA.user, view["id"])
    assert empty.errors == {"name": "Please complete this required field."}
    long = await stage.pg.submit(BEA.user, view["id"], {"name": "a name that is too long"})
    assert long.errors == {"name": "Please enter no more than 10 characters."}
    assert sent == []

    refused = await stage.pg.submit(BEA.user, view["id"], {"name": "nobody"})
    assert refused.errors == {"name": "Who are you?"}
    assert stage.pg.modal(BEA.user)

    given = {"name": "Bea", "row": {"pick": {"type": "static_select", "selected_option": {"value": "red"}}}}
    assert (await stage.pg.submit(BEA.user, view["id"], given)).ok
    assert stage.pg.modal(BEA.user) is None
    assert sent[1][:2] == ("Bea", "kept")
    assert sent[1][2]["text"]["text"] == "Red"


async def test_a_form_is_updated_pushed_and_cleared(stage: Stage) -> None:
    closed: list[tuple[str, bool]] = []

    @stage.app.shortcut("share")
    async def shortcut(ack: Any, shortcut: dict[str, Any], client: Any) -> None:
        await ack()
        view = modal("First", notify_on_close=True)
        await client.views_open(trigger_id=shortcut["trigger_id"], view=view)

    @stage.app.view("form")
    async def form(ack: Any, view: dict[str, Any]) -> None:
        steps: dict[str, dict[str, Any]] = {
            "First": {"response_action": "update", "view": modal("Second", notify_on_close=True)},
            "Second": {"response_action": "push", "view": modal("Third", notify_on_close=True)},
            "Third": {"response_action": "clear"},
        }
        await ack(**steps[view["title"]["text"]])

    @stage.app.view_closed("form")
    async def gone(ack: Any, body: dict[str, Any]) -> None:
        await ack()
        closed.append((body["view"]["title"]["text"], body["is_cleared"]))

    await stage.pg.shortcut(BEA.user, "share")
    first = await stage.pg.until(lambda: stage.pg.modal(BEA.user))
    await stage.pg.submit(BEA.user, first["id"], {"name": "Bea"})
    second = stage.pg.modal(BEA.user) or {}
    assert second["title"]["text"] == "Second"
    assert second["id"] == first["id"]
    assert second["state"]["values"]["name"]["name"]["value"] == "Bea"

    await stage.pg.submit(BEA.user, second["id"], {"name": "Bea"})
    third = stage.pg.modal(BEA.user) or {}
    assert third["previous_view_id"] == third["root_view_id"] == second["id"]

    await stage.pg.submit(BEA.user, third["id"], {"name": "Bea"})
    assert stage.pg.modal(BEA.user) is None
    assert closed == [("Third", True), ("Second", True)]


async def test_a_modal_pushes_three_high_and_closing_goes_back_one(stage: Stage) -> None:
    errors: list[str] = []
    closed: list[bool] = []

    @stage.app.shortcut("share")
    async def shortcut(ack: Any, shortcut: dict[str, Any], client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=shortcut["trigger_id"], view=modal(notify_on_close=True))

    @stage.app.action("press")
    async def press(ack: Any, body: dict[str, Any], client: Any) -> None:
        await ack()
        try:
            await client.views_push(trigger_id=body["trigger_id"], view=modal(notify_on_close=True))
        except SlackApiError as error:
            errors.append(error.response["error"])

    @stage.app.view_closed("form")
    async def gone(ack: Any, body: dict[str, Any]) -> None:
        await ack()
        closed.append(body["is_cleared"])

    stacks = stage.pg.workspace.stacks
    await stage.pg.shortcut(BEA.user, "share")
    await stage.pg.until(lambda: stacks[BEA.user])
    await stage.pg.click(BEA.user, stacks[BEA.user][-1], "press")
    await stage.pg.until(lambda: len(stacks[BEA.user]) == 2)
    await stage.pg.click(BEA.user, stacks[BEA.user][-1], "press")
    await stage.pg.until(lambda: len(stacks[BEA.user]) == 3)
    await stage.pg.click(BEA.user, stacks[BEA.user][-1], "press")
    await stage.pg.until(lambda: errors)
    assert errors == ["push_limit_reached"]

    await stage.pg.close(BEA.user, stacks[BEA.user][-1]["id"])
    assert len(stacks[BEA.user]) == 2
    assert closed == [False]


async def test_an_answer_that_slack_would_not_understand_shows_trouble(stage: Stage) -> None:
    @stage.app.shortcut("share")
    async def shortcut(ack: Any, shortcut: dict[str, Any], client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=shortcut["trigger_id"], view=modal())

    @stage.app.view("form")
    async def form(ack: Any) -> None:
        await ack(response_action="errors", errors={"row": "not an input"})

    await stage.pg.shortcut(BEA.user, "share")
    view = await stage.pg.until(lambda: stage.pg.modal(BEA.user))
    outcome = await stage.pg.submit(BEA.user, view["id"], {"name": "Bea"})

    assert "We had some trouble connecting" in (outcome.error or "")
    assert "row" in (outcome.error or "")


async def test_a_message_to_the_app_arrives_as_an_event(stage: Stage) -> None:
    heard: list[dict[str, Any]] = []

    @stage.app.event("message")
    async def message(event: dict[str, Any]) -> None:
        heard.append(event)

    stage.pg.say(BEA.user, "hello & goodbye")

    await stage.pg.until(lambda: heard)
    assert heard[0]["text"] == "hello &amp; goodbye"
    assert heard[0]["channel_type"] == "im"


async def test_who_leaves_is_announced_and_can_no_longer_be_written_to(stage: Stage) -> None:
    gone: list[dict[str, Any]] = []

    @stage.app.event("user_change")
    async def changed(event: dict[str, Any]) -> None:
        gone.append(event["user"])

    assert await stage.pg.leave(BEA.user)

    await stage.pg.until(lambda: gone)
    assert (gone[0]["id"], gone[0]["deleted"]) == (BEA.user, True)
    with pytest.raises(SlackApiError, match="user_not_found"):
        await stage.client.chat_postMessage(channel=BEA.user, text="still there?")
