"""What Slack refuses: views and messages are looked through before they are shown.

The numbers: https://docs.slack.dev/reference/block-kit/blocks, https://docs.slack.dev/reference/views
"""

import json
from typing import Any

from grapevine.playground.blocks import check_block
from grapevine.playground.config import JSON, PlaygroundConfig
from grapevine.playground.shape import Check, Findings, anything, array, boolean, one_of, plain, record, string
from grapevine.playground.webapi import SlackError

LARGEST_VIEW = 250_000
MOST_BLOCKS_IN_VIEW, MOST_BLOCKS_IN_MESSAGE = 100, 50
LONGEST_TEXT, LONGEST_BLOCK_TEXT = 4000, 12000

_VIEW: dict[str, Check] = {
    "private_metadata": string(3000, 0),
    "callback_id": string(255, 0),
    "external_id": string(255, 0),
}
_blocks_of_view = array(check_block, MOST_BLOCKS_IN_VIEW, 0)
_view: dict[str, Check] = {
    "modal": record(
        {"type": one_of("modal"), "title": plain(24), "blocks": _blocks_of_view},
        {
            **_VIEW,
            "submit": plain(24),
            "close": plain(24),
            "clear_on_close": boolean,
            "notify_on_close": boolean,
            "submit_disabled": boolean,
        },
    ),
    "home": record({"type": one_of("home"), "blocks": _blocks_of_view}, _VIEW),
}
_metadata = record({"event_type": string(255), "event_payload": anything})


def check_view(view: Any, kind: str, config: PlaygroundConfig) -> None:
    """`SlackError` view_too_large, or invalid_arguments with a sentence and a JSON pointer for each fault."""
    if len(json.dumps(view, ensure_ascii=False, separators=(",", ":")).encode()) > LARGEST_VIEW:
        raise SlackError("view_too_large")
    findings = Findings("home" if kind == "home" else "modal", config.refuse_charts)
    _view[kind](view, "/view", findings)
    form = kind == "modal" and not findings.messages and any(block["type"] == "input" for block in view["blocks"])
    if form and not view.get("submit"):
        findings.note("/view", "missing required field: submit (a modal with an input block needs it)")
    if findings.charts_refused:
        raise SlackError(config.charts_refused_with, findings.messages)
    if findings.messages:
        schemas = "[ERROR] failed to match all allowed schemas [json-pointer:/view]"
        raise SlackError("invalid_arguments", [schemas, *findings.messages])


def check_message(message: JSON, config: PlaygroundConfig) -> None:
    """`SlackError` msg_too_long, msg_blocks_too_long, invalid_blocks or invalid_metadata_…; texts count characters."""
    if len(message["text"]) > LONGEST_TEXT:
        raise SlackError("msg_too_long")
    if "blocks" in message:
        findings = Findings("message", config.refuse_charts)
        array(check_block, MOST_BLOCKS_IN_MESSAGE, 0)(message["blocks"], "/blocks", findings)
        if findings.messages:
            error = config.charts_refused_with if findings.charts_refused else "invalid_blocks"
            raise SlackError(
                error, findings.messages, errors=[each.removeprefix("[ERROR] ") for each in findings.messages]
            )
        if _characters(message["blocks"]) > LONGEST_BLOCK_TEXT:
            raise SlackError("msg_blocks_too_long")
    if "metadata" in message:
        findings = Findings("message")
        _metadata(message["metadata"], "/metadata", findings)
        if findings.messages:
            raise SlackError("invalid_metadata_format", findings.messages)
    if len(message.get("attachments", [])) > 100:
        raise SlackError("too_many_attachments")


def _characters(value: Any) -> int:
    """The length of all texts inside."""
    if isinstance(value, list):
        return sum(map(_characters, value))
    if isinstance(value, dict):
        own = value.get("text")
        return (len(own) if isinstance(own, str) else 0) + sum(map(_characters, value.values()))
    return 0
