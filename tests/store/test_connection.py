"""Addresses of Redis: a socket, a port, a sentinel, a cluster; and the whole store on a cluster."""

import asyncio
import random
import socket
from pathlib import Path

import pytest

from grapevine.domain.errors import Refused
from grapevine.store import Store, keys
from grapevine.store.connection import UNREACHABLE, _sentinels, connect, connect_queue
from grapevine.store.identity import Identity
from grapevine.store.queue import Jobs
from tests.conftest import ENCRYPTION_KEY
from tests.people import BEA, CY, NOON
from tests.processes import until
from tests.store.full import account, everything, full
from tests.store.servers import answering, cluster, server


def ports(count: int) -> list[int]:
    """Free ports whose partners 10,000 above, which nodes of a cluster speak through, are free as well."""
    found: list[int] = []
    while len(found) < count:
        port = random.randrange(20_000, 30_000)
        with socket.socket() as one, socket.socket() as two:
            try:
                one.bind(("127.0.0.1", port))
                two.bind(("127.0.0.1", port + 10_000))
            except OSError:
                continue
        found.append(port)
    return found


async def test_through_a_socket_the_answers_are_text(redis_url: str) -> None:
    assert redis_url.startswith("unix://")
    client = connect(redis_url)
    await client.set("name", "Béa")
    assert await client.get("name") == "Béa"
    await client.aclose()
    with connect_queue(redis_url) as queue:
        assert queue.get("name") == "Béa".encode()


async def test_through_a_port_with_a_password_and_a_database(tmp_path: Path) -> None:
    (port,) = ports(1)
    with server(tmp_path, port) as direct:
        direct.config_set("requirepass", "se:cret/@#")
        client = connect(f"redis://:se%3Acret%2F%40%23@127.0.0.1:{port}/2")
        await client.set("name", "two")
        await client.aclose()
        direct.execute_command("AUTH", "se:cret/@#")
        assert direct.info("keyspace")["db2"]["keys"] == 1


@pytest.mark.parametrize(
    ("url", "places", "service", "options"),
    [
        ("redis+sentinel://one", [("one", 26379)], "mymaster", (0, None, None)),
        (
            "redis+sentinel://one:1,two,three:3/grapes?db=3",
            [("one", 1), ("two", 26379), ("three", 3)],
            "grapes",
            (3, None, None),
        ),
        ("redis+sentinel://u%40:p%3Aw%2F@one:1/", [("one", 1)], "mymaster", (0, "u@", "p:w/")),
        ("redis+sentinel://:p@w@one:1/m", [("one", 1)], "m", (0, None, "p@w")),
        ("redis+sentinel://[::1]/m", [("::1", 26379)], "m", (0, None, None)),
        ("redis+sentinel://[2001:db8::1]:5,[::2]/m", [("2001:db8::1", 5), ("::2", 26379)], "m", (0, None, None)),
        ("redis+sentinel://one/my%20master", [("one", 26379)], "my master", (0, None, None)),
    ],
)
def test_a_sentinels_address_is_taken_apart(
    url: str, places: list[tuple[str, int]], service: str, options: tuple[int, str | None, str | None]
) -> None:
    db, user, password = options
    assert _sentinels(url) == (places, service, {"db": db, "username": user, "password": password})


async def test_through_a_sentinel_the_master_is_found(tmp_path: Path) -> None:
    port, watcher = ports(2)
    config = tmp_path / "sentinel.conf"
    config.write_text(f"sentinel monitor grapes 127.0.0.1 {port} 1\n")
    with (
        server(tmp_path / "master", port),
        server(tmp_path / "watcher", watcher, str(config), "--sentinel") as sentinel,
    ):
        until(answering(lambda: sentinel.execute_command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "grapes")))
        url = f"redis+sentinel://127.0.0.1:{watcher}/grapes?db=1"
        store = Store.open(url, encryption_keys=[ENCRYPTION_KEY])
        bea = await BEA.joins(store)
        assert await store.members.get(bea.id) == bea
        await store.close()
        jobs = Jobs(url)
        assert await jobs.waiting() == 0
        assert jobs.redis.hget(keys.member(bea.id), "user") == BEA.user.encode()
        jobs.close()


async def test_the_whole_store_works_on_a_cluster(tmp_path: Path) -> None:
    """Every script's keys lie on one node; whatever crosses members goes one key at a time (design §4)."""
    nodes = ports(2)
    with cluster(tmp_path, nodes):
        store = Store.open(f"redis+cluster://127.0.0.1:{nodes[0]}", encryption_keys=[ENCRYPTION_KEY])
        try:
            await use(store)
        finally:
            await store.close()


async def use(store: Store) -> None:
    bea, slugs = await full(store, BEA)
    cy = await CY.joins(store)
    with pytest.raises(Refused):
        await store.accounts.connect(cy, account(BEA), "token")
    link = await store.links.get(slugs[0])
    assert link is not None
    assert link.member == bea.id
    assert (await store.shares.receipt(bea.id, "abcdef")).unique == 605
    assert [share.id for share in await store.shares.newest(bea.id, 0, 5)] == ["abcdef"]
    assert await store.digests.due(NOON) == [bea.id]
    assert await store.digests.take(bea.id, NOON + 1, 1) == {"abcdef": 605}
    await store.digests.done(bea.id, NOON)
    assert (await store.insights.by_day(bea.id, NOON, 2)).clicks == [0, 605]
    assert len(await store.workspaces.offers(bea.team, NOON)) == 1
    assert await store.publishing.due(NOON)
    assert await store.turns.claim("digests", 1)
    assert not await store.turns.claim("digests", 1)
    assert await Identity(store.redis).id()
    export = await store.erasure.export(bea)
    assert export["shares"][0]["receipt"]["u:mastodon"] == "605"
    await store.clicks.close(bea.id, "abcdef")
    await store.erasure.erase(bea)
    assert await store.erasure.rewrite()
    found = await everything(store)
    assert [key for key, value in found.items() if bea.id in key or bea.id in value] == []
    assert await store.members.all(bea.team) == [cy]


async def test_a_server_that_does_not_answer_is_an_error_within_the_timeout() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(1)
        client = connect(f"redis://127.0.0.1:{silent.getsockname()[1]}", timeout=0.1)
        with pytest.raises(UNREACHABLE):
            await asyncio.wait_for(client.get("x"), 10)
        await client.aclose()


async def test_many_commands_at_once_wait_for_a_connection(redis_url: str) -> None:
    client = connect(redis_url)
    before = len((await client.execute_command("CLIENT", "LIST")).splitlines())
    await asyncio.gather(*(client.set(f"name{number}", number) for number in range(500)))
    assert await client.get("name499") == "499"
    assert len((await client.execute_command("CLIENT", "LIST")).splitlines()) < before + 64
    await client.aclose()
