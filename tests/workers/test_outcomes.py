"""What a member is told of a publication."""

from dataclasses import replace

import pytest

from grapevine.domain.posts import Post, PostKind
from grapevine.domain.shares import Placement, PlacementState, Share, Status
from tests.people import NOON
from workers.outcomes import message, summary

OUT = Status(PlacementState.PUBLISHED, NOON, "song-1", "https://birdsong.example/1")


def shared(kind: PostKind) -> Share:
    placements = (Placement("birdsong", "birdsong:bea", "Look"), Placement("owl", "owl:bea", "Look"))
    return Share("s", "m", Post(kind, "https://vine.example/night", "Night"), NOON, placements)


def told(kind: PostKind) -> str:
    share = shared(kind)
    said = message(share, share.placements[0], OUT, "Birdsong")
    assert said is not None
    return str(said[1])


def test_people_who_follow_a_link_are_promised_to_be_told_of() -> None:
    assert "I tell you when people follow it" in told(PostKind.LINK)


def test_of_pictures_nothing_is_promised_that_is_not_counted() -> None:
    for kind in (PostKind.IMAGE, PostKind.VIDEO):
        assert "follow" not in told(kind)
        assert "Its clicks are not counted; its reactions show on Home." in told(kind)


def test_what_a_network_left_out_is_said_with_the_news() -> None:
    share, lacks = shared(PostKind.IMAGE), "Birdsong did not take the picture's description."
    alone = message(share, share.placements[0], replace(OUT, reason=lacks), "Birdsong")
    assert alone is not None
    together = summary(
        share, {"birdsong": replace(OUT, reason=lacks), "owl": OUT}, {"birdsong": "Birdsong", "owl": "Owl"}, ()
    )
    for text, blocks in (alone, together):
        assert lacks in text
        assert str(blocks).count("did not take the picture's description") == 1


REFUSED = Status(PlacementState.REFUSED, NOON, reason="It is too long.")
ASKING = Status(PlacementState.ASKING, NOON)
WAITS = Status(PlacementState.PENDING, NOON)


@pytest.mark.parametrize(
    ("statuses", "headline"),
    [
        ((OUT, OUT), "Your share is out"),
        ((OUT, WAITS), "Your share is out"),
        ((WAITS, WAITS), "Your share is on its way"),
        ((OUT, REFUSED), "Your share is out, but not everywhere"),
        ((OUT, REFUSED, ASKING), "Your share is out, but not everywhere"),
        ((OUT, ASKING), "Your share is out, with a question"),
        ((WAITS, ASKING), "A question about your share"),
        ((WAITS, REFUSED), "Part of your share did not go out"),
        ((ASKING, REFUSED), "Part of your share did not go out"),
        ((REFUSED, REFUSED), "Your share did not go out"),
    ],
)
def test_the_headline_is_true_of_all_networks(statuses: tuple[Status, ...], headline: str) -> None:
    names = [f"n{number}" for number in range(len(statuses))]
    placements = tuple(Placement(name, f"{name}:bea", "Look") for name in names)
    share = Share("s", "m", Post(PostKind.LINK, "https://vine.example/night", "Night"), NOON, placements)
    text, blocks = summary(share, dict(zip(names, statuses, strict=True)), {name: name for name in names}, ())
    assert text.startswith(f"{headline}: Night\n")
    assert blocks[0]["text"]["text"].startswith(f"{headline}: *Night*\n")


def test_of_a_whole_share_as_well_nothing_is_promised_that_is_not_counted() -> None:
    placements = (Placement("birdsong", "birdsong:bea", "Look"), Placement("oaks", "oaks:bea", "Look"))
    share = Share("s", "m", Post(PostKind.IMAGE, "https://vine.example/night", "Night"), NOON, placements)
    titles = {"birdsong": "Birdsong", "oaks": "Oaks"}
    assert "Its clicks are not counted" in str(summary(share, {"birdsong": OUT, "oaks": WAITS}, titles, ()))
    assert "counted" not in str(summary(share, {"birdsong": REFUSED, "oaks": WAITS}, titles, ()))
