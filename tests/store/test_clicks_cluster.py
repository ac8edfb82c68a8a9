"""Clicks on a Redis Cluster of three masters."""

import asyncio

from grapevine.domain.clicks import Row
from grapevine.domain.members import Member
from grapevine.domain.posts import Post, PostKind
from grapevine.domain.shares import Placement, PlacementState, Share, Status
from grapevine.store import Store, keys
from tests.people import ADA, BEA, CY, NOON
from tests.store.clicks import Writer, tags_of, visit


async def shared(store: Store) -> list[Member]:
    """Ada, Bea and Cy, who have shared; their keys lie on any of the nodes."""
    members = [await person.joins(store) for person in (ADA, BEA, CY)]
    for member in members:
        share = Share(
            "abcdef", member.id, Post(PostKind.LINK, "https://example.com/"), NOON, (Placement("mylink", "", ""),)
        )
        await store.shares.make(share, {"mylink": Status(PlacementState.PUBLISHED, NOON)}, NOON)
    return members


async def test_one_trip_settles_shares_on_all_nodes_once(clustered: Store) -> None:
    members = await shared(clustered)
    writers = [Writer(clustered.clicks, member) for member in members]
    for start in (0, 0, 300):
        batches = [one.batch(visit(tag, network="mylink") for tag in range(start, start + 600)) for one in writers]
        for _ in range(2):  # the first answer may have been lost
            rows = await clustered.clicks.settle(batches, NOON)
        assert rows == [(), (), ()]
    for member in members:
        assert (await clustered.shares.receipt(member.id, "abcdef")).unique == 900
        assert await clustered.redis.hgetall(keys.news(member.id)) == {"abcdef": "900"}
    assert set(await clustered.digests.due(NOON)) >= {member.id for member in members}


async def test_a_cluster_says_which_of_its_processes_answer(clustered: Store) -> None:
    standing = await clustered.clicks.standing()
    assert len(standing.servers) == 3
    assert standing.written


async def test_writers_at_once_count_each_visitor_once(clustered: Store, cluster: str) -> None:
    members = await shared(clustered)
    others = [Store.open(cluster) for _ in range(3)]

    async def write(number: int, own: Store) -> list[Row | None]:
        rows: list[Row | None] = []
        for start in range(0, 700, 50):
            for member in members:
                writer = Writer(own.clicks, member, f"at once {number} {start}")
                rows += await writer.settle(*(visit(tag, network="mylink") for tag in range(start, start + 50)))
        return rows

    rows = await asyncio.gather(*(write(*pair) for pair in enumerate(others)))
    assert sum(each.count(Row.UNIQUE) for each in rows) == 3 * 700
    for member in members:
        assert (await clustered.shares.receipt(member.id, "abcdef")).unique == 700
        assert sorted(await tags_of(clustered, member)) == [*range(700)]
    for one in others:
        await one.close()
