"""The account that a finished dance makes."""

import dataclasses

from bot.connected import account_of, packed, unpacked
from grapevine.domain.accounts import Account, AccountState, Capabilities, Profile
from grapevine.networks import offered
from grapevine.networks.base import Connected
from grapevine.settings import NetworkSettings

NOON = 1_800_000_000.0
MASTODON = offered(NetworkSettings.model_validate({}))["mastodon"]
BEA = Profile("bea@x", "Bea Lindqvist", "https://x.example/b.png", 120)
UNABLE = Capabilities(post=False, count=False, reach=False, count_reason="No counts.", reach_reason="No reach.")


def test_an_account_can_what_the_network_said_that_it_can() -> None:
    unable = account_of(MASTODON, Connected("a token", BEA, UNABLE, NOON + 60, 1000), NOON)
    assert unable == Account(
        "mastodon",
        "bea@x",
        "Bea Lindqvist",
        AccountState.CONNECTED,
        NOON,
        picture="https://x.example/b.png",
        reach=120,
        reach_at=NOON,
        expires_at=NOON + 60,
        can_post=False,
        can_count=False,
        can_reach=False,
        count_reason="No counts.",
        reach_reason="No reach.",
        caption_limit=1000,
    )
    able = account_of(MASTODON, Connected("a token", BEA, Capabilities()), NOON)
    assert (able.can_post, able.can_count, able.can_reach) == (True, True, True)


def test_without_a_number_of_followers_it_is_asked_for_again() -> None:
    known = account_of(MASTODON, Connected("a token", dataclasses.replace(BEA, reach=None), Capabilities()), NOON)
    assert (known.reach, known.reach_at) == (None, None)


def test_what_waits_for_a_choice_comes_back_as_it_was() -> None:
    options = (Connected("one", BEA, UNABLE, NOON, 500), Connected("two", Profile("cy", "Cy"), Capabilities()))
    assert unpacked(packed(options)) == options
