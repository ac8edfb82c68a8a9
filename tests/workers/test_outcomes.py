"""What a member is told of a publication."""

from grapevine.domain.posts import Post, PostKind
from grapevine.domain.shares import Placement, PlacementState, Share, Status
from tests.people import NOON
from workers.outcomes import message

OUT = Status(PlacementState.PUBLISHED, NOON, "song-1", "https://birdsong.example/1")


def told(kind: PostKind) -> str:
    placement = Placement("birdsong", "birdsong:bea", "Look")
    share = Share("s", "m", Post(kind, "https://vine.example/night", "Night"), NOON, (placement,))
    said = message(share, placement, OUT, "Birdsong")
    assert said is not None
    return str(said[1])


def test_people_who_follow_a_link_are_promised_to_be_told_of() -> None:
    assert "I tell you when people follow it" in told(PostKind.LINK)


def test_of_pictures_nothing_is_promised_that_is_not_counted() -> None:
    for kind in (PostKind.IMAGE, PostKind.VIDEO):
        assert "follow" not in told(kind)
        assert "Its clicks are not counted; its reactions show on Home." in told(kind)
