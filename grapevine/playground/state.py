"""The interactive elements of blocks, what a person entered in them, and what Slack says of an action on one."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from grapevine.playground.config import JSON

#: element type -> the key under which its value stands in `state.values` and in an action
VALUE_KEY = {
    "plain_text_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "number_input": "value",
    "rich_text_input": "rich_text_value",
    "file_input": "files",
    "checkboxes": "selected_options",
    "radio_buttons": "selected_option",
    "static_select": "selected_option",
    "external_select": "selected_option",
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "multi_static_select": "selected_options",
    "multi_external_select": "selected_options",
    "multi_users_select": "selected_users",
    "multi_conversations_select": "selected_conversations",
    "multi_channels_select": "selected_channels",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
}
_MANY = {"selected_options", "selected_users", "selected_conversations", "selected_channels", "files"}


class NoSuchOption(Exception):
    """A person cannot choose what the element does not offer."""


def elements(blocks: list[JSON]) -> Iterator[tuple[JSON, JSON]]:
    """Every interactive element with its block, those inside containers and cards too."""
    for block in blocks:
        yield from elements(block.get("child_blocks", []))
        inside: list[JSON] = []
        if block["type"] in ("actions", "context_actions"):
            inside = block["elements"]
        elif block["type"] == "carousel":
            yield from elements(block["elements"])
        elif block["type"] == "card":
            inside = block.get("actions", [])
        elif block["type"] == "input":
            inside = [block["element"]]
        elif block["type"] == "section" and "accessory" in block:
            inside = [block["accessory"]]
        for element in inside:
            if element["type"] != "image":
                yield block, element


def options(element: JSON) -> list[JSON]:
    grouped = [option for group in element.get("option_groups", []) for option in group["options"]]
    return [*element.get("options", []), *grouped]


def _option(element: JSON, chosen: Any) -> JSON:
    value = chosen.get("value") if isinstance(chosen, Mapping) else chosen
    if element["type"].endswith("external_select") and isinstance(chosen, Mapping):
        return dict(chosen)
    for option in options(element):
        if option.get("value") == value:
            return option
    raise NoSuchOption(value)


def entered(element: JSON, given: Any = None) -> JSON:
    """An element's entry in ``state.values``.

    *given* is what the page knows (``{"type": …, "selected_option": …}``), a bare value (text, an option's
    value, a list of them), or None for what the element starts with. Raises `NoSuchOption`.
    """
    key = VALUE_KEY[element["type"]]
    if given is None:
        initial = next((value for name, value in element.items() if name.startswith("initial_")), None)
        return {"type": element["type"], key: initial if initial is not None else ([] if key in _MANY else None)}
    if isinstance(given, Mapping) and (key in given or isinstance(given.get("type"), str)):
        given = given.get(key)
    if key == "selected_options":
        given = [_option(element, each) for each in given or []]
    elif key == "selected_option" and given is not None:
        given = _option(element, given)
    elif key == "value":
        given = None if given in (None, "") else str(given)
    return {"type": element["type"], key: given if given is not None else ([] if key in _MANY else None)}


def values(blocks: list[JSON], given: Mapping[str, Any], before: Mapping[str, Any] | None = None) -> JSON:
    """``state.values`` of a view or message: what was given, else what stood there *before*, else the initial value.

    *given* maps block ids to what `entered` takes, directly or by action id; *before* is an earlier result.
    """
    state: JSON = {}
    for block, element in elements(blocks):
        if element["type"] not in VALUE_KEY:
            continue
        of_block = given.get(block["block_id"])
        if isinstance(of_block, Mapping) and element["action_id"] in of_block:  # which may well be called "value"
            of_block = of_block[element["action_id"]]
        elif isinstance(of_block, Mapping) and "type" not in of_block and "value" not in of_block:
            of_block = None
        if of_block is None and before:
            of_block = before.get(block["block_id"], {}).get(element["action_id"])
        state.setdefault(block["block_id"], {})[element["action_id"]] = entered(element, of_block)
    return state


def complaints(blocks: list[JSON], state: JSON) -> dict[str, str]:
    """What Slack's own client says of a form before it is sent, by block id."""
    said: dict[str, str] = {}
    for block, element in elements(blocks):
        if block["type"] != "input":
            continue
        value = state[block["block_id"]][element["action_id"]][VALUE_KEY[element["type"]]]
        complaint = _complaint(element, value, optional=bool(block.get("optional")))
        if complaint:
            said[block["block_id"]] = complaint
    return said


def _complaint(element: JSON, value: Any, *, optional: bool) -> str | None:
    if value in (None, "", []):
        return None if optional else "Please complete this required field."
    kind = element["type"]
    if kind == "plain_text_input":
        if len(value) < element.get("min_length", 0):
            return f"Please enter at least {element['min_length']} characters."
        if len(value) > element.get("max_length", 3000):
            return f"Please enter no more than {element.get('max_length', 3000)} characters."
    if kind == "email_text_input" and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value):
        return "Please enter a valid email address."
    if kind == "url_text_input" and not re.fullmatch(r"https?://[^\s/]+\.?[^\s]*", value):
        return "Please enter a valid URL."
    if kind == "number_input":
        return _number_complaint(element, value)
    return None


def _number_complaint(element: JSON, value: str) -> str | None:
    pattern = r"-?\d+(\.\d+)?" if element.get("is_decimal_allowed") else r"-?\d+"
    if not re.fullmatch(pattern, value):
        return "Please enter a number." if element.get("is_decimal_allowed") else "Please enter a whole number."
    if "min_value" in element and float(value) < float(element["min_value"]):
        return f"Please enter a number that is at least {element['min_value']}."
    if "max_value" in element and float(value) > float(element["max_value"]):
        return f"Please enter a number that is at most {element['max_value']}."
    return None


def action(block: JSON, element: JSON, given: Mapping[str, Any], ts: str) -> JSON:
    """One of a block_actions payload's ``actions``.

    https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
    """
    said: JSON = {"action_id": element["action_id"], "block_id": block["block_id"], "type": element["type"]}
    if element["type"] in ("button", "icon_button", "workflow_button", "feedback_buttons"):
        kept = ("text", "value", "style", "url", "icon")
        said |= {key: element[key] for key in kept if key in element}
        if element["type"] == "feedback_buttons":
            said["value"] = given.get("value")
    elif element["type"] == "overflow":
        said["selected_option"] = _option(element, given.get("selected_option", given.get("value")))
    else:
        key = VALUE_KEY[element["type"]]
        said[key] = entered(element, {"type": element["type"], key: given.get(key, given.get("value"))})[key]
        said |= {name: element[name] for name in element if name == "placeholder" or name.startswith("initial_")}
    return {**said, "action_ts": ts}
