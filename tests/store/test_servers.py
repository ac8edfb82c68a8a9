"""The click script on every server at hand, and on a cluster whose slots move while clicks are written."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from redis.crc import key_slot

from grapevine.domain.clicks import Row
from grapevine.domain.errors import TryLater
from grapevine.domain.members import Member
from grapevine.store import Store, keys
from grapevine.store.scripts import source
from tests.people import NOON
from tests.store import servers, test_clicks
from tests.store.clicks import Writer, a_share, strangers, visit
from tests.store.servers import free_ports
from tests.waiting import until

#: kind and version that Grapevine is to run on
WANTED = ("redis 6.2", "redis 7.", "valkey 8.")
KEY = Fernet.generate_key().decode()
#: keys of the member that are in the slot before it moves, each time: the cascade grows to 21 nodes meanwhile
LEAST = (14, 18, 22, 26)

CHECKS: list[Callable[[Store], Awaitable[None]]] = [
    test_clicks.test_a_visitor_is_unique_once_and_repeats_afterwards,
    test_clicks.test_the_network_first_followed_gets_the_credit,
    test_clicks.test_a_unique_click_is_in_the_days_the_news_and_the_hints,
    test_clicks.test_a_request_that_is_no_visit_touches_its_row_alone,
    test_clicks.test_a_batch_whose_answer_was_lost_counts_once,
    test_clicks.test_nothing_is_recorded_while_the_account_does_not_gather,
    test_clicks.test_more_new_visitors_of_one_address_than_the_cap_are_capped_for_an_hour,
    test_clicks.test_a_closed_share_keeps_its_numbers_and_forgets_its_visitors,
    test_clicks.test_nothing_brings_back_an_erased_member,
    test_clicks.test_one_click_a_batch_crosses_the_boundary_too,
    test_clicks.test_a_server_that_forgot_the_script_is_told_again,
    test_clicks.test_one_trip_settles_many_shares,
    test_clicks.test_one_click_and_many_are_settled_alike,
    test_clicks.test_a_server_says_which_process_answers_and_whether_all_is_in_its_file,
    test_clicks.test_what_an_outage_held_back_is_capped_by_the_hour_it_was_clicked_in,
]


@pytest.fixture(scope="module", params=WANTED)
def kind(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a server of one kind."""
    found = next((path for name, path in servers.at_hand().items() if name.startswith(request.param)), None)
    if found is None:
        pytest.skip(f"no {request.param} on this machine: REDIS_SERVERS can name the path of one")
    (port,) = free_ports(1)
    with servers.server(tmp_path_factory.mktemp("kind"), port, binary=found):
        yield f"redis://127.0.0.1:{port}"


@pytest.fixture
async def store(kind: str) -> AsyncIterator[Store]:
    store = Store.open(kind, encryption_keys=[KEY])
    await store.redis.execute_command("FLUSHALL")
    yield store
    await store.close()


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__.removeprefix("test_"))
async def test_the_click_script_does_the_same_on_every_server(
    store: Store, check: Callable[[Store], Awaitable[None]]
) -> None:
    await check(store)


@pytest.mark.parametrize("count", [511, 512, 2556, 6000])
async def test_the_cascade_is_exact_on_every_server(store: Store, count: int) -> None:
    await test_clicks.test_every_visitor_is_exact_at_each_size_of_the_cascade(store, count)


async def test_four_writers_at_the_boundary_agree_on_every_server(store: Store, kind: str) -> None:
    await test_clicks.test_four_writers_at_the_boundary_count_each_visitor_once(store, kind)


async def test_every_script_compiles_on_every_server(store: Store) -> None:
    folder = Path(__file__).parent.parent.parent / "grapevine" / "store" / "scripts"
    names = [file.stem for file in sorted(folder.glob("*.lua"))]
    assert "click" in names
    for name in names:
        assert len(await store.redis.script_load(source(name))) == 40


def move(nodes: list[Any], slot: int, source: int, target: int) -> int:
    """Move a slot from one node to another as redis-cli does, a few keys at a time; how many keys went.

    https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#live-resharding
    """
    names = [node.execute_command("CLUSTER", "MYID") for node in nodes]
    port = nodes[target].connection_pool.connection_kwargs["port"]
    nodes[target].execute_command("CLUSTER", "SETSLOT", slot, "IMPORTING", names[source])
    nodes[source].execute_command("CLUSTER", "SETSLOT", slot, "MIGRATING", names[target])
    moved = 0
    while found := nodes[source].execute_command("CLUSTER", "GETKEYSINSLOT", slot, 5):
        nodes[source].execute_command("MIGRATE", "127.0.0.1", port, "", 0, 5000, "KEYS", *found)
        moved += len(found)
    for node in (nodes[target], nodes[source], *nodes):
        node.execute_command("CLUSTER", "SETSLOT", slot, "NODE", names[target])
    return moved


async def insist(writer: Writer, tags: list[int]) -> tuple[Row | None, ...]:
    """Settle as the shortener does: the same batch again until it is known to be settled."""
    batch = writer.batch(visit(tag, network="mylink") for tag in tags)
    for _ in range(200):
        try:
            return (await writer.clicks.settle([batch], NOON))[0]
        except TryLater:
            await asyncio.sleep(0.01)
    raise AssertionError("the clicks were never acknowledged")


async def test_every_acknowledged_click_counts_once_while_its_slot_moves(tmp_path: Path) -> None:
    """Four writers with visitors in common, growing over three levels of the cascade; the slot goes round the nodes."""
    ports = free_ports(3)
    with servers.cluster(tmp_path, ports) as nodes:
        stores = [Store.open(f"redis+cluster://127.0.0.1:{ports[0]}", encryption_keys=[KEY]) for _ in range(4)]
        bea = await a_share(stores[0])
        tags, sent, moved_all = strangers(random.Random(3), 4000), Counter[int](), asyncio.Event()

        async def write(number: int, own: Store) -> None:
            writer, chance = Writer(own.clicks, bea, f"writer{number}"), random.Random(number)
            while not (moved_all.is_set() and len(sent) == len(tags)):
                piece = chance.sample(tags, 40)
                await insist(writer, piece)
                sent.update(piece)

        slot = key_slot(f"{{{bea.id}}}".encode())
        at = next(place for place, node in enumerate(nodes) if node.execute_command("CLUSTER", "COUNTKEYSINSLOT", slot))
        writers = [asyncio.create_task(write(*pair)) for pair in enumerate(stores)]
        try:
            moved, meanwhile = [], []
            for least in LEAST:
                await until(lambda: nodes[at].execute_command("CLUSTER", "COUNTKEYSINSLOT", slot) >= least)  # noqa: B023
                before = sent.total()
                moved.append(await asyncio.to_thread(move, nodes, slot, at, (at + 1) % 3))
                meanwhile.append(sent.total() - before)
                at = (at + 1) % 3
            moved_all.set()
            await asyncio.gather(*writers)
        finally:
            for task in writers:
                task.cancel()
            await asyncio.gather(*writers, return_exceptions=True)
        assert all(keys >= least for keys, least in zip(moved, LEAST, strict=True)), moved
        assert sum(meanwhile) > 0  # clicks were written during the moves, not only between them
        receipt = await stores[0].shares.receipt(bea.id, "abcdef")
        assert (receipt.unique, receipt.total) == (len(sent), sum(sent.values()))
        assert await held_in(stores[0], bea) == sorted(sent)
        assert await stores[0].redis.hgetall(keys.click_days(bea.id)) == {"20261121": str(len(sent))}
        for one in stores:
            await one.close()


async def held_in(store: Store, bea: Member) -> list[int]:
    names = [name async for name in store.redis.scan_iter(f"{keys.visitors(bea.id, 'abcdef')}*")]
    return sorted([int(tag) for name in names for tag in await store.redis.smembers(name)])
