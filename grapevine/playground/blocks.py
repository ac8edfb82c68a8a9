"""Checks of blocks, and the ids that Slack gives those which have none.

https://docs.slack.dev/reference/block-kit/blocks
"""

import secrets
from copy import deepcopy
from typing import Any

from grapevine.playground.charts import check_chart
from grapevine.playground.config import JSON
from grapevine.playground.elements import (
    image,
    in_actions,
    in_card,
    in_context,
    in_context_actions,
    in_input,
    in_section,
)
from grapevine.playground.shape import (
    Check,
    Findings,
    all_of,
    anything,
    array,
    boolean,
    by_type,
    integer,
    mrkdwn,
    one_of,
    plain,
    record,
    string,
    text,
    url,
)
from grapevine.playground.state import elements

_ID: dict[str, Check] = {"block_id": string(255), "type": anything}


def _some_of(*names: str) -> Check:
    def check(value: Any, pointer: str, findings: Findings) -> None:
        if not any(value.get(name) for name in names):
            findings.note(pointer, f"must define either {' or '.join(f'`{name}`' for name in names)}")

    return check


def _block(required: dict[str, Check], optional: dict[str, Check] | None = None, *more: Check) -> Check:
    return all_of(record(required, {**_ID, **(optional or {})}), *more)


_inline = by_type(
    {
        **{
            kind: record({"type": anything}, dict.fromkeys(names, anything))
            for kind, names in {
                "broadcast": ("range", "style"),
                "color": ("value", "style"),
                "channel": ("channel_id", "style"),
                "date": ("timestamp", "format", "url", "fallback", "style"),
                "emoji": ("name", "unicode", "url", "style", "skin_tone"),
                "team": ("team_id", "style"),
                "user": ("user_id", "style"),
                "usergroup": ("usergroup_id", "style"),
            }.items()
        },
        "link": record(
            {"type": anything, "url": string(3000)}, {"text": string(3000), "unsafe": boolean, "style": anything}
        ),
        "text": record({"type": anything, "text": string(12000)}, {"style": anything}),
    },
    "rich text element",
)
_BORDER: dict[str, Check] = {"border": integer(0, 1)}
_rich_section = record({"type": anything, "elements": array(_inline, 1000, 0)})
_rich = by_type(
    {
        "rich_text_section": _rich_section,
        "rich_text_preformatted": record(
            {"type": anything, "elements": array(_inline, 1000, 0)}, _BORDER | {"language": string(64)}
        ),
        "rich_text_quote": record({"type": anything, "elements": array(_inline, 1000, 0)}, _BORDER),
        "rich_text_list": record(
            {"type": anything, "style": one_of("bullet", "ordered"), "elements": array(_rich_section, 1000)},
            _BORDER | {"indent": integer(0, 8), "offset": integer(0, 10000)},
        ),
    },
    "rich text element",
)

_card = _block(
    {},
    {
        "title": mrkdwn(150),
        "subtitle": mrkdwn(150),
        "body": mrkdwn(200),
        "icon": image,
        "hero_image": image,
        "actions": array(in_card, 2),
    },
    _some_of("hero_image", "title", "actions", "body"),
)
_table_cell = by_type(
    {
        "raw_text": record({"type": anything, "text": string(10000, 0)}),
        "raw_number": record({"type": anything, "value": anything, "text": string(10000, 0)}),
        "rich_text": record({"type": anything, "elements": array(_rich, 100)}),
    },
    "cell",
)

BLOCKS: dict[str, Check] = {
    "actions": _block({"elements": array(in_actions, 25)}),
    "alert": _block({"text": text(3000)}, {"level": one_of("default", "info", "warning", "error", "success")}),
    "card": _card,
    "carousel": _block({"elements": array(by_type({"card": _card}, "element"), 10)}),
    "context": _block({"elements": array(in_context, 10)}),
    "context_actions": _block({"elements": array(in_context_actions, 5)}),
    "data_visualization": check_chart,
    "divider": _block({}),
    "header": _block({"text": plain(150)}, {"level": integer(1, 4)}),
    "image": all_of(
        _block(
            {"alt_text": string(2000)},
            {"image_url": url(), "slack_file": anything, "title": plain(2000)},
        ),
        lambda value, pointer, findings: image(
            {key: each for key, each in value.items() if key in ("type", "alt_text", "image_url", "slack_file")},
            pointer,
            findings,
        ),
    ),
    "input": _block(
        {"label": plain(2000), "element": in_input},
        {"hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
    ),
    "markdown": _block({"text": string(12000)}),
    "rich_text": _block({"elements": array(_rich, 1000)}),
    "section": _block(
        {},
        {"text": text(3000), "fields": array(text(2000), 10), "accessory": in_section, "expand": boolean},
        _some_of("text", "fields"),
    ),
    "table": _block({"rows": array(array(_table_cell, 20), 100)}, {"column_settings": array(anything, 20)}),
    "video": _block(
        {"alt_text": string(2000), "title": plain(200), "thumbnail_url": url(), "video_url": url()},
        {
            "title_url": url(),
            "description": plain(200),
            "author_name": string(50),
            "provider_name": string(50),
            "provider_icon_url": url(),
        },
    ),
}
_in_container = {"actions", "context", "divider", "header", "image", "input", "rich_text", "section", "table", "video"}
BLOCKS["container"] = _block(
    {"child_blocks": array(by_type({kind: BLOCKS[kind] for kind in _in_container}, "block"), 10)},
    {
        "title": plain(150),
        "rich_text_title": anything,
        "subtitle": text(150),
        "icon": image,
        "width": anything,
        "is_collapsible": boolean,
        "default_collapsed": boolean,
        "has_header_divider": boolean,
    },
    _some_of("title", "rich_text_title"),
)

#: blocks that are not everywhere, with where they are; https://docs.slack.dev/reference/block-kit/blocks
_ONLY: dict[str, set[str]] = {
    "alert": {"modal"},
    "card": {"message", "home"},
    "carousel": {"message", "home"},
    "container": {"message", "home"},
    "context_actions": {"message"},
    "data_visualization": {"message", "home"},
    "markdown": {"message"},
    "table": {"message"},
}
_known = by_type(BLOCKS, "block")


def check_block(value: Any, pointer: str, findings: Findings) -> None:
    kind = value.get("type") if isinstance(value, dict) else None
    if isinstance(kind, str) and findings.surface not in _ONLY.get(kind, {findings.surface}):
        findings.note(f"{pointer}/type", f"block type {kind} is not allowed on this surface: {findings.surface}")
        return
    before = len(findings.messages)
    _known(value, pointer, findings)
    if len(findings.messages) > before:
        return
    for block in [value, *value.get("child_blocks", [])]:
        _unique(block, pointer, findings)


def _unique(block: JSON, pointer: str, findings: Findings) -> None:
    if block_id := block.get("block_id"):
        if block_id in findings.block_ids:
            findings.note(f"{pointer}/block_id", f"`block_id` already exists: {block_id}")
        findings.block_ids.add(block_id)
    seen: set[str] = set()
    for _, element in elements([{**block, "child_blocks": []}]):
        action_id = element.get("action_id")
        if action_id and action_id in seen:
            findings.note(pointer, f'`action_id` "{action_id}" already exists in this block')
        seen.add(action_id or "")


def identified(blocks: list[JSON]) -> list[JSON]:
    """A copy in which every block and interactive element has an id, and every text says whether it has emoji."""
    copy = [{key: value for key, value in block.items() if value is not None} for block in deepcopy(blocks)]
    for block in copy:
        block.setdefault("block_id", secrets.token_urlsafe(4)[:5])
        for child in block.get("child_blocks", []):
            child.setdefault("block_id", secrets.token_urlsafe(4)[:5])
        for card in block["elements"] if block["type"] == "carousel" else []:
            card.setdefault("block_id", secrets.token_urlsafe(4)[:5])
    for _, element in elements(copy):
        element.setdefault("action_id", secrets.token_urlsafe(4)[:5])
    _spell_out(copy)
    return copy


def _spell_out(value: Any) -> None:
    if isinstance(value, list):
        for each in value:
            _spell_out(each)
    elif isinstance(value, dict):
        if value.get("type") in ("plain_text", "mrkdwn") and "text" in value:
            value.setdefault("emoji" if value["type"] == "plain_text" else "verbatim", value["type"] == "plain_text")
        for each in value.values():
            _spell_out(each)
