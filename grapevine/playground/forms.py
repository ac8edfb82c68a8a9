"""What becomes of a modal after the app answered its submission: errors, update, push, clear, or it closes.

https://docs.slack.dev/surfaces/modals#updating_views
"""

from typing import Any

from grapevine.playground.config import JSON
from grapevine.playground.views import made, pushed
from grapevine.playground.webapi import SlackError
from grapevine.playground.workspace import Workspace


def answered(workspace: Workspace, user_id: str, view: JSON, body: Any) -> tuple[dict[str, str], list[JSON]]:
    """The errors to show beside blocks, and the views that were cleared, the top one first.

    `SlackError` for an answer that Slack would not understand.
    """
    said = body if isinstance(body, dict) else {}
    stack = workspace.stacks[user_id]
    kind = said.get("response_action")
    if kind is None:
        if said:
            raise SlackError("invalid_response", [f"[ERROR] no response_action among {', '.join(said)}"])
        workspace.show_stack(user_id, [each for each in stack if each["id"] != view["id"]])
    elif kind == "errors":
        return _errors(view, said.get("errors")), []
    elif kind == "update":
        workspace.replace(user_id, made(workspace, said.get("view"), "modal", view))
    elif kind == "push":
        workspace.show_stack(user_id, [*stack, pushed(workspace, said.get("view"), stack)])
    elif kind == "clear":
        workspace.show_stack(user_id, [])
        return {}, list(reversed(stack))
    else:
        raise SlackError("invalid_response", [f"[ERROR] unsupported response_action: {kind}"])
    return {}, []


def _errors(view: JSON, errors: Any) -> dict[str, str]:
    inputs = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors:
        raise SlackError("invalid_response", ["[ERROR] errors must name at least one block"])
    for block_id, text in errors.items():
        if block_id not in inputs:
            raise SlackError("invalid_response", [f"[ERROR] no input block has the block_id {block_id}"])
        if not isinstance(text, str) or not text:
            raise SlackError("invalid_response", [f"[ERROR] the error of {block_id} must be a text"])
    return dict(errors)
