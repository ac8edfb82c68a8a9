"""The clicks' own connection to Redis."""

import asyncio
from pathlib import Path

import pytest
from redis.exceptions import NoScriptError, ResponseError

from grapevine.store import Store
from grapevine.store.connection import connect
from grapevine.store.wire import Wire
from tests.store.servers import free_ports, server


async def wire_to(url: str, timeout: float = 5.0) -> Wire:
    client = connect(url, timeout=timeout)
    wire = Wire.of(client)
    await client.aclose()
    assert wire is not None
    return wire


async def test_each_command_has_its_answer_in_order(redis_url: str) -> None:
    wire = await wire_to(redis_url)
    await wire.trip([("SET", "number", 7), ("SET", "text", "ü \r\n$5\r\n")])
    many = [wire.trip([("GET", "number"), ("GET", "text"), ("ECHO", str(one))]) for one in range(200)]
    assert await asyncio.gather(*many) == [["7", "ü \r\n$5\r\n", str(one)] for one in range(200)]
    assert await wire.ask("HMGET", "nothing", "a", "b") == [None, None]
    assert len(await wire.ask("ECHO", "x" * 1_000_000)) == 1_000_000
    await wire.close()


async def test_an_error_is_an_answer_as_any_other(redis_url: str) -> None:
    wire = await wire_to(redis_url)
    answers = await wire.trip([("SET", "text", "x"), ("INCR", "text"), ("EVALSHA", "0" * 40, 0), ("GET", "text")])
    assert isinstance(answers[1], ResponseError)
    assert isinstance(answers[2], NoScriptError)
    assert [answers[0], answers[3]] == ["OK", "x"]
    with pytest.raises(ResponseError, match="not an integer"):
        await wire.ask("INCR", "text")
    await wire.close()


async def test_a_lost_connection_fails_what_was_on_it_and_the_next_trip_connects_again(redis_url: str) -> None:
    wire, other = await wire_to(redis_url), connect(redis_url)
    name = await wire.ask("CLIENT", "ID")
    waiting = asyncio.create_task(wire.ask("BLPOP", "nothing", 5))
    for _ in range(500):
        if "cmd=blpop" in await other.execute_command("CLIENT", "LIST", "ID", name):
            break
        await asyncio.sleep(0.01)
    await other.execute_command("CLIENT", "KILL", "ID", name)
    with pytest.raises(OSError, match="closed the connection"):
        await waiting
    assert await wire.ask("CLIENT", "ID") != name
    await other.aclose()
    await wire.close()


async def test_an_answer_that_does_not_come_in_time_is_nobody_elses(redis_url: str) -> None:
    wire = await wire_to(redis_url, timeout=0.1)
    with pytest.raises(TimeoutError):
        await wire.ask("BLPOP", "nothing", 1)
    assert await wire.ask("ECHO", "mine") == "mine"
    await wire.close()


async def test_a_connection_on_which_answers_come_is_kept_however_long_it_lives(redis_url: str) -> None:
    wire = await wire_to(redis_url, timeout=0.5)
    first = await wire.ask("CLIENT", "ID")
    for _ in range(6):
        await wire.ask("BLPOP", "nothing", 0.1)
    assert await wire.ask("CLIENT", "ID") == first
    await wire.close()


async def test_trips_that_wait_behind_one_without_an_answer_fail_with_it(redis_url: str) -> None:
    wire = await wire_to(redis_url, timeout=0.1)
    trips = [wire.ask("BLPOP", "nothing", 5), wire.ask("ECHO", "behind")]
    assert [type(found) for found in await asyncio.gather(*trips, return_exceptions=True)] == [TimeoutError] * 2
    assert await wire.ask("ECHO", "mine") == "mine"
    await wire.close()


async def test_a_password_and_a_database_are_given(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    with server(tmp_path, port) as client:
        client.execute_command("ACL", "SETUSER", "ada", "on", ">pass:@/word", "~*", "+@all")
        client.execute_command("SELECT", 3)
        client.set("where", "three")
        client.execute_command("ACL", "SETUSER", "default", "off")
        wire = await wire_to(f"redis://ada:pass%3A%40%2Fword@127.0.0.1:{port}/3")
        assert await wire.ask("GET", "where") == "three"
        await wire.close()
        for wrong in (f"redis://ada:other@127.0.0.1:{port}/3", f"redis://ada:pass%3A%40%2Fword@127.0.0.1:{port}/99"):
            wire = await wire_to(wrong)
            with pytest.raises(ResponseError):
                await wire.ask("GET", "where")
            await wire.close()


async def test_who_goes_elsewhere_is_asked_anew(tmp_path: Path) -> None:
    """A primary that became a replica says READONLY: its address may lead to the new primary by the next trip."""
    (port,) = free_ports(1)
    with server(tmp_path, port) as client:
        wire = await wire_to(f"redis://127.0.0.1:{port}/0")
        name = await wire.ask("CLIENT", "ID")
        client.execute_command("REPLICAOF", "127.0.0.1", "1")
        with pytest.raises(ResponseError, match="READONLY"):
            await wire.ask("SET", "x", 1)
        client.execute_command("REPLICAOF", "NO", "ONE")
        assert await wire.ask("CLIENT", "ID") != name
        await wire.close()


@pytest.mark.parametrize(
    "url", ["rediss://127.0.0.1:1/0", "redis+sentinel://127.0.0.1:1/mymaster", "redis+cluster://127.0.0.1:1"]
)
async def test_what_takes_more_than_a_plain_connection_is_left_to_redis_py(url: str) -> None:
    store = Store(connect(url))
    assert Wire.of(store.redis) is None
    await store.close()
