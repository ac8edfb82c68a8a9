"""The links that a caption holds (rule 2), and slugs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grapevine.domain.links import ALPHABET, links_in, replace_links


def urls(text: str) -> list[str]:
    return [text[start:end] for start, end in links_in(text)]


@pytest.mark.parametrize(
    ("caption", "found"),
    [
        ("Read https://example.com/a.", ["https://example.com/a"]),
        ("(see https://example.com/a_(b))", ["https://example.com/a_(b)"]),
        ("“https://example.com/a”, https://b.example?x=1!", ["https://example.com/a", "https://b.example?x=1"]),
        ("HTTP://EXAMPLE.COM and https://", ["HTTP://EXAMPLE.COM"]),
        ("[1] https://example.com/x]", ["https://example.com/x"]),
        ("no link, example.com neither, ftp://example.com too", []),
        ("https://example.com/ä?ö=ü#ß end", ["https://example.com/ä?ö=ü#ß"]),
    ],
)
def test_every_http_link_in_a_caption_is_found_without_the_sentence_s_punctuation(
    caption: str, found: list[str]
) -> None:
    assert urls(caption) == found


def test_every_link_of_a_caption_is_replaced_where_it_stands() -> None:
    caption = "First https://a.example/1, then https://b.example/2 and https://a.example/1."
    short = {"https://a.example/1": "https://go/x", "https://b.example/2": "https://go/y"}
    assert replace_links(caption, short.__getitem__) == "First https://go/x, then https://go/y and https://go/x."


@given(st.text())
def test_any_text_survives_when_each_link_is_replaced_by_itself(text: str) -> None:
    assert replace_links(text, lambda url: url) == text


def test_slugs_are_of_letters_that_nobody_confuses() -> None:
    assert not set("0O1lI") & set(ALPHABET)
    assert len(set(ALPHABET)) == len(ALPHABET) == 57
