"""The composer as a pure function of what has been filled in."""

from dataclasses import replace
from typing import Any

import pytest

from bot import composer_view, form
from bot.form import Check, Choice, File, Form
from grapevine.domain.posts import PostKind
from grapevine.domain.shares import MY_LINK
from tests.blockkit import takes

CHOICES = [
    Choice("linkedin", "LinkedIn", "Bea Lindqvist", 3000),
    Choice("x", "X", "Bea Lindqvist", 280),
    Choice(MY_LINK, "My link"),
]
FORM = Form(url="https://example.com/launch", networks=("linkedin", "x"), captions={"linkedin": "Look!", "x": "Look"})


def answered(view: dict[str, Any]) -> dict[str, Any]:
    """The view as Slack sends it back when nothing was touched: every input's initial value."""
    values: dict[str, Any] = {}
    for block in view["blocks"]:
        if block["type"] == "input":
            element = block["element"]
            told: dict[str, Any] = {"type": element["type"]}
            if element["type"] == "plain_text_input":
                told["value"] = element.get("initial_value")
            elif element["type"] == "static_select":
                told["selected_option"] = element.get("initial_option")
            else:
                told["selected_options"] = element.get("initial_options", [])
            values[block["block_id"]] = {element["action_id"]: told}
    return {"private_metadata": view["private_metadata"], "state": {"values": values}}


@pytest.mark.parametrize("kind", PostKind)
def test_slack_takes_the_composer_for_every_kind_of_post(kind: PostKind) -> None:
    choices = [replace(CHOICES[0], films=True), *CHOICES[1:]]
    takes(composer_view.view(replace(FORM, kind=kind), choices, ["One", "Two " * 100]))


def test_slack_takes_the_composer_at_its_extremes() -> None:
    filled = replace(
        FORM,
        url="https://example.com/" + "a" * 2028,
        title="t" * 200,
        captions={"linkedin": "<&>" * 1000, "x": "x" * 3000},
        networks=("linkedin", "x", MY_LINK),
    )
    checks = [Check("linkedin", "<&>\n" * 900, 3601, ("w" * 2000, "v" * 2000), fixable=True)]
    takes(composer_view.view(filled, CHOICES, ["s" * 3000] * 100, checks))


def test_slack_takes_the_composer_of_a_member_without_any_account() -> None:
    view = composer_view.view(Form(networks=(MY_LINK,)), [Choice(MY_LINK, "My link", note="Connect one.")])
    takes(view)
    assert "Connect one." in str(view)


def test_what_was_filled_in_is_read_back() -> None:
    for filled in (
        FORM,
        replace(FORM, kind=PostKind.ARTICLE, title="T", description="D", revision=3, seen="1f2e", offer="o"),
        replace(FORM, kind=PostKind.IMAGE, title="T", more="https://example.com/b.png A view", utm=False),
    ):
        assert form.read(answered(composer_view.view(filled, CHOICES))) == filled


def test_each_chosen_network_has_a_caption_of_its_own_with_its_own_limit() -> None:
    view = composer_view.view(FORM, CHOICES)
    hints = {block["block_id"]: block["hint"]["text"] for block in view["blocks"] if "caption" in block["block_id"]}
    assert "Up to 3,000 characters as LinkedIn counts them" in hints["caption:linkedin:0"]
    assert "Up to 280 characters as X counts them" in hints["caption:x:0"]


def test_a_text_of_the_app_s_own_comes_in_a_new_box_which_slack_fills_anew() -> None:
    changed = form.with_captions(FORM, {"x": "See https://example.com"})
    ids = [block["block_id"] for block in composer_view.view(changed, CHOICES)["blocks"]]
    assert "caption:x:1" in ids
    assert changed.captions == {"linkedin": "Look!", "x": "See https://example.com"}


def test_utm_is_asked_only_where_the_workspace_wants_it() -> None:
    assert "utm" in [block["block_id"] for block in composer_view.view(FORM, CHOICES)["blocks"]]
    without = composer_view.view(replace(FORM, utm_offered=False), CHOICES)
    assert "utm" not in [block["block_id"] for block in without["blocks"]]


def test_slack_takes_what_is_said_when_the_share_is_made() -> None:
    takes(composer_view.done(["On its way to LinkedIn and X."], "https://go.example.com/abc2345"))
    takes(composer_view.done([], "https://go.example.com/abc2345"))


def test_an_emoji_that_was_picked_in_a_box_is_read_as_its_character() -> None:
    captions = {"linkedin": ":tada:", "x": ":our_own:"}
    filled = replace(FORM, kind=PostKind.ARTICLE, title="Out :rocket:", captions=captions)
    read = form.read(answered(composer_view.view(filled, CHOICES)))
    assert (read.title, read.captions) == ("Out 🚀", {"linkedin": "🎉", "x": ":our_own:"})


def test_pictures_from_a_device_are_read_as_slack_names_them() -> None:
    said = answered(composer_view.view(replace(FORM, kind=PostKind.IMAGE, url=""), CHOICES))
    file = {"id": "F0ROOM0001", "name": "room.png", "permalink": "https://example.slack.com/files/F0ROOM0001"}
    said["state"]["values"]["files:0"]["value"] = {"type": "file_input", "files": [file | {"size": 7}]}
    read = form.read(said)
    assert read.files == (File("F0ROOM0001", "room.png", "https://example.slack.com/files/F0ROOM0001"),)
    assert read.url == ""


def test_a_video_is_offered_where_a_network_takes_it_and_on_that_alone() -> None:
    def kinds(choices: list[Choice]) -> str:
        return str(composer_view.view(FORM, choices)["blocks"][1])

    films = replace(CHOICES[0], films=True)
    assert "Video" not in kinds(CHOICES)
    assert "Video" in kinds([films, *CHOICES[1:]])
    view = composer_view.view(replace(FORM, kind=PostKind.VIDEO), [films, *CHOICES[1:]])
    (where,) = [block for block in view["blocks"] if block.get("block_id") == "networks"]
    assert [option["value"] for option in where["element"]["options"]] == ["linkedin"]
    assert [one["block_id"] for one in view["blocks"] if "caption" in one.get("block_id", "")] == ["caption:linkedin:0"]


@pytest.mark.parametrize(("mine", "left"), [("", ""), ("Mine", "Mine")])
def test_the_words_of_a_page_go_with_it_and_what_the_member_wrote_stays(mine: str, left: str) -> None:
    filled = form.with_words(replace(FORM, kind=PostKind.ARTICLE, title=mine), "Jobs", "Come and see.")
    assert (filled.title, filled.description) == (mine or "Jobs", "Come and see.")
    said = answered(composer_view.view(filled, CHOICES))
    assert form.read(said) == filled
    said["state"]["values"]["url:0"]["value"]["value"] = "https://example.com/another"
    another = form.read(said)
    assert (another.title, another.description) == (left, "")
    assert form.with_words(another, "News", "Read on.").title == (left or "News")
