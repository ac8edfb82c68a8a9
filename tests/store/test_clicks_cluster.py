"""Clicks on a Redis Cluster of three masters."""

import asyncio
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as NotThere

from grapevine.domain.clicks import Row
from grapevine.domain.members import Member
from grapevine.domain.posts import Post, PostKind
from grapevine.domain.shares import Placement, PlacementState, Share, Status
from grapevine.store import Store, keys
from grapevine.store.embedded import server_binary
from tests.people import ADA, BEA, CY, NOON
from tests.store.test_clicks import Writer, visit

SLOTS = 16384


def free_ports(count: int) -> list[int]:
    """Ports below 55535, since a node also listens at its port + 10000."""
    found: list[int] = []
    for port in range(21000, 50000, 7):
        with socket.socket() as plug, socket.socket() as bus:
            try:
                plug.bind(("127.0.0.1", port))
                bus.bind(("127.0.0.1", port + 10000))
            except OSError:
                continue
        found.append(port)
        if len(found) == count:
            break
    return found


def until(condition: Callable[[], object], within: float = 15.0) -> None:
    deadline = time.monotonic() + within
    while True:
        try:
            if condition():
                return
        except NotThere:
            pass
        assert time.monotonic() < deadline, "the cluster did not come up in time"
        time.sleep(0.05)


def complete(node: Redis) -> bool:
    state = node.cluster("info")
    return (state["cluster_state"], state["cluster_known_nodes"]) == ("ok", "3")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a cluster whose masters hold a third of the slots each."""
    binary, ports, processes = server_binary(), free_ports(3), []
    for port in ports:
        folder = tmp_path_factory.mktemp(f"node{port}")
        words = f"--port {port} --bind 127.0.0.1 --cluster-enabled yes --save  --appendonly no --loglevel warning"
        command = [shutil.which(binary) or binary, *words.split(" "), "--dir", str(folder)]
        processes.append(subprocess.Popen(command, stdout=subprocess.DEVNULL))
    nodes = [Redis(port=port, decode_responses=True) for port in ports]
    try:
        for place, node in enumerate(nodes):
            until(node.ping)
            own = range(SLOTS * place // 3, SLOTS * (place + 1) // 3)
            node.cluster("ADDSLOTS", *own)
            node.cluster("SET-CONFIG-EPOCH", place + 1)
        for port in ports[1:]:
            nodes[0].cluster("MEET", "127.0.0.1", port)
        for node in nodes:
            until(partial(complete, node))
        yield f"redis+cluster://127.0.0.1:{ports[0]}"
    finally:
        for node in nodes:
            node.close()
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()


@pytest.fixture
async def store(cluster: str) -> AsyncIterator[Store]:
    store = Store.open(cluster)
    yield store
    await store.close()


async def shared(store: Store) -> list[Member]:
    """Ada, Bea and Cy, who have shared; their keys lie on any of the nodes."""
    members = [await person.joins(store) for person in (ADA, BEA, CY)]
    for member in members:
        share = Share(
            "abcdef", member.id, Post(PostKind.LINK, "https://example.com/"), NOON, (Placement("mylink", "", ""),)
        )
        await store.shares.make(share, {"mylink": Status(PlacementState.PUBLISHED, NOON)}, NOON)
    return members


async def test_one_trip_settles_shares_on_all_nodes_once(store: Store) -> None:
    members = await shared(store)
    writers = [Writer(store.clicks, member) for member in members]
    for start in (0, 0, 300):
        batches = [one.batch(visit(tag, network="mylink") for tag in range(start, start + 600)) for one in writers]
        for _ in range(2):  # the first answer may have been lost
            rows = await store.clicks.settle(batches, NOON)
        assert rows == [(), (), ()]
    for member in members:
        assert (await store.shares.receipt(member.id, "abcdef")).unique == 900
        assert await store.redis.hgetall(keys.news(member.id)) == {"abcdef": "900"}
    assert set(await store.digests.due(NOON)) >= {member.id for member in members}


async def test_a_cluster_says_which_of_its_processes_answer(store: Store) -> None:
    standing = await store.clicks.standing()
    assert len(standing.servers) == 3
    assert standing.written


async def test_writers_at_once_count_each_visitor_once(store: Store, cluster: str) -> None:
    members = await shared(store)
    others = [Store.open(cluster) for _ in range(3)]

    async def write(number: int, own: Store) -> list[Row | None]:
        rows: list[Row | None] = []
        for start in range(0, 700, 50):
            for member in members:
                writer = Writer(own.clicks, member, f"at once {number} {start}")
                rows += await writer.settle(*(visit(tag, network="mylink") for tag in range(start, start + 50)))
        return rows

    before = [(await store.shares.receipt(member.id, "abcdef")).unique for member in members]
    rows = await asyncio.gather(*(write(*pair) for pair in enumerate(others)))
    after = [(await store.shares.receipt(member.id, "abcdef")).unique for member in members]
    assert sum(after) - sum(before) == sum(each.count(Row.UNIQUE) for each in rows)
    for member in members:
        tags = [name async for name in store.redis.scan_iter(f"{keys.visitors(member.id, 'abcdef')}*")]
        assert sum([await store.redis.scard(name) for name in tags]) == after[members.index(member)]
    for one in others:
        await one.close()
