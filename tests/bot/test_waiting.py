"""Home says until when a network wants to be left alone, where a check of the member's posts waits for that."""

import time
from dataclasses import replace

from bot.shares_view import windows
from grapevine.domain.accounts import Account, AccountState
from grapevine.domain.budgets import Use
from grapevine.domain.posts import Post, PostKind
from grapevine.domain.shares import Placement, PlacementState, Share, Status
from grapevine.store import Store
from tests.bot.stage import Stage, staged, text_of
from tests.bot.test_home_view import facts
from tests.bot.test_offers import home_of
from tests.fakes import Birdsong
from tests.people import BEA, NOON

SAID = "Birdsong asked to wait; checks go on at"


async def shared(stage: Stage) -> tuple[str, str, str]:
    """A share of Bea's whose reactions are gathered, as member, share and network."""
    await stage.types(BEA, "help")
    member, now = await stage.member(BEA), time.time()
    account = Account("birdsong", "7", "Bea at Birdsong", AccountState.CONNECTED, now)
    await stage.store.accounts.connect(member, account, "token")
    post, sid = Post(PostKind.LINK, "https://example.com/jobs", "Jobs"), stage.store.shares.new_id()
    share = Share(sid, member.id, post, now, (Placement("birdsong", account.id, "Look"),))
    await stage.store.shares.make(share, {"birdsong": Status(PlacementState.PUBLISHED, now, "1", "https://b/1")}, now)
    await stage.store.reactions.open(member.id, sid, "birdsong", now)
    return member.id, sid, "birdsong"


async def test_home_says_until_when_checks_wait(store: Store, redis_url: str) -> None:
    async with staged(store, redis_url, {"birdsong": Birdsong()}) as stage:
        placement = await shared(stage)
        assert SAID not in text_of(await home_of(stage, BEA))
        await store.pauses.account("birdsong:7", 900, time.time())
        await store.reactions.later([placement], time.time() + 900)
        assert SAID in text_of(await home_of(stage, BEA))


async def test_home_says_nothing_of_a_pause_that_holds_up_no_check_or_for_minutes_only(
    store: Store, redis_url: str
) -> None:
    async with staged(store, redis_url, {"birdsong": Birdsong()}) as stage:
        placement, now = await shared(stage), time.time()
        await store.pauses.account("birdsong:7", 900, now, Use.POSTING)
        await store.reactions.later([placement], now + 300)
        assert SAID not in text_of(await home_of(stage, BEA))
        await store.pauses.network("birdsong", 240)
        assert SAID not in text_of(await home_of(stage, BEA))
        await store.pauses.network("birdsong", 900)
        await store.reactions.later([placement], now + 7200)
        assert SAID not in text_of(await home_of(stage, BEA))
        await store.reactions.later([placement], now - 60)
        assert SAID in text_of(await home_of(stage, BEA))


def test_it_stands_beside_the_last_check_in_the_members_own_time() -> None:
    waits = facts(waits={"linkedin": NOON + 600 + 20})
    assert windows(waits)[0].endswith("· last checked 13:00 · LinkedIn asked to wait; checks go on at 13:11")
    closed = replace(facts().reactions["linkedin"], closed=NOON)
    assert "asked to wait" not in windows(replace(waits, reactions={"linkedin": closed}))[0]


def test_what_has_to_be_connected_again_says_so_at_home() -> None:
    gone = Status(PlacementState.REFUSED, NOON, reason="Your LinkedIn connection no longer works.", reconnect=True)
    said = windows(facts(statuses={"linkedin": gone}))[0]
    assert said.endswith("no longer works. Connect LinkedIn again, then share the post once more.")
