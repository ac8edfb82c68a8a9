"""Whatever a listener trips over, the person reads a sentence, at once (facts: an exception straight after ack)."""

import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.guard import guarded, notice
from grapevine.domain.errors import Refused
from grapevine.playground.app import Playground
from tests.blockkit import takes
from tests.bot.stage import text_of
from tests.people import BEA
from tests.playground.bolt import QUICK, Stage, on_stage

BUTTON = {"type": "button", "action_id": "break", "text": {"type": "plain_text", "text": "Break"}}
BLOCKS = [{"type": "actions", "block_id": "b", "elements": [BUTTON]}]
FORM: dict[str, Any] = {
    "type": "modal",
    "callback_id": "form",
    "title": {"type": "plain_text", "text": "Form"},
    "submit": {"type": "plain_text", "text": "Save"},
    "blocks": BLOCKS,
}
SORRY = "Something went wrong on Grapevine's side"


@guarded
async def breaks_at_once(ack: AsyncAck) -> None:
    raise ValueError("xoxb-secret")


@guarded
async def breaks_after_ack(ack: AsyncAck) -> None:
    await ack()
    raise ValueError("xoxb-secret")


@guarded
async def refuses(ack: AsyncAck) -> None:
    await ack()
    raise Refused("This is not for you.")


@guarded
async def opens(ack: AsyncAck, body: dict[str, Any], client: Any) -> None:
    await ack()
    await client.views_open(trigger_id=body["trigger_id"], view=FORM)
    raise ValueError("the trigger is used up by now")


def listen(app: AsyncApp) -> None:
    app.command("/grapevine")(breaks_after_ack)
    app.command("/grapevine-share")(refuses)
    app.command("/grapevine-insights")(breaks_at_once)
    app.action("break")(breaks_after_ack)
    app.shortcut("share")(opens)
    app.view("form")(breaks_at_once)
    app.event("app_home_opened")(breaks_after_ack_of_an_event)


@guarded
async def breaks_after_ack_of_an_event() -> None:
    raise ValueError("nobody waits for this")


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with on_stage(QUICK) as stage:
        listen(stage.app)
        yield stage


async def form(pg: Playground) -> dict[str, Any]:
    await pg.shortcut(BEA.user, "share")
    found = await pg.until(lambda: pg.modal(BEA.user))
    assert found is not None
    return found


@pytest.mark.parametrize("command", ["/grapevine", "/grapevine-insights"])
async def test_a_broken_command_is_answered_at_once_and_secrets_stay_inside(stage: Stage, command: str) -> None:
    began = time.monotonic()
    assert (await stage.pg.command(BEA.user, command)).ok
    assert time.monotonic() - began < 0.5
    said = text_of(await stage.pg.until(lambda: stage.pg.ephemerals(BEA.user)))
    assert SORRY in said
    assert "secret" not in said


async def test_our_own_errors_are_said_as_they_are(stage: Stage) -> None:
    await stage.pg.command(BEA.user, "/grapevine-share")
    assert "This is not for you." in text_of(await stage.pg.until(lambda: stage.pg.ephemerals(BEA.user)))


async def test_on_home_the_sentence_comes_in_a_modal(stage: Stage) -> None:
    await stage.client.views_publish(user_id=BEA.user, view={"type": "home", "blocks": BLOCKS})
    home = stage.pg.home(BEA.user)
    assert home is not None
    assert (await stage.pg.click(BEA.user, home, "break")).ok
    assert SORRY in text_of(await stage.pg.until(lambda: stage.pg.modal(BEA.user)))


async def test_in_a_modal_the_sentence_comes_on_top_of_it(stage: Stage) -> None:
    view = await form(stage.pg)
    assert (await stage.pg.click(BEA.user, view, "break")).ok
    await stage.pg.until(lambda: SORRY in text_of(stage.pg.modal(BEA.user)))
    assert len(stage.pg.workspace.stacks[BEA.user]) == 2


async def test_when_the_trigger_is_used_up_the_sentence_comes_as_a_direct_message(stage: Stage) -> None:
    await form(stage.pg)
    await stage.pg.until(lambda: SORRY in text_of(stage.pg.dms(BEA.user)))


async def test_a_form_that_cannot_be_taken_says_so_in_its_place(stage: Stage) -> None:
    view = await form(stage.pg)
    assert (await stage.pg.submit(BEA.user, view["id"])).ok
    assert SORRY in text_of(stage.pg.modal(BEA.user))


async def test_a_broken_event_troubles_nobody(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    assert await stage.pg.open_home(BEA.user)
    await stage.pg.until(lambda: "Unexpected error" in caplog.text)
    assert stage.pg.dms(BEA.user) == []
    assert stage.pg.modal(BEA.user) is None


async def test_when_slack_takes_no_sentence_either_it_is_logged(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    stage.pg.fail("chat.postMessage", "internal_error")
    await form(stage.pg)
    await stage.pg.until(lambda: "could not be shown" in caplog.text)


def test_the_modal_is_what_slack_accepts_however_long_the_sentence() -> None:
    takes(notice("word " * 2000))
