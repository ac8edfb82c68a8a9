"""What a member is told of a publication."""

from dataclasses import replace

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
