"""A Mastodon server counts the address that asks without a token: then nobody reads there, and everybody posts."""

import time
from collections.abc import AsyncIterator

import pytest

from grapevine.domain.budgets import Use
from grapevine.domain.shares import PlacementState
from tests.workers.stage import Stage, staged


@pytest.fixture
async def mastodon(redis_url: str) -> AsyncIterator[Stage]:
    async with staged(redis_url, "mastodon") as stage:
        yield stage


async def test_a_server_that_counts_our_address_is_read_by_nobody_and_takes_posts(mastodon: Stage) -> None:
    stage = mastodon
    share, _ = await stage.published()
    server = stage.account.id.rpartition("@")[2]
    stage.network.break_("address", stage.network.read)
    await stage.refresh(share)
    for account in (stage.account.id, f"mastodon:2@{server}"):
        assert await stage.store.pauses.left(account) == pytest.approx(300, abs=2)
        assert await stage.store.pauses.left(account, Use.POSTING, Use.UPLOADING) == 0
    for other in ("mastodon:2@elsewhere.example", f"x:2@{server}"):
        assert await stage.store.pauses.left(other, *Use) == 0
    assert (await stage.publish(await stage.share("Once more"))).state is PlacementState.PUBLISHED
    stage.network.mend()
    await stage.refresh(share)
    assert (await stage.reactions(share)).checked is None


async def test_it_is_counted_as_a_server_that_nobody_can_name(mastodon: Stage) -> None:
    stage, now = mastodon, time.time()
    await stage.store.pauses.server("mastodon", "bea.example", 60, now)
    assert await stage.store.pauses.servers(now) == {"mastodon": 1}
    assert await stage.store.pauses.accounts(now) == {}
    assert [key async for key in stage.store.redis.scan_iter(match="*bea.example*")] == []
    assert "bea.example" not in str(await stage.store.redis.zrange("paused", 0, -1))
    await stage.store.pauses.server("mastodon", "bea.example", 5, now)
    assert await stage.store.pauses.left("mastodon:1@bea.example") > 50
    assert await stage.store.pauses.lift("mastodon")
    assert await stage.store.pauses.left("mastodon:1@bea.example") == 0
    assert await stage.store.pauses.servers(now) == {}
