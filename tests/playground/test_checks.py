"""What the stand-in refuses of views and messages, as Slack does, and what it lets pass."""

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from grapevine.playground.checks import check_message, check_view
from grapevine.playground.config import PlaygroundConfig
from grapevine.playground.webapi import SlackError

CONFIG = PlaygroundConfig()
Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def section(**more: Any) -> Json:
    return {"type": "section", "text": mrkdwn("hello"), **more}


def button(**more: Any) -> Json:
    return {"type": "button", "text": plain("Go"), **more}


def actions(*elements: Json, **more: Any) -> Json:
    return {"type": "actions", "elements": list(elements), **more}


def options(count: int) -> list[Json]:
    return [{"text": plain(f"Option {n}"), "value": str(n)} for n in range(count)]


def field(element: Json | None = None, **more: Any) -> Json:
    return {"type": "input", "label": plain("Name"), "element": element or {"type": "plain_text_input"}, **more}


def chart(points: int = 3, series: int = 1, **more: Any) -> Json:
    labels = [f"week {n}" for n in range(points)]
    data = [{"label": label, "value": n} for n, label in enumerate(labels)]
    return {
        "type": "data_visualization",
        "title": "Clicks",
        "chart": {
            "type": "line",
            "series": [{"name": f"s{n}", "data": deepcopy(data)} for n in range(series)],
            "axis_config": {"categories": labels},
        },
        **more,
    }


def modal(*blocks: Json, **more: Any) -> Json:
    return {"type": "modal", "title": plain("T"), "submit": plain("Send"), "blocks": list(blocks), **more}


def home(*blocks: Json, **more: Any) -> Json:
    return {"type": "home", "blocks": list(blocks), **more}


def pie(*values: float) -> Json:
    segments = [{"label": f"s{n}", "value": value} for n, value in enumerate(values)]
    return {"type": "data_visualization", "title": "P", "chart": {"type": "pie", "segments": segments}}


def faults(view: Json, config: PlaygroundConfig = CONFIG) -> str:
    """What is said of a view or, without a type, a message; nothing when it passes."""
    try:
        if "type" in view:
            check_view(view, view["type"], config)
        else:
            check_message({"text": "x", **view}, config)
    except SlackError as error:
        return f"{error.error}: {'; '.join(error.messages)}"
    return ""


@pytest.mark.parametrize(
    "view",
    [
        home(
            section(), {"type": "divider"}, {"type": "header", "text": plain("H" * 150)}, chart(20, 6), chart(), chart()
        ),
        home(*[section()] * 100),
        home(actions(*[button(action_id=f"a{n}") for n in range(25)])),
        home({"type": "image", "image_url": "http://127.0.0.1:8000/x.png", "alt_text": "a"}),
        home({"type": "image", "slack_file": {"id": "F0123456789"}, "alt_text": "a"}),
        home(section(accessory={"type": "overflow", "options": options(5)})),
        home(field({"type": "plain_text_input"}, dispatch_action=True)),
        home({"type": "container", "title": plain("C"), "child_blocks": [section()]}),
        home({"type": "card", "title": mrkdwn("C"), "actions": [button()]}),
        home(
            {
                "type": "context",
                "elements": [mrkdwn("x"), {"type": "image", "image_url": "https://a.b/c", "alt_text": "i"}],
            }
        ),
        modal(section()),
        modal(field({"type": "static_select", "options": options(100), "initial_option": options(1)[0]})),
        modal(field({"type": "email_text_input"}), field({"type": "number_input", "is_decimal_allowed": False})),
        modal(
            field({"type": "checkboxes", "options": [{"text": mrkdwn("*b*"), "value": "b", "description": plain("d")}]})
        ),
        modal(field({"type": "datepicker", "initial_date": "2026-11-21"}), field({"type": "timepicker"})),
        modal({"type": "alert", "text": mrkdwn("careful"), "level": "warning"}),
        {"type": "modal", "title": plain("T"), "blocks": [section()]},
        {"blocks": [*[section()] * 48, chart(), chart()]},
        {"blocks": [{"type": "markdown", "text": "**hi**"}, pie(1, 2.5)]},
        {
            "blocks": [
                {
                    "type": "rich_text",
                    "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "hi"}]}],
                }
            ]
        },
    ],
    ids=lambda view: str([each["type"] for each in view["blocks"][:3]]),
)
def test_what_slack_shows_passes(view: Json) -> None:
    assert faults(view) == ""


@pytest.mark.parametrize(
    ("view", "said"),
    [
        (home(*[section()] * 101), "no more than 100 items allowed [json-pointer:/view/blocks]"),
        ({"blocks": [section()] * 51}, "no more than 50 items allowed [json-pointer:/blocks]"),
        (modal(section(), title=plain("T" * 25)), "must be less than 25 characters [json-pointer:/view/title/text]"),
        (modal(section(), submit=plain("T" * 25)), "[json-pointer:/view/submit/text]"),
        (modal(section(), private_metadata="m" * 3001), "[json-pointer:/view/private_metadata]"),
        (modal(section(), callback_id="c" * 256), "[json-pointer:/view/callback_id]"),
        (modal(section(), colour="red"), "invalid additional property: colour [json-pointer:/view]"),
        ({"type": "modal", "title": plain("T"), "blocks": [field()]}, "missing required field: submit"),
        (modal(field(), submit=None), "must provide an object [json-pointer:/view/submit]"),
        (home({"type": ["section"]}), "unsupported type of block"),
        (home("section"), "must provide an object"),  # type: ignore[arg-type]  # what is not a block at all
        (home({"type": "container", "child_blocks": [section()]}), "must define either `title`"),
        (home({"type": "image", "slack_file": {}, "alt_text": "a"}), "must define exactly one of id, url"),
        (home(section(), title=plain("T")), "invalid additional property: title"),
        (
            home(section(text=mrkdwn("x" * 3001))),
            "must be less than 3001 characters [json-pointer:/view/blocks/0/text/text]",
        ),
        (home(section(text=mrkdwn(""))), "must be more than 0 characters"),
        (home({"type": "section"}), "must define either `text` or `fields`"),
        (home(section(fields=[mrkdwn("x")] * 11)), "no more than 10 items allowed"),
        (home(section(fields=[mrkdwn("x" * 2001)])), "[json-pointer:/view/blocks/0/fields/0/text]"),
        (home(section(text={"type": "markdown", "text": "x"})), "unsupported type of text: markdown"),
        (home({"type": "header", "text": mrkdwn("H")}), "must be one of: plain_text"),
        (home({"type": "header", "text": plain("H" * 151)}), "must be less than 151 characters"),
        (home({"type": "context", "elements": [mrkdwn("x")] * 11}), "no more than 10 items allowed"),
        (home({"type": "context", "elements": [button()]}), "unsupported type of element: button"),
        (home(actions(*[button()] * 26)), "no more than 25 items allowed"),
        (home(actions()), "no fewer than 1 items allowed"),
        (home(actions(button(action_id="a"), button(action_id="a"))), "already exists in this block"),
        (home(actions(button(text=plain("x" * 76)))), "must be less than 76 characters"),
        (home(actions(button(text=mrkdwn("x")))), "must be one of: plain_text"),
        (home(actions(button(value="v" * 2001))), "must be less than 2001 characters"),
        (home(actions(button(style="blue"))), "must be one of: primary, danger"),
        (home(actions(button(url="not a url"))), "must be a valid URL"),
        (home(actions(button(confirm={"title": plain("t")}))), "missing required field: text"),
        (home(section(block_id="b"), section(block_id="b")), "`block_id` already exists: b"),
        (home(section(block_id="b" * 256)), "[json-pointer:/view/blocks/0/block_id]"),
        (home({"type": "section", "text": mrkdwn("x"), "colour": 1}), "invalid additional property: colour"),
        (home({"type": "banner"}), "unsupported type of block: banner"),
        (home({"text": mrkdwn("x")}), "missing required field: type"),
        (home({"type": "image", "image_url": "https://a.b/c"}), "missing required field: alt_text"),
        (home({"type": "image", "image_url": "ftp://a.b/c", "alt_text": "a"}), "must be a valid URL"),
        (home({"type": "image", "alt_text": "a"}), "must define exactly one of image_url, slack_file"),
        (home({"type": "image", "slack_file": {"id": "nope"}, "alt_text": "a"}), "must match regex pattern"),
        (home(actions({"type": "static_select", "options": options(101)})), "no more than 100 items allowed"),
        (home(actions({"type": "static_select"})), "must define exactly one of options, option_groups"),
        (home(actions({"type": "static_select", "options": [options(1)[0]] * 2})), "option values must be unique"),
        (
            home(actions({"type": "static_select", "options": options(2), "initial_option": options(3)[2]})),
            "initial option must exactly match",
        ),
        (
            home(actions({"type": "static_select", "options": [{"text": plain("x" * 76), "value": "v"}]})),
            "must be less than 76 characters",
        ),
        (
            home(actions({"type": "static_select", "options": [{"text": plain("x"), "value": "v" * 151}]})),
            "must be less than 151 characters",
        ),
        (home(actions({"type": "overflow", "options": options(6)})), "no more than 5 items allowed"),
        (modal(field({"type": "radio_buttons", "options": options(11)})), "no more than 10 items allowed"),
        (modal(field(button())), "unsupported type of element: button"),
        (modal(field(label=plain("L" * 2001))), "must be less than 2001 characters"),
        (modal(field({"type": "plain_text_input", "max_length": 3001})), "must be between 1 and 3000"),
        (
            modal(field({"type": "plain_text_input", "placeholder": plain("p" * 151)})),
            "must be less than 151 characters",
        ),
        (modal(field({"type": "datepicker", "initial_date": "21.11.2026"})), "must match regex pattern"),
        (modal(field({"type": "number_input"})), "missing required field: is_decimal_allowed"),
        (
            modal(*[field({"type": "plain_text_input", "focus_on_load": True}) for _ in range(2)]),
            "only one element can have focus_on_load",
        ),
        (modal(chart()), "block type data_visualization is not allowed on this surface: modal"),
        (modal({"type": "card", "title": mrkdwn("C")}), "not allowed on this surface: modal"),
        (home({"type": "markdown", "text": "x"}), "not allowed on this surface: home"),
        (home({"type": "table", "rows": []}), "not allowed on this surface: home"),
        (home({"type": "alert", "text": mrkdwn("x")}), "not allowed on this surface: home"),
        (home(actions({"type": "datetimepicker"})), "element datetimepicker is not allowed on this surface: home"),
        (home(field({"type": "url_text_input"})), "not allowed on this surface: home"),
        ({"blocks": [field({"type": "file_input"})]}, "not allowed on this surface: message"),
        (home(chart(title="T" * 51)), "must be less than 51 characters"),
        (home(chart(21)), "no more than 20 items allowed"),
        (home(chart(1, 7)), "no more than 6 items allowed"),
        (home(pie(1, 0)), "must be greater than 0"),
        (home(pie(*range(1, 8))), "no more than 6 items allowed"),
        ({"blocks": [chart(), chart(), chart()]}, "no more than 2 data_visualization blocks"),
        ({"blocks": {"type": "section"}}, "must be an array [json-pointer:/blocks]"),
        ({"metadata": {"event_type": "x"}}, "invalid_metadata_format"),
        ({"text": "x" * 4001}, "msg_too_long"),
        ({"blocks": [section(text=mrkdwn("x" * 2500))] * 5}, "msg_blocks_too_long"),
        (home(*[section(text=mrkdwn("x" * 2990))] * 90), "view_too_large"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_slack_refuses_is_refused(view: Json, said: str) -> None:
    assert said in faults(view)


def test_a_chart_needs_exactly_one_point_per_category() -> None:
    lacking, doubled, renamed = chart(), chart(), chart()
    lacking["chart"]["series"][0]["data"].pop()
    doubled["chart"]["series"][0]["data"][0]["label"] = "week 1"
    renamed["chart"]["axis_config"]["categories"][0] = "week 9"
    for wrong in (lacking, doubled, renamed):
        assert "exactly one data point per category" in faults(home(wrong))
    long = chart()
    long["chart"]["axis_config"]["categories"][0] = "w" * 21
    assert "must be less than 21 characters" in faults(home(long))
    numberless = chart()
    numberless["chart"]["series"][0]["data"][0]["value"] = "12"
    assert "must be a number" in faults(home(numberless))


def test_a_workspace_that_charts_have_not_reached_refuses_them() -> None:
    config = replace(CONFIG, refuse_charts=True)

    assert faults(home(chart()), config).startswith("invalid_blocks: ")
    assert faults({"blocks": [chart()]}, config).startswith("invalid_blocks: ")
    assert faults(home(section()), config) == ""
    assert faults(home(chart()), replace(config, charts_refused_with="invalid_arguments")).startswith(
        "invalid_arguments"
    )


def test_faults_of_views_are_invalid_arguments_and_of_messages_invalid_blocks() -> None:
    assert faults(home({"type": "banner"})).startswith("invalid_arguments: [ERROR] failed to match all allowed schemas")
    assert faults({"blocks": [{"type": "banner"}]}).startswith("invalid_blocks: ")
