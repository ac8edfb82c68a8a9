"""Home and modals before a real Bolt app, over Socket Mode and over signed HTTP."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from tests.people import ADA, BEA
from tests.playground.bolt import BUTTON, SECTION, Stage


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


async def test_a_global_shortcut_opens_a_modal_and_its_trigger_serves_once(bolt: Stage) -> None:
    errors: list[str] = []

    @bolt.app.shortcut("share")
    async def shortcut(ack: Any, shortcut: dict[str, Any], client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=shortcut["trigger_id"], view=modal())
        try:
            await client.views_open(trigger_id=shortcut["trigger_id"], view=modal())
        except SlackApiError as error:
            errors.append(error.response["error"])

    assert (await bolt.pg.shortcut(ADA.user, "share")).ok

    view = await bolt.pg.until(lambda: bolt.pg.modal(ADA.user))
    assert view["title"]["text"] == "Form"
    assert view["state"]["values"]["name"] == {"name": {"type": "plain_text_input", "value": None}}
    await bolt.pg.until(lambda: errors)
    assert errors == ["exchanged_trigger_id"]


async def test_home_is_published_on_opening_and_clicked(bolt: Stage) -> None:
    @bolt.app.event("app_home_opened")
    async def opened(event: dict[str, Any], client: Any) -> None:
        if event["tab"] == "home":
            await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": [SECTION, BUTTON]})

    @bolt.app.action("press")
    async def press(ack: Any, body: dict[str, Any], client: Any) -> None:
        await ack()
        view = {"type": "home", "blocks": [BUTTON], "private_metadata": body["view"]["id"]}
        await client.views_publish(user_id=body["user"]["id"], view=view, hash=body["view"]["hash"])

    assert await bolt.pg.open_home(BEA.user)
    first = await bolt.pg.until(lambda: bolt.pg.home(BEA.user))
    assert first["blocks"][0]["block_id"]

    await bolt.pg.click(BEA.user, first, "press")

    await bolt.pg.until(lambda: (bolt.pg.home(BEA.user) or {})["private_metadata"] == first["id"])
    second = bolt.pg.home(BEA.user) or {}
    assert second["id"] == first["id"]
    assert second["hash"] != first["hash"]


async def test_a_stale_hash_is_refused(bolt: Stage) -> None:
    home = {"type": "home", "blocks": [SECTION]}
    first = await bolt.client.views_publish(user_id=BEA.user, view=home)
    await bolt.client.views_publish(user_id=BEA.user, view=home, hash=first["view"]["hash"])

    with pytest.raises(SlackApiError, match="hash_conflict"):
        await bolt.client.views_publish(user_id=BEA.user, view=home, hash=first["view"]["hash"])


async def test_a_form_is_refused_mended_and_accepted(bolt: Stage) -> None:
    sent: list[Any] = []

    @bolt.app.shortcut("share")
    async def shortcut(ack: Any, shortcut: dict[str, Any], client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=shortcut["trigger_id"], view=modal(private_metadata="kept"))

    @bolt.app.view("form")
    async def form(ack: Any, view: dict[str, Any]) -> None:
        name = view["state"]["values"]["name"]["name"]["value"]
        sent.append((name, view["private_metadata"], view["state"]["values"]["row"]["pick"]["selected_option"]))
        if name == "nobody":
            await ack(response_action="errors", errors={"name": "Who are you?"})
        else:
            await ack()

    await bolt.pg.shortcut(BEA.user, "share")
    view = await bolt.pg.until(lambda: bolt.pg.modal(BEA.user))

    empty = await bolt.pg.submit(BEA.user, view["id"])
    assert empty.errors == {"name": "Please complete this required field."}
    long = await bolt.pg.submit(BEA.user, view["id"], {"name": "a name that is too long"})
    assert long.errors == {"name": "Please enter no more than 10 characters."}
    assert sent == []

    refused = await bolt.pg.submit(BEA.user, view["id"], {"name": "nobody"})
    assert refused.errors == {"name": "Who are you?"}
    assert bolt.pg.modal(BEA.user)

    given = {"name": "Bea", "row": {"pick": {"type": "static_select", "selected_option": {"value": "red"}}}}
    assert (await bolt.pg.submit(BEA.user, view["id"], given)).ok
    assert bolt.pg.modal(BEA.user) is None
    assert sent[1][:2] == ("Bea", "kept")
    assert sent[1][2]["text"]["text"] == "Red"


async def test_a_form_is_updated_pushed_and_cleared(bolt: Stage) -> None:
    closed: list[tuple[str, bool]] = []

    @bolt.app.shortcut("share")
    async def shortcut(ack: Any, shortcut: dict[str, Any], client: Any) -> None:
        await ack()
        view = modal("First", notify_on_close=True)
        await client.views_open(trigger_id=shortcut["trigger_id"], view=view)

    @bolt.app.view("form")
    async def form(ack: Any, view: dict[str, Any]) -> None:
        steps: dict[str, dict[str, Any]] = {
            "First": {"response_action": "update", "view": modal("Second", notify_on_close=True)},
            "Second": {"response_action": "push", "view": modal("Third", notify_on_close=True)},
            "Third": {"response_action": "clear"},
        }
        await ack(**steps[view["title"]["text"]])

    @bolt.app.view_closed("form")
    async def gone(ack: Any, body: dict[str, Any]) -> None:
        await ack()
        closed.append((body["view"]["title"]["text"], body["is_cleared"]))

    await bolt.pg.shortcut(BEA.user, "share")
    first = await bolt.pg.until(lambda: bolt.pg.modal(BEA.user))
    await bolt.pg.submit(BEA.user, first["id"], {"name": "Bea"})
    second = bolt.pg.modal(BEA.user) or {}
    assert second["title"]["text"] == "Second"
    assert second["id"] == first["id"]
    assert second["state"]["values"]["name"]["name"]["value"] == "Bea"

    await bolt.pg.submit(BEA.user, second["id"], {"name": "Bea"})
    third = bolt.pg.modal(BEA.user) or {}
    assert third["previous_view_id"] == third["root_view_id"] == second["id"]

    await bolt.pg.submit(BEA.user, third["id"], {"name": "Bea"})
    assert bolt.pg.modal(BEA.user) is None
    assert closed == [("Third", True), ("Second", True)]


async def test_a_modal_pushes_three_high_and_closing_goes_back_one(bolt: Stage) -> None:
    errors: list[str] = []
    closed: list[bool] = []

    @bolt.app.shortcut("share")
    async def shortcut(ack: Any, shortcut: dict[str, Any], client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=shortcut["trigger_id"], view=modal(notify_on_close=True))

    @bolt.app.action("press")
    async def press(ack: Any, body: dict[str, Any], client: Any) -> None:
        await ack()
        try:
            await client.views_push(trigger_id=body["trigger_id"], view=modal(notify_on_close=True))
        except SlackApiError as error:
            errors.append(error.response["error"])

    @bolt.app.view_closed("form")
    async def gone(ack: Any, body: dict[str, Any]) -> None:
        await ack()
        closed.append(body["is_cleared"])

    stacks = bolt.pg.workspace.stacks
    await bolt.pg.shortcut(BEA.user, "share")
    await bolt.pg.until(lambda: stacks[BEA.user])
    await bolt.pg.click(BEA.user, stacks[BEA.user][-1], "press")
    await bolt.pg.until(lambda: len(stacks[BEA.user]) == 2)
    await bolt.pg.click(BEA.user, stacks[BEA.user][-1], "press")
    await bolt.pg.until(lambda: len(stacks[BEA.user]) == 3)
    await bolt.pg.click(BEA.user, stacks[BEA.user][-1], "press")
    await bolt.pg.until(lambda: errors)
    assert errors == ["push_limit_reached"]

    await bolt.pg.close(BEA.user, stacks[BEA.user][-1]["id"])
    assert len(stacks[BEA.user]) == 2
    assert closed == [False]


async def test_an_answer_that_slack_would_not_understand_shows_trouble(bolt: Stage) -> None:
    @bolt.app.shortcut("share")
    async def shortcut(ack: Any, shortcut: dict[str, Any], client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=shortcut["trigger_id"], view=modal())

    @bolt.app.view("form")
    async def form(ack: Any) -> None:
        await ack(response_action="errors", errors={"row": "not an input"})

    await bolt.pg.shortcut(BEA.user, "share")
    view = await bolt.pg.until(lambda: bolt.pg.modal(BEA.user))
    outcome = await bolt.pg.submit(BEA.user, view["id"], {"name": "Bea"})

    assert "We had some trouble connecting" in (outcome.error or "")
    assert "row" in (outcome.error or "")
