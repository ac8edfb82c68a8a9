"""Rule 11 on Home: how seldom posts are checked, where a network's quota does not cover every day."""

from grapevine.domain.accounts import Account, AccountState
from grapevine.domain.budgets import Cadence, Quota
from grapevine.store import Store
from tests.bot.stage import Stage, staged, text_of
from tests.bot.test_offers import home_of
from tests.fakes import Birdsong
from tests.people import BEA, NOON


async def connected(stage: Stage) -> str:
    """Bea's account at Birdsong; her member id."""
    await stage.types(BEA, "help")
    member = await stage.member(BEA)
    account = Account("birdsong", "7", "Bea at Birdsong", AccountState.CONNECTED, NOON, reach=12)
    await stage.store.accounts.connect(member, account, "token")
    return member.id


async def test_home_says_how_seldom_where_a_quota_is_too_small_and_nothing_elsewhere(
    store: Store, redis_url: str
) -> None:
    for quota, said in ((Quota(per_account=100, calls=3), True), (None, False), (Quota(300, window=300.0), False)):
        async with staged(store, redis_url, {"birdsong": Birdsong(quota=quota)}) as stage:
            mid = await connected(stage)
            await store.cadences.note("birdsong", Cadence(1, 2, extras=False), {mid: Cadence(1, 3, extras=False)})
            told = text_of(await home_of(stage, BEA))
            assert ("checked every 3 days; new posts and those with news every day" in told) is said
            assert ("checked every" in told) is said
            await store.cadences.note("birdsong", Cadence(), {})
            assert "checked every" not in text_of(await home_of(stage, BEA))
