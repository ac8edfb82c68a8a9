"""Our escapes, read back by the stand-in's own reading of "little text"."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grapevine.networks.linkedin_text import length, little
from grapevine.playground.linkedin_little import visible


@pytest.mark.parametrize(
    ("text", "commentary"),
    [
        ("Hello (world)", "Hello \\(world\\)"),
        ("#Launch2026 now", "#Launch2026 now"),
        ("#ünïcode, #日本", "#ünïcode, #日本"),
        ("We are #1", "We are \\#1"),
        ("C# and a#b and ##x", "C\\# and a\\#b and \\#\\#x"),
        ("#my_tag", "#my\\_tag"),
        ("https://go.example/a_b#part", "https://go.example/a\\_b\\#part"),
        ("back\\slash", "back\\\\slash"),
        ("@bea {x} [y] <z> a|b *c* ~d~", "\\@bea \\{x\\} \\[y\\] \\<z\\> a\\|b \\*c\\* \\~d\\~"),
    ],
)
def test_reserved_characters_are_escaped_and_hashtags_kept(text: str, commentary: str) -> None:
    assert little(text) == commentary


@given(st.text(st.sampled_from("ab1é #\\|{}@[]()<>*_~/:.\nhtps") | st.characters(codec="utf-8"), max_size=80))
def test_readers_see_the_whole_text(text: str) -> None:
    assert visible(little(text)) == text


def test_an_unescaped_text_is_cut_off() -> None:
    assert visible("Hello (world)") == "Hello "


def test_a_length_counts_escapes_and_both_halves_of_an_emoji() -> None:
    assert length("a(b) 🎉") == 9


@given(
    st.sampled_from(["", "We are ", "(", "¡Hola! ", "*", "\n"]),
    st.text(st.characters(categories=["L"]), min_size=1, max_size=12),
    st.sampled_from(["", " now", ".", "\n#next", "!", "…"]),
)
def test_a_word_after_a_hash_stays_a_hashtag(before: str, word: str, after: str) -> None:
    assert f"#{word}" in little(f"{before}#{word}{after}")
    assert visible(little(f"{before}#{word}{after}")) == f"{before}#{word}{after}"
