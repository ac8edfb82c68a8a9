"""What stands around every listener: whatever goes wrong ends in a sentence that the person reads.

An exception straight after ``ack()`` makes Bolt answer 404 three seconds later (``listener/asyncio_runner.py``), so it
must be caught around the listener itself; listener middleware and ``@app.error`` come too late.
"""

import asyncio
import inspect
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from grapevine.domain.errors import GrapevineError

log = logging.getLogger("bot")

Listener = Callable[..., Awaitable[None]]
#: what the guard itself needs of what Bolt hands out by argument name
_OWN = ("ack", "respond", "client", "body", "context")


def guarded(listener: Listener) -> Listener:
    """A listener that never raises: an error is logged with an id, and the person is told a sentence with that id.

    The texts of ``GrapevineError`` are such sentences already and are shown as they are.
    """
    wanted = inspect.signature(listener)

    async def kept(**given: Any) -> None:
        task = asyncio.current_task()
        if task and (running := given["context"].get("running")) is not None:
            running.add(task)
            task.add_done_callback(running.discard)
        try:
            await listener(**{name: given[name] for name in wanted.parameters})
        except Exception as error:  # noqa: BLE001 – this is the place where they all end
            await _tell(sentence(error), **{name: given[name] for name in _OWN})

    names = [*wanted.parameters, *(name for name in _OWN if name not in wanted.parameters)]
    kept.__name__, kept.__module__, kept.__doc__ = listener.__name__, listener.__module__, listener.__doc__
    # Bolt reads the signature to know what to hand out; functools.wraps would hide the guard's own wishes.
    kept.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in names]
    )
    return kept


def sentence(error: Exception) -> str:
    """What a person reads of an error; the unexpected ones are logged under the id that the sentence names."""
    if isinstance(error, GrapevineError):
        return str(error)
    name = secrets.token_hex(3)
    log.error("Unexpected error %s", name, exc_info=error)
    return (
        f"Something went wrong on Grapevine's side. Please try again in a minute; if it stays, tell the person "
        f"who runs Grapevine the number {name}."
    )


async def _tell(
    text: str, *, ack: Any, respond: Any, client: AsyncWebClient, body: Mapping[str, Any], context: Mapping[str, Any]
) -> None:
    """Say it where the person is looking: in the modal, beside the command, else in a direct message."""
    try:
        acknowledged = ack.response is not None
        if body.get("type") == "view_submission" and not acknowledged:
            await ack(response_action="update", view=notice(text))
            return
        if not acknowledged:
            await ack()
        if body.get("type") == "event_callback":
            return  # nobody is waiting for an answer
        if context.get("response_url"):
            await respond(text=text, response_type="ephemeral", replace_original=False)
            return
        await show(client, body, text, context.get("user_id"))
    except Exception:
        log.exception("The sentence about an error could not be shown")


async def show(client: AsyncWebClient, body: Mapping[str, Any], text: str, user: str | None) -> None:
    """Show *text* in a small modal while the trigger lives, else in a direct message."""
    if trigger := body.get("trigger_id"):
        in_modal = (body.get("view") or {}).get("type") == "modal"
        try:
            if in_modal:
                await client.views_push(trigger_id=trigger, view=notice(text))
            else:
                await client.views_open(trigger_id=trigger, view=notice(text))
        except SlackApiError:
            log.debug("The trigger was used or too old: a direct message instead")
        else:
            return
    if user:
        await client.chat_postMessage(channel=user, text=text)


def notice(text: str, title: str = "Grapevine") -> dict[str, Any]:
    """A modal that only says something."""
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": title[:24]},
        "close": {"type": "plain_text", "text": "Close"},
        "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": text[:3000]}}],
    }


async def failed(error: Exception, body: Mapping[str, Any], context: Mapping[str, Any]) -> BoltResponse:
    """Bolt's error handler, for what fails before a listener runs (the store is away): 500, unless a person waits."""
    text = sentence(error)
    if "command" in body:
        return BoltResponse(status=200, body={"response_type": "ephemeral", "text": text})
    if body.get("type") == "view_submission":
        return BoltResponse(status=200, body={"response_action": "update", "view": notice(text)})
    if body.get("type") != "event_callback" and context.get("client"):
        try:
            await show(context["client"], body, text, context.get("user_id"))
        except Exception:
            log.exception("The sentence about an error could not be shown")
        return BoltResponse(status=200, body="")
    return BoltResponse(status=500, body="")
