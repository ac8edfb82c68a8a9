"""Shares: made once, found again in order, moved from state to state by one at a time."""

import asyncio
import json
from dataclasses import replace

import pytest

from grapevine.domain.errors import NotFound, TryLater
from grapevine.domain.links import Link
from grapevine.domain.posts import Post, PostKind
from grapevine.domain.shares import PlacementState, Receipt, ShortLink, Status
from grapevine.store import Store, keys
from tests.people import BEA, NOON
from tests.store.full import TARGET, a_share, clicked, pending


async def test_what_was_shared_is_found_as_it_was(store: Store) -> None:
    bea = await BEA.joins(store)
    share = replace(
        a_share(bea, offer="0ffe5", links=(ShortLink("slug234", TARGET),)),
        post=Post(PostKind.ARTICLE, TARGET, 'Über "Trauben" 🍇 {x}', "a|b:c", "alt"),
    )
    await store.shares.make(share, pending(share), NOON)
    assert await store.shares.get(bea.id, share.id) == share
    assert await store.shares.newest(bea.id, 0, 10) == [share]
    assert await store.shares.statuses(bea.id, share.id) == pending(share)
    assert await store.shares.of_offers(bea.id) == {"0ffe5": share.id}
    assert await store.redis.hgetall(keys.reach_days(bea.id)) == {"20261121": "120"}
    assert await store.shares.receipt(bea.id, share.id) == Receipt(networks={})
    assert await store.shares.get(bea.id, "nothing") is None
    assert await store.shares.receipt(bea.id, "nothing") == Receipt(networks={})


@pytest.mark.parametrize("kind", PostKind)
async def test_rule_3_links_and_articles_gather_clicks_and_nothing_else_does(store: Store, kind: PostKind) -> None:
    bea = await BEA.joins(store)
    share = replace(a_share(bea), post=Post(kind, TARGET))
    await store.shares.make(share, pending(share), NOON)
    assert bool(await store.clicks.salt(bea.id, share.id)) is kind.counts_clicks
    assert bool(await store.redis.exists(keys.receipt(bea.id, share.id))) is kind.counts_clicks


async def test_making_a_share_again_changes_nothing(store: Store) -> None:
    bea = await BEA.joins(store)
    share = a_share(bea)
    await store.shares.make(share, pending(share), NOON)
    salt = await store.clicks.salt(bea.id, share.id)
    await store.shares.move(
        bea.id, share.id, "mastodon", Status(PlacementState.REFUSED, NOON), [PlacementState.PENDING]
    )
    await asyncio.gather(*(store.shares.make(share, pending(share), NOON + 1) for _ in range(10)))
    assert await store.clicks.salt(bea.id, share.id) == salt
    assert (await store.shares.statuses(bea.id, share.id))["mastodon"].state is PlacementState.REFUSED
    assert await store.redis.hgetall(keys.reach_days(bea.id)) == {"20261121": "120"}


async def test_no_share_takes_the_place_of_another(store: Store) -> None:
    bea = await BEA.joins(store)
    first = replace(a_share(bea), reach=1)
    others = [replace(first, reach=number) for number in range(2, 8)]
    outcomes = await asyncio.gather(
        *(store.shares.make(one, pending(one), NOON) for one in [first, *others]), return_exceptions=True
    )
    assert outcomes.count(None) == 1
    assert sum(isinstance(one, TryLater) and "share it once more" in str(one) for one in outcomes) == 6
    kept = await store.shares.get(bea.id, first.id)
    assert kept == [first, *others][outcomes.index(None)]
    assert await store.redis.hgetall(keys.reach_days(bea.id)) == {"20261121": str(kept.reach)}


async def test_nobody_shares_who_left_or_was_erased(store: Store) -> None:
    """Rules 23 and 25: a form that is sent while its member is erased leaves nothing but nameless slugs."""
    bea = await BEA.joins(store)
    slug = await store.links.claim(Link(TARGET, bea.id, "abcdef", "mastodon", "x"))
    share = a_share(bea, links=(ShortLink(slug, TARGET),))
    await store.members.leave(bea.id, NOON, NOON + 1)
    with pytest.raises(NotFound, match="nothing was shared"):
        await store.shares.make(share, pending(share), NOON)
    assert await store.links.get(slug) == Link(TARGET)
    assert await store.shares.count(bea.id) == 0
    await store.erasure.erase(bea)
    with pytest.raises(NotFound):
        await store.shares.make(share, pending(share), NOON)
    assert [key async for key in store.redis.scan_iter(match="{*")] == []


async def test_pages_are_newest_first_and_counts_are_of_all(store: Store) -> None:
    bea = await BEA.joins(store)
    made = [replace(a_share(bea, f"share{number}"), created=NOON + number) for number in range(7)]
    for share in made[::2] + made[1::2]:
        await store.shares.make(share, pending(share), NOON)
    pages = [await store.shares.newest(bea.id, skip, 3) for skip in (0, 3, 6, 9)]
    assert [[share.id[-1] for share in page] for page in pages] == [["6", "5", "4"], ["3", "2", "1"], ["0"], []]
    assert await store.shares.count(bea.id) == 7
    assert await store.shares.count(bea.id, since=NOON + 5) == 2


async def test_of_many_who_move_a_placement_one_does(store: Store) -> None:
    bea = await BEA.joins(store)
    share = a_share(bea)
    await store.shares.make(share, pending(share), NOON)
    to = [Status(PlacementState.PUBLISHING, NOON + number, reason='{"a": "ß|:"}') for number in range(20)]
    moved = await asyncio.gather(
        *(store.shares.move(bea.id, share.id, "mastodon", one, [PlacementState.PENDING]) for one in to)
    )
    assert moved.count(True) == 1
    assert (await store.shares.statuses(bea.id, share.id))["mastodon"] == to[moved.index(True)]
    assert (await store.shares.statuses(bea.id, share.id))["mylink"].state is PlacementState.PENDING
    assert not await store.shares.move(bea.id, share.id, "nothing", to[0], list(PlacementState))
    assert not await store.shares.move(bea.id, "nothing", "mastodon", to[0], list(PlacementState))


async def test_a_newer_versions_fields_do_no_harm_at_any_depth(store: Store) -> None:
    bea = await BEA.joins(store)
    share = a_share(bea, links=(ShortLink("slug234", TARGET),))
    await store.shares.make(share, pending(share), NOON)
    raw = json.loads(await store.redis.get(keys.share(bea.id, share.id)) or "")
    for part in (raw, raw["post"], raw["placements"][0], raw["placements"][0]["links"][0]):
        part["newer"] = {"a": 1}
    await store.redis.set(keys.share(bea.id, share.id), json.dumps(raw))
    await store.redis.hset(keys.receipt(bea.id, share.id), "newer", "words")
    assert await store.shares.get(bea.id, share.id) == share
    await clicked(store, bea, share.id, 1, 0)
    assert (await store.shares.receipt(bea.id, share.id)).total == 1


async def test_ids_do_not_repeat(store: Store) -> None:
    assert len({store.shares.new_id() for _ in range(1000)}) == 1000


@pytest.mark.parametrize("never_out", [PlacementState.REFUSED, PlacementState.CANCELLED])
async def test_rule_18_what_never_went_out_reaches_nobody(store: Store, never_out: PlacementState) -> None:
    bea = await BEA.joins(store)
    share = a_share(bea)
    share = replace(
        share, placements=tuple(replace(one, reach=90 if one.network == "mastodon" else 0) for one in share.placements)
    )
    await store.shares.make(share, pending(share), NOON)
    after = NOON + 86400
    for _ in range(2):  # the second finds it moved already
        await store.shares.move(bea.id, share.id, "mastodon", Status(never_out, after), [PlacementState.PENDING])
    assert await store.redis.hgetall(keys.reach_days(bea.id)) == {"20261121": "30"}
    out = Status(PlacementState.PUBLISHED, after)
    await store.shares.move(bea.id, share.id, "mylink", out, [PlacementState.PENDING])
    assert await store.redis.hgetall(keys.reach_days(bea.id)) == {"20261121": "30"}
