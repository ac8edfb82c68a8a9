"""Rule 8: an address without http:// or https:// is not a link to Grapevine; rule 3: no clicks for images."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grapevine.domain.captions import bare_links, remarks, with_schemes


@pytest.mark.parametrize(
    "bare", ["example.com", "www.example.de", "example.com/a?b=c", "sub.example.co/x", "Example.COM"]
)
def test_an_address_without_a_scheme_is_said_so_with_the_corrected_one(bare: str) -> None:
    (remark,) = remarks(f"See {bare}, it is good", counts_clicks=True)
    assert bare in remark.text
    assert remark.corrected == f"See https://{bare}, it is good"


@pytest.mark.parametrize(
    "text",
    [
        "https://example.com/x and http://www.example.com",
        "write to bea@example.com",
        "open README.md, main.py or node.js",
        "version 1.2.3, e.g. this",
        "https://example.com/see/other.com/page",
        "end of sentence.Next one",
    ],
)
def test_what_is_no_bare_address_is_left_alone(text: str) -> None:
    assert remarks(text, counts_clicks=True) == []


def test_a_link_that_is_short_already_is_pointed_out() -> None:
    (remark,) = remarks("Look: https://bit.ly/3xyz", counts_clicks=True)
    assert "https://bit.ly/3xyz is a short link already" in remark.text
    assert remark.corrected is None


def test_a_link_in_an_image_post_s_caption_is_said_not_to_be_counted() -> None:
    (remark,) = remarks("Photo from https://example.com", counts_clicks=False)
    assert "not counted" in remark.text


@given(
    st.text(alphabet="abc.com/ @:#https", max_size=60)
    | st.lists(st.sampled_from("a.com www.b.de/x https://c.com , ( @ : # . /".split()), max_size=9).map(" ".join)
)
def test_correcting_a_caption_leaves_no_bare_address(text: str) -> None:
    corrected = with_schemes(text)
    assert bare_links(corrected) == []
    assert corrected.count("https://") == text.count("https://") + len(bare_links(text))
    assert corrected.replace("https://", "") == text.replace("https://", "")
