"""Checks of block elements: https://docs.slack.dev/reference/block-kit/block-elements"""

from typing import Any

from grapevine.playground.shape import (
    Check,
    Findings,
    all_of,
    anything,
    array,
    boolean,
    by_type,
    integer,
    link,
    mrkdwn,
    one_of,
    plain,
    record,
    string,
    text,
    url,
)

_ID = string(255)
_DATE = string(10, 10, r"\d{4}-\d{2}-\d{2}")
_TIME = string(5, 5, r"([01]\d|2[0-3]):[0-5]\d")
_USER = string(255, 1, r"[UW][A-Z0-9]{2,}")
_CONVERSATION = string(255, 1, r"[CDGU][A-Z0-9]{2,}")
_CHANNEL = string(255, 1, r"[CG][A-Z0-9]{2,}")

_confirm = record(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)


def _exactly_one(*names: str) -> Check:
    def check(value: Any, pointer: str, findings: Findings) -> None:
        if sum(name in value for name in names) != 1:
            findings.note(pointer, f"must define exactly one of {', '.join(names)}")

    return check


_slack_file = all_of(record({}, {"id": string(255, 1, r"F[A-Z0-9]{8,}"), "url": url()}), _exactly_one("id", "url"))
image = all_of(
    record({"type": anything, "alt_text": string(2000)}, {"image_url": url(), "slack_file": _slack_file}),
    _exactly_one("image_url", "slack_file"),
)


def _option(words: Check, *, with_url: bool = False) -> Check:
    optional = {"description": plain(75)} | ({"url": url()} if with_url else {})
    return record({"text": words, "value": string(150)}, optional)


_choice = _option(plain(75))
_marked_choice = _option(text(75))
_group = record({"label": plain(75), "options": array(_choice, 100)})


def _offered(value: Any) -> list[Any]:
    grouped = [option for group in value.get("option_groups", []) for option in group["options"]]
    return [*value.get("options", []), *grouped]


def _choices_agree(value: Any, pointer: str, findings: Findings) -> None:
    """Values are unique, and what is chosen at first is among what is offered, word for word."""
    offered = _offered(value)
    if len({option["value"] for option in offered}) != len(offered):
        findings.note(f"{pointer}/options", "option values must be unique")
    first = [value["initial_option"]] if "initial_option" in value else value.get("initial_options", [])
    for option in first:
        if offered and _bare(option) not in [_bare(each) for each in offered]:
            findings.note(f"{pointer}/initial_option", "initial option must exactly match one of the options")
    if len(first) > value.get("max_selected_items", len(first)):
        findings.note(pointer, "more initial options than max_selected_items")


def _bare(option: Any) -> Any:
    if isinstance(option, dict):
        return {key: _bare(each) for key, each in option.items() if key not in ("emoji", "verbatim")}
    return option


def _focus(value: Any, pointer: str, findings: Findings) -> None:
    if value.get("focus_on_load"):
        findings.focused += 1
        if findings.focused > 1:
            findings.note(pointer, "only one element can have focus_on_load set to true")


def _element(required: dict[str, Check], optional: dict[str, Check], *more: Check) -> Check:
    shape = record({"type": anything, **required}, {"action_id": _ID, **optional})
    return all_of(shape, _focus, *more)


_FOCUS: dict[str, Check] = {"focus_on_load": boolean}
_SELECT: dict[str, Check] = {"placeholder": plain(150), "confirm": _confirm, **_FOCUS}
_MULTI: dict[str, Check] = {**_SELECT, "max_selected_items": integer(1, 100)}
_DISPATCH: dict[str, Check] = {
    "dispatch_action_config": record(
        {"trigger_actions_on": array(one_of("on_enter_pressed", "on_character_entered"), 2)}
    )
}
_TYPED: dict[str, Check] = {"placeholder": plain(150), **_FOCUS, **_DISPATCH}
_STATIC: dict[str, Check] = {"options": array(_choice, 100), "option_groups": array(_group, 100)}
_FILTER: dict[str, Check] = {
    "filter": record(
        {},
        {
            "include": array(one_of("im", "mpim", "private", "public"), 4),
            "exclude_external_shared_channels": boolean,
            "exclude_bot_users": boolean,
        },
    ),
    "default_to_current_conversation": boolean,
}
_either_options = _exactly_one("options", "option_groups")


def _lengths_agree(value: Any, pointer: str, findings: Findings) -> None:
    highest = value.get("max_length", 3000)
    if value.get("min_length", 0) > highest:
        findings.note(pointer, "min_length must be less than max_length")
    if len(value.get("initial_value", "")) > highest:
        findings.note(f"{pointer}/initial_value", f"must be less than {highest + 1} characters")


_BUTTON: dict[str, Check] = {"value": string(2000, 0), "confirm": _confirm, "accessibility_label": string(75)}

ELEMENTS: dict[str, Check] = {
    "button": _element(
        {"text": plain(75)}, {**_BUTTON, "url": link(), "style": one_of("primary", "danger"), "agent_prompt": anything}
    ),
    "icon_button": _element(
        {"icon": one_of("trash"), "text": plain(75)}, {**_BUTTON, "visible_to_user_ids": array(_USER, 100)}
    ),
    "feedback_buttons": _element({"positive_button": anything, "negative_button": anything}, {}),
    "workflow_button": _element(
        {"text": plain(75), "workflow": anything}, _BUTTON | {"style": one_of("primary", "danger")}
    ),
    "checkboxes": _element(
        {"options": array(_marked_choice, 10)},
        {"initial_options": array(_marked_choice, 10), "confirm": _confirm, **_FOCUS},
        _choices_agree,
    ),
    "radio_buttons": _element(
        {"options": array(_marked_choice, 10)},
        {"initial_option": _marked_choice, "confirm": _confirm, **_FOCUS},
        _choices_agree,
    ),
    "overflow": _element(
        {"options": array(_option(plain(75), with_url=True), 5)}, {"confirm": _confirm}, _choices_agree
    ),
    "static_select": _element({}, {**_SELECT, **_STATIC, "initial_option": _choice}, _either_options, _choices_agree),
    "multi_static_select": _element(
        {}, {**_MULTI, **_STATIC, "initial_options": array(_choice, 100)}, _either_options, _choices_agree
    ),
    "external_select": _element({}, {**_SELECT, "initial_option": _choice, "min_query_length": integer(0, 50)}),
    "multi_external_select": _element(
        {}, {**_MULTI, "initial_options": array(_choice, 100), "min_query_length": integer(0, 50)}
    ),
    "users_select": _element({}, {**_SELECT, "initial_user": _USER}),
    "multi_users_select": _element({}, {**_MULTI, "initial_users": array(_USER, 100, 0)}),
    "conversations_select": _element(
        {}, {**_SELECT, **_FILTER, "initial_conversation": _CONVERSATION, "response_url_enabled": boolean}
    ),
    "multi_conversations_select": _element(
        {}, {**_MULTI, **_FILTER, "initial_conversations": array(_CONVERSATION, 100, 0)}
    ),
    "channels_select": _element({}, {**_SELECT, "initial_channel": _CHANNEL, "response_url_enabled": boolean}),
    "multi_channels_select": _element({}, {**_MULTI, "initial_channels": array(_CHANNEL, 100, 0)}),
    "datepicker": _element({}, {**_SELECT, "initial_date": _DATE}),
    "timepicker": _element({}, {**_SELECT, "initial_time": _TIME, "timezone": string(255)}),
    "datetimepicker": _element(
        {}, {"initial_date_time": integer(1_000_000_000, 9_999_999_999), "confirm": _confirm, **_FOCUS}
    ),
    "plain_text_input": _element(
        {},
        {
            **_TYPED,
            "initial_value": string(3000, 0),
            "multiline": boolean,
            "min_length": integer(0, 3000),
            "max_length": integer(1, 3000),
        },
        _lengths_agree,
    ),
    "email_text_input": _element({}, {**_TYPED, "initial_value": string(3000, 0)}),
    "url_text_input": _element({}, {**_TYPED, "initial_value": string(3000, 0)}),
    "number_input": _element(
        {"is_decimal_allowed": boolean},
        {**_TYPED, **dict.fromkeys(("initial_value", "min_value", "max_value"), string(255, 1, r"-?\d+(\.\d+)?"))},
    ),
    "rich_text_input": _element(
        {}, {**_TYPED, "initial_value": anything, "min_lines": anything, "max_lines": anything}
    ),
    "file_input": _element({}, {"filetypes": array(string(64), 100), "max_files": integer(1, 10)}),
    "image": image,
}

_SELECTS = {
    f"{many}{kind}_select"
    for many in ("", "multi_")
    for kind in ("static", "external", "users", "conversations", "channels")
}
_PICKERS = {"datepicker", "timepicker", "datetimepicker"}
_CHOICES = {"checkboxes", "radio_buttons", *_SELECTS, *_PICKERS}
_TYPING = {"plain_text_input", "email_text_input", "url_text_input", "number_input", "rich_text_input"}

#: not where the element's own page says it may be
_ONLY_IN_MODALS = {"email_text_input", "url_text_input", "number_input", "file_input"}
_NOT_ON_HOME = {"datetimepicker", "workflow_button", *_ONLY_IN_MODALS}
_ABSENT = {"message": _ONLY_IN_MODALS, "modal": {"workflow_button"}, "home": _NOT_ON_HOME}


def element(*kinds: str) -> Check:
    """An element of these kinds, if the surface has it."""
    check_kind = by_type({kind: ELEMENTS[kind] for kind in kinds}, "element")

    def check(value: Any, pointer: str, findings: Findings) -> None:
        kind = value.get("type") if isinstance(value, dict) else None
        if isinstance(kind, str) and kind in _ABSENT[findings.surface]:
            findings.note(
                f"{pointer}/type", f"element {value['type']} is not allowed on this surface: {findings.surface}"
            )
            return
        check_kind(value, pointer, findings)

    return check


in_actions = element("button", "overflow", "workflow_button", "rich_text_input", *_CHOICES)
in_section = element("button", "overflow", "workflow_button", "image", *_CHOICES)
in_input = element("file_input", *_CHOICES, *_TYPING)
in_context = by_type({"image": image, "plain_text": plain(2000), "mrkdwn": mrkdwn(2000)}, "element")
in_context_actions = element("feedback_buttons", "icon_button")
in_card = element("button")
