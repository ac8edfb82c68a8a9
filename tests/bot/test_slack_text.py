"""What people write in Slack, read as they would have typed it anywhere else."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack_text import own_emoji, plain_text, typed, with_emoji


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("Please share <https://example.com/a?x=1&amp;y=2|our news>.", "Please share https://example.com/a?x=1&y=2."),
        ("Hi <@U0BEA00001|bea>, look <!here> &amp; tell <mailto:ada@example.com|Ada>", "Hi, look & tell Ada"),
        ("<@U0BEA00001> one\n<#C1|general> two", "one\ntwo"),
        ("*Big* news :tada: for _all_ of ~them~ us `now`", "Big news 🎉 for all of them us now"),
        ("*_both_* and _*both*_.", "both and both."),
        ("(*bold*), *two words*!", "(bold), two words!"),
        ("2 * 3 * 4, a_b_c, x*y*z, * not bold *", "2 * 3 * 4, a_b_c, x*y*z, * not bold *"),
        ("<https://example.com/_a_/*b*>", "https://example.com/_a_/*b*"),
        ("&gt; quoted\nand ```\nx = 1\n```", "quoted\nand x = 1"),
        ("See you <!date^1392734382^{date_short}|18 Feb>", "See you 18 Feb"),
        (":wave::skin-tone-3: :flag-de: :male-technologist: :partyparrot: !", "👋🏼 🇩🇪 👨‍💻!"),
        ("At 10:30:45, ratio 1:2:3, http://[::1]:80/a:b:c", "At 10:30:45, ratio 1:2:3, http://[::1]:80/a:b:c"),
        ("1 &lt; 2 &amp;amp; 3", "1 < 2 &amp; 3"),
    ],
)
def test_a_message_is_read_as_a_person_would_have_typed_it(message: str, text: str) -> None:
    assert plain_text(message) == text
    assert typed({"text": message}) == text


def rich(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"text": "*not* read", "blocks": [{"type": "rich_text", "elements": list(elements)}]}


def section(*pieces: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text_section", "elements": list(pieces)}


def text(said: str, **style: bool) -> dict[str, Any]:
    return {"type": "text", "text": said, **({"style": style} if style else {})}


def test_a_formatted_message_is_read_piece_by_piece() -> None:
    message = rich(
        section(
            text("We are "),
            text("hiring", bold=True),
            text(" *really* "),
            {"type": "emoji", "name": "tada", "unicode": "1f389"},
            {"type": "emoji", "name": "partyparrot"},
            text(" "),
            {"type": "user", "user_id": "U0BEA00001"},
            text(", see "),
            {"type": "link", "url": "https://example.com/jobs", "text": "our jobs"},
            {"type": "link", "url": "mailto:ada@example.com", "text": " ask Ada"},
        ),
        {"type": "rich_text_list", "style": "bullet", "elements": [section(text("One")), section(text("Two"))]},
        {"type": "rich_text_list", "style": "ordered", "offset": 2, "elements": [section(text("Three"))]},
        {"type": "rich_text_quote", "elements": [text("They said"), {"type": "broadcast", "range": "here"}]},
        {"type": "rich_text_preformatted", "elements": [text("x = 1")]},
    )
    assert typed(message) == (
        "We are hiring *really* 🎉, see https://example.com/jobs ask Ada\n• One\n• Two\n3. Three\nThey said\nx = 1"
    )


@pytest.mark.parametrize(
    ("piece", "sign"),
    [
        ({"name": "wave", "skin_tone": 2, "unicode": "1f44b-1f3fb"}, "👋🏻"),
        ({"name": "heart"}, "❤️"),
        ({"name": "x", "unicode": "zz-<"}, "❌"),
        ({"name": "nothing", "unicode": "ffffff"}, ""),
        ({}, ""),
    ],
)
def test_an_emoji_is_the_character_that_slack_names(piece: dict[str, Any], sign: str) -> None:
    assert typed(rich(section({"type": "emoji", **piece}))) == sign


@pytest.mark.parametrize(
    "message", [{}, {"text": None}, {"blocks": None}, {"blocks": [{"type": "section"}], "text": "a"}]
)
def test_a_message_without_text_is_empty(message: dict[str, Any]) -> None:
    assert typed(message) == (message.get("text") or "")


def test_codes_in_a_box_become_characters_and_those_of_the_workspace_stay_and_are_named() -> None:
    assert with_emoji(":tada: :partyparrot: https://a.example/:x:/ 10:30:45") == (
        "🎉 :partyparrot: https://a.example/:x:/ 10:30:45"
    )
    assert own_emoji(":tada: :partyparrot: 10:30:45") == [":partyparrot:"]


@given(st.text(st.sampled_from("ab *_~`:<>&;|#@!/\n") | st.characters(codec="utf-8"), max_size=60))
def test_any_text_can_be_read(message: str) -> None:
    assert plain_text(plain_text(message)) is not None
    assert own_emoji(plain_text(message)) is not None


@pytest.mark.parametrize("piece", ["*a ", "*", "_*", "`a", "```", ":a", "<", ":a:"])
def test_no_message_takes_long_to_read(piece: str) -> None:
    began = time.monotonic()
    plain_text(piece * (40_000 // len(piece)))
    assert time.monotonic() - began < 2


@given(st.text(st.characters(categories=["L", "Nd"]), min_size=1).map(lambda word: f"{word} {word}"))
def test_words_stay_as_they_are(message: str) -> None:
    assert plain_text(message) == message
    assert with_emoji(message) == message
