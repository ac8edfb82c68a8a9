"""What a person enters in a form, in the shapes that Slack sends to an app."""

from typing import Any

import pytest

from grapevine.playground import state

Json = dict[str, Any]
RED, BLUE = ({"text": {"type": "plain_text", "text": each}, "value": each.lower()} for each in ("Red", "Blue"))


def form(element: Json, **more: Any) -> list[Json]:
    block: Json = {"type": "input", "block_id": "b", "element": {"action_id": "a", **element}, **more}
    return [block]


def complaint(element: Json, value: str, **more: Any) -> str | None:
    blocks = form(element, **more)
    return state.complaints(blocks, state.values(blocks, {"b": value})).get("b")


@pytest.mark.parametrize("action_id", ["a", "value", "text"])
def test_entries_by_action_id_are_told_from_entries_themselves(action_id: str) -> None:
    blocks = form({"type": "plain_text_input", "action_id": action_id})
    entry = {"type": "plain_text_input", "value": "hello"}
    given: list[Any] = [{action_id: entry}, entry, "hello"]

    for each in given:
        assert state.values(blocks, {"b": each}) == {"b": {action_id: entry}}


def test_an_entry_of_another_kind_says_nothing() -> None:
    blocks = form({"type": "plain_text_input"})

    assert state.values(blocks, {"b": {"a": {"type": "datepicker", "selected_date": "2026-11-21"}}})["b"]["a"] == {
        "type": "plain_text_input",
        "value": None,
    }


@pytest.mark.parametrize(
    ("element", "given", "entry"),
    [
        ({"type": "static_select", "options": [RED, BLUE]}, "blue", {"selected_option": BLUE}),
        ({"type": "static_select", "options": [RED], "initial_option": RED}, None, {"selected_option": RED}),
        ({"type": "static_select", "option_groups": [{"options": [RED]}]}, "red", {"selected_option": RED}),
        ({"type": "checkboxes", "options": [RED, BLUE]}, ["red", "blue"], {"selected_options": [RED, BLUE]}),
        ({"type": "checkboxes", "options": [RED]}, None, {"selected_options": []}),
        ({"type": "multi_users_select"}, ["U1"], {"selected_users": ["U1"]}),
        ({"type": "multi_users_select"}, None, {"selected_users": []}),
        ({"type": "datepicker"}, "2026-11-21", {"selected_date": "2026-11-21"}),
        ({"type": "timepicker", "initial_time": "09:00"}, None, {"selected_time": "09:00"}),
        ({"type": "number_input", "is_decimal_allowed": False}, 7, {"value": "7"}),
        ({"type": "plain_text_input"}, "", {"value": None}),
    ],
)
def test_each_kind_has_its_own_entry(element: Json, given: Any, entry: Json) -> None:
    assert state.values(form(element), {"b": given})["b"]["a"] == {"type": element["type"], **entry}


def test_what_stood_there_before_stays_unless_something_is_given() -> None:
    blocks = form({"type": "static_select", "options": [RED, BLUE], "initial_option": RED})
    before = state.values(blocks, {"b": "blue"})

    assert state.values(blocks, {}, before) == before
    assert state.values(blocks, {"b": "red"}, before)["b"]["a"]["selected_option"] == RED
    cleared = {"b": {"a": {"type": "static_select", "selected_option": None}}}
    assert state.values(blocks, cleared, before)["b"]["a"]["selected_option"] is None


def test_only_what_is_offered_can_be_chosen() -> None:
    with pytest.raises(state.NoSuchOption):
        state.values(form({"type": "static_select", "options": [RED]}), {"b": "blue"})


@pytest.mark.parametrize(
    ("element", "value", "said"),
    [
        ({"type": "plain_text_input"}, "", "Please complete this required field."),
        ({"type": "plain_text_input", "min_length": 3}, "ab", "Please enter at least 3 characters."),
        ({"type": "plain_text_input", "max_length": 3}, "abcd", "Please enter no more than 3 characters."),
        ({"type": "plain_text_input"}, "x" * 3001, "Please enter no more than 3000 characters."),
        ({"type": "email_text_input"}, "ada at vine", "Please enter a valid email address."),
        ({"type": "email_text_input"}, "ada@vine.example", None),
        ({"type": "url_text_input"}, "vine.example", "Please enter a valid URL."),
        ({"type": "url_text_input"}, "https://vine.example/a", None),
        ({"type": "number_input", "is_decimal_allowed": False}, "1.5", "Please enter a whole number."),
        ({"type": "number_input", "is_decimal_allowed": True}, "one", "Please enter a number."),
        (
            {"type": "number_input", "is_decimal_allowed": True, "min_value": "2"},
            "1.5",
            "Please enter a number that is at least 2.",
        ),
        (
            {"type": "number_input", "is_decimal_allowed": False, "max_value": "9"},
            "10",
            "Please enter a number that is at most 9.",
        ),
    ],
)
def test_what_the_client_complains_of(element: Json, value: str, said: str | None) -> None:
    assert complaint(element, value) == said


def test_an_optional_field_may_stay_empty() -> None:
    assert complaint({"type": "plain_text_input"}, "", optional=True) is None


def test_elements_are_found_wherever_they_are() -> None:
    button = {"type": "button", "action_id": "go"}
    card = {"type": "card", "block_id": "card", "actions": [button]}
    actions = {"type": "actions", "block_id": "in", "elements": [button]}
    blocks: list[Json] = [
        {"type": "section", "block_id": "s", "accessory": button},
        {"type": "section", "block_id": "i", "accessory": {"type": "image"}},
        {"type": "container", "block_id": "c", "child_blocks": [actions]},
        {"type": "carousel", "block_id": "car", "elements": [card]},
    ]

    assert [block["block_id"] for block, _ in state.elements(blocks)] == ["s", "in", "card"]


def test_an_action_carries_what_the_element_says_not_what_the_page_claims() -> None:
    block: Json = {"type": "actions", "block_id": "b", "elements": []}
    button = {"type": "button", "action_id": "go", "value": "mine", "text": {"type": "plain_text", "text": "Go"}}
    overflow = {"type": "overflow", "action_id": "more", "options": [RED, BLUE]}
    picker = {"type": "datepicker", "action_id": "day", "initial_date": "2026-01-01"}

    pressed = state.action(block, button, {"value": "forged"}, "1.2")
    assert (pressed["value"], pressed["block_id"], pressed["action_ts"]) == ("mine", "b", "1.2")
    assert state.action(block, overflow, {"value": "blue"}, "1.2")["selected_option"] == BLUE
    chosen = state.action(block, picker, {"selected_date": "2026-11-21"}, "1.2")
    assert (chosen["selected_date"], chosen["initial_date"]) == ("2026-11-21", "2026-01-01")
    assert state.action(block, picker, {"selected_date": None}, "1.2")["selected_date"] is None
