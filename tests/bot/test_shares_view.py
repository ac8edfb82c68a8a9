"""What a share's line says of its reactions."""

from bot.shares_view import reactions
from grapevine.domain.reactions import Counts, Reactions
from tests.bot.test_home_view import facts
from tests.people import NOON


def test_reshares_that_are_not_told_are_no_zero_and_the_sum_is_at_least_so_many() -> None:
    def said(**known: Counts) -> str:
        return reactions(facts(reactions={name: Reactions(one, NOON, NOON + 86400) for name, one in known.items()}))

    assert said(linkedin=Counts(3, 1, None)).endswith(
        "at least *4* reactions (3 likes, 1 comment, reshares not available)"
    )
    both = said(linkedin=Counts(3, 1, None), x=Counts(0, 0, 1))
    assert both.endswith("at least *5* reactions (3 likes, 1 comment, at least 1 reshare)")
    assert said(linkedin=Counts(0, 0, None)).endswith("No likes, no comments; reshares not available")
