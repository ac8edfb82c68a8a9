"""Months in which people shared, written as Grapevine would have written them in that time."""

import json
from collections.abc import Mapping

from grapevine.domain.days import day_of
from grapevine.domain.members import Member
from grapevine.domain.posts import Post, PostKind
from grapevine.domain.shares import Placement, PlacementState, Share, Status
from grapevine.store import Store, keys
from tests.people import NOON, TEAM

#: 10 October 2026: in the month that is the last to be over in the tests
OCTOBER = NOON - 42 * 86400


async def company(store: Store, size: int, team: str = TEAM, since: float = OCTOBER - 20 * 86400) -> list[Member]:
    """So many members, all of whom came at the same time."""
    return [await store.members.join(team, f"U0{number:08}", since) for number in range(size)]


async def shared(
    store: Store,
    member: Member,
    on: Mapping[str, tuple[int, int]],
    at: float = OCTOBER,
    *,
    reach: int = 100,
    state: PlacementState = PlacementState.PUBLISHED,
) -> Share:
    """A share on networks, each with the clicks and the reactions that it got on the same day."""
    placements = tuple(Placement(name, f"{name}:{member.id}", "Look!", reach=reach) for name in on)
    share = Share(store.shares.new_id(), member.id, Post(PostKind.LINK, "https://example.com"), at, placements,
                  reach=reach * len(on))  # fmt: skip
    await store.shares.make(share, {name: Status(state, at) for name in on}, at)
    await clicked(store, member, share, {name: clicks for name, (clicks, _) in on.items()}, at)
    for name, (_, likes) in on.items():
        counts = {"counts": {"likes": likes, "comments": 0, "reshares": 0}}
        await store.redis.hset(keys.reactions(member.id, share.id), name, json.dumps(counts))
        await store.redis.hincrby(keys.reaction_days(member.id), day_of(at), likes)
    return share


async def clicked(store: Store, member: Member, share: Share, on: Mapping[str, int], at: float) -> None:
    for name, clicks in on.items():
        await store.redis.hincrby(keys.receipt(member.id, share.id), f"u:{name}", clicks)
        await store.redis.hincrby(keys.click_days(member.id), day_of(at), clicks)
