"""What a caption becomes: places in bytes, lengths, record keys."""

from dataclasses import replace
from itertools import pairwise

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from grapevine.domain.links import links_in
from grapevine.networks.bluesky_answers import wait
from grapevine.networks.bluesky_posts import LIMIT, facets, key_of, length, record
from tests.networks.bluesky_stand_in import DRAFT, IMAGE, LINK

WORDS = st.sampled_from(
    [
        "Grüße",
        "👩‍👩‍👧",
        "🇪🇺",
        "e\u0301",
        "語",
        "#Vines",
        "#2026",
        "#Größe!",
        "＃全角",
        LINK,
        f"({LINK})",
        "a#b",
        "\n",
        "x",
    ]
)


def places(text: str) -> list[tuple[str, str]]:
    """Of each facet the words that it covers, and what it makes of them."""
    found = []
    for facet in facets(text):
        (feature,) = facet["features"]
        covered = text.encode()[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode()
        found.append((covered, feature.get("uri") or feature["tag"]))
    return found


@given(st.lists(WORDS | st.text(max_size=8), max_size=12).map(" ".join))
def test_every_facet_covers_what_it_names_and_none_overlaps(text: str) -> None:
    assert [uri for covered, uri in places(text) if covered == uri] == [text[a:b] for a, b in links_in(text)]
    assert all(covered == named or covered[1:] == named for covered, named in places(text))
    spans = [(one["index"]["byteStart"], one["index"]["byteEnd"]) for one in facets(text)]
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("#Vines and #Größe!", ["Vines", "Größe"]),
        ("#2026 a#b # ##x #!", []),
        ("＃全角 #c++", ["全角", "c++"]),
        (f"{LINK}#here", []),
        ("#" + "x" * 65, []),
    ],
)
def test_tags_are_what_bluesky_takes_for_tags(text: str, tags: list[str]) -> None:
    assert [named for covered, named in places(text) if covered != named] == tags


@given(st.text(max_size=400))
def test_a_length_within_the_limit_is_one_that_bluesky_takes(text: str) -> None:
    taken = len(regex.findall(r"\X", text)) <= LIMIT and len(text.encode()) <= 3000
    assert (length(text) <= LIMIT) == taken


def test_a_text_of_huge_characters_is_too_long_by_its_bytes() -> None:
    family = "👩‍👩‍👧‍👦"
    assert length(family * 120) == 120
    assert length(family * 121) > LIMIT


def test_a_record_key_is_a_tid_of_the_share_and_the_same_at_every_attempt() -> None:
    draft = replace(DRAFT, key="k", at=1_767_225_600.9)
    assert key_of(draft) == key_of(replace(draft, caption="Another"))
    assert key_of(draft) != key_of(replace(draft, key="l"))
    assert key_of(DRAFT) != key_of(IMAGE)
    number = 0
    for letter in key_of(draft):
        number = number << 5 | "234567abcdefghijklmnopqrstuvwxyz".index(letter)
    assert number >> 63 == 0
    assert (number >> 10) // 1_000_000 == 1_767_225_600
    assert key_of(draft) < key_of(replace(draft, at=draft.at + 1))


def test_a_video_makes_a_card_of_its_address_and_a_card_without_a_title_has_the_hosts_name() -> None:
    video = replace(DRAFT, link=None, post=replace(DRAFT.post, title="", url="https://video.example.com/v"))
    assert record(video, (), 0)["embed"]["external"]["title"] == "video.example.com"
    assert record(video, (), 0)["embed"]["external"]["uri"] == "https://video.example.com/v"
    assert record(video, (), 0)["createdAt"] == "1970-01-01T00:00:00.000Z"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"ratelimit-reset": "1120"}, 120.0),
        ({"ratelimit-reset": "900"}, 1.0),
        ({"ratelimit-reset": "soon", "Retry-After": "7"}, 7.0),
        ({}, None),
    ],
)
def test_a_limit_ends_when_the_server_says(headers: dict[str, str], seconds: float | None) -> None:
    assert wait(headers, 1000.0) == seconds
