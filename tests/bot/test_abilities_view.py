"""What Home says of what a connection may not do, and what to do about it (rule 11)."""

from dataclasses import replace

from bot import home_view
from grapevine.domain.accounts import Account
from tests.bot.test_home_view import LINKEDIN, home, words


def said(account: Account) -> str:
    return words(home_view.view(home(accounts=[account]), chart=False))


def test_a_connection_that_may_not_post_says_what_to_do() -> None:
    assert "did not allow" not in said(LINKEDIN)
    text = said(replace(LINKEDIN, can_post=False))
    assert "LinkedIn did not allow Grapevine to post" in text
    assert "/grapevine connect linkedin" in text


def test_what_of_the_counts_is_not_told_is_said_beside_what_is() -> None:
    text = said(replace(LINKEDIN, count_reason="LinkedIn does not tell how often posts are reshared."))
    assert "Reactions: LinkedIn does not tell how often posts are reshared." in text
    assert "Reactions: not available: Ask" in said(replace(LINKEDIN, can_count=False, count_reason="Ask somebody."))


def test_a_reach_that_is_not_known_yet_is_not_called_unavailable() -> None:
    assert "reach not known yet" in said(replace(LINKEDIN, reach=None))
    assert "reach not available" in said(replace(LINKEDIN, reach=None, can_reach=False))
