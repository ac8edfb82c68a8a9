"""Web API methods about modals and Home: views.*.

https://docs.slack.dev/surfaces/modals, https://docs.slack.dev/surfaces/app-home
"""

import secrets
import time
from typing import Any

from grapevine.playground import state
from grapevine.playground.blocks import identified
from grapevine.playground.checks import check_view
from grapevine.playground.config import JSON
from grapevine.playground.people import APP_ID, BOT_ID, TEAM_ID
from grapevine.playground.tickets import Trigger
from grapevine.playground.webapi import Arguments, Method, SlackError
from grapevine.playground.workspace import Workspace, new_id

MOST_IN_STACK = 3


def new_hash() -> str:
    return f"{int(time.time())}.{secrets.token_hex(4)}"


def made(workspace: Workspace, given: Any, kind: str, replaced: JSON | None = None) -> JSON:
    """A view as Slack keeps it, in the place of *replaced*; what was entered in a modal stays where ids are the same.

    `SlackError` when Slack would refuse it.
    """
    check_view(given, kind, workspace.config)
    external_id = given.get("external_id", "")
    holder = workspace.view(external_id=external_id) if external_id else None
    if holder and (replaced is None or holder[1]["id"] != replaced["id"]):
        raise SlackError("duplicate_external_id")
    blocks = identified(given["blocks"])
    entered = replaced["state"]["values"] if replaced and kind == "modal" else {}
    view_id = replaced["id"] if replaced else new_id("V")
    view: JSON = {
        "id": view_id,
        "team_id": TEAM_ID,
        "type": kind,
        "blocks": blocks,
        "private_metadata": given.get("private_metadata", ""),
        "callback_id": given.get("callback_id", ""),
        "state": {"values": _kept(blocks, entered)},
        "hash": new_hash(),
        "title": given.get("title") or {"type": "plain_text", "text": "View Title", "emoji": True},
        "clear_on_close": bool(given.get("clear_on_close")),
        "notify_on_close": bool(given.get("notify_on_close")),
        "close": given.get("close"),
        "submit": given.get("submit"),
        "submit_disabled": bool(given.get("submit_disabled")),
        "previous_view_id": replaced["previous_view_id"] if replaced else None,
        "root_view_id": replaced["root_view_id"] if replaced else view_id,
        "app_id": APP_ID,
        "external_id": external_id,
        "app_installed_team_id": TEAM_ID,
        "bot_id": BOT_ID,
    }
    return view


def _kept(blocks: list[JSON], entered: JSON) -> JSON:
    """What a person entered stays where block, action and type are the same and the choice is still offered."""
    kept: JSON = {}
    for block, element in state.elements(blocks):
        entry = entered.get(block["block_id"], {}).get(element["action_id"])
        if entry and entry["type"] == element["type"]:
            try:
                kept.setdefault(block["block_id"], {})[element["action_id"]] = state.entered(element, entry)
            except state.NoSuchOption:
                continue
    return state.values(blocks, kept)


def pushed(workspace: Workspace, given: Any, stack: list[JSON]) -> JSON:
    """A view to lie on top of *stack*."""
    if len(stack) >= MOST_IN_STACK:
        raise SlackError("push_limit_reached")
    view = made(workspace, given, "modal")
    return view | {"previous_view_id": stack[-1]["id"], "root_view_id": stack[0]["root_view_id"]}


def _trigger(workspace: Workspace, arguments: Arguments) -> Trigger:
    """A trigger that still holds; it is used up when its view is shown."""
    trigger, error = workspace.triggers.look(arguments.text("trigger_id"))
    if trigger is None:
        raise SlackError(error or "invalid_trigger_id")
    return trigger


def _given(arguments: Arguments) -> Any:
    given = arguments.data("view")
    if given is None:
        raise SlackError("invalid_arguments", ["[ERROR] missing required field: view [json-pointer:/view]"])
    return given


def views_open(workspace: Workspace, arguments: Arguments) -> JSON:
    given = _given(arguments)
    trigger = _trigger(workspace, arguments)
    view = made(workspace, given, "modal")
    trigger.used = True
    workspace.show_stack(trigger.user_id, [view])
    return {"view": view}


def views_push(workspace: Workspace, arguments: Arguments) -> JSON:
    given = _given(arguments)
    trigger = _trigger(workspace, arguments)
    stack = workspace.stacks[trigger.user_id]
    if not any(view["id"] == trigger.view_id for view in stack):
        raise SlackError("not_found")
    view = pushed(workspace, given, stack)
    trigger.used = True
    workspace.show_stack(trigger.user_id, [*stack, view])
    return {"view": view}


def views_update(workspace: Workspace, arguments: Arguments) -> JSON:
    given = _given(arguments)
    view_id, external_id = arguments.maybe_text("view_id"), arguments.maybe_text("external_id")
    if not view_id and not external_id:
        raise SlackError("invalid_arguments", ["[ERROR] either `view_id` or `external_id` is required"])
    found = workspace.view(view_id or None, external_id or None)
    if found is None:
        raise SlackError("not_found")
    user_id, replaced = found
    _same_hash(arguments, replaced)
    view = made(workspace, given, replaced["type"], replaced)
    workspace.replace(user_id, view)
    return {"view": view}


def views_publish(workspace: Workspace, arguments: Arguments) -> JSON:
    """Home has one view per person, which keeps its id."""
    given = _given(arguments)
    user_id = arguments.text("user_id")
    user = workspace.person(user_id)
    if user is None or user.deleted:
        raise SlackError("user_not_found")
    if not workspace.config.manifest.home_tab:
        raise SlackError("not_enabled")
    replaced = workspace.homes.get(user_id)
    if replaced:
        _same_hash(arguments, replaced)
    view = made(workspace, given, "home", replaced)
    workspace.show_home(user_id, view)
    return {"view": view}


def _same_hash(arguments: Arguments, view: JSON) -> None:
    if (given := arguments.maybe_text("hash")) and given != view["hash"]:
        raise SlackError("hash_conflict")


METHODS = {
    "views.open": Method(views_open),
    "views.push": Method(views_push),
    "views.update": Method(views_update),
    "views.publish": Method(views_publish),
}
