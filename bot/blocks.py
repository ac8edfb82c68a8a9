"""The few pieces of Block Kit that every view is made of, as plain dicts (docs.slack.dev/reference/block-kit)."""

from collections.abc import Sequence
from typing import Any

Block = dict[str, Any]


def plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": True}


def mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text}


def header(text: str) -> Block:
    return {"type": "header", "text": plain(text[:150])}


def section(text: str, accessory: Block | None = None) -> Block:
    block: Block = {"type": "section", "text": mrkdwn(shortened(text, 3000))}
    return {**block, "accessory": accessory} if accessory else block


def fields(texts: Sequence[str]) -> Block:
    return {"type": "section", "fields": [mrkdwn(shortened(text, 2000)) for text in texts]}


def context(text: str) -> Block:
    return {"type": "context", "elements": [mrkdwn(shortened(text, 2000))]}


def divider() -> Block:
    return {"type": "divider"}


def actions(block_id: str, *elements: Block) -> Block:
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def button(text: str, action_id: str, value: str = "", *, url: str = "", style: str = "") -> Block:
    made: Block = {"type": "button", "text": plain(shortened(text, 75)), "action_id": action_id}
    for name, given in (("value", value), ("url", url), ("style", style)):
        if given:
            made[name] = given
    return made


def option(text: str, value: str) -> Block:
    return {"text": plain(shortened(text, 75)), "value": value}


def select(action_id: str, options: Sequence[Block], chosen: str = "", placeholder: str = "") -> Block:
    made: Block = {"type": "static_select", "action_id": action_id, "options": list(options)}
    if placeholder:
        made["placeholder"] = plain(placeholder)
    initial = next((one for one in options if one["value"] == chosen), None)
    return {**made, "initial_option": initial} if initial else made


def text_input(
    block_id: str,
    label: str,
    value: str = "",
    *,
    longest: int = 3000,
    hint: str = "",
    optional: bool = False,
    multiline: bool = False,
    placeholder: str = "",
) -> Block:
    """An input block whose element's action id is ``value``."""
    element: Block = {"type": "plain_text_input", "action_id": "value", "max_length": longest}
    if multiline:
        element["multiline"] = True
    if value:
        element["initial_value"] = value[:longest]
    if placeholder:
        element["placeholder"] = plain(placeholder)
    made: Block = {"type": "input", "block_id": block_id, "label": plain(label), "element": element}
    if optional:
        made["optional"] = True
    if hint:
        made["hint"] = plain(hint)
    return made


def escaped(text: str) -> str:
    """Somebody's text inside mrkdwn: it cannot become a mention or a link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def listed(names: Sequence[str]) -> str:
    """Names as a sentence tells them: A, B and C."""
    *others, last = names or ("",)
    return f"{', '.join(others)} and {last}" if others else last


def cannot_post(title: str, network: str) -> str:
    """Why nothing can be shared to an account that is connected, and what to do."""
    return (
        f"{title} did not allow Grapevine to post when you connected. `/grapevine connect {network}` asks once more; "
        "if it says the same then, ask the person who runs Grapevine to look at `grapevine doctor`."
    )
