"""The clicks' own connection to Redis."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from redis.exceptions import NoScriptError, ResponseError

from grapevine.store import Store
from grapevine.store.connection import connect
from grapevine.store.wire import Wire
from tests.certificates import certificate_in
from tests.processes import until
from tests.store.servers import answering, free_ports, server


def folder(path: Path) -> Path:
    path.mkdir()
    return path


@contextmanager
def tls_server(place: Path, port: int, certificate: Path) -> Iterator[None]:
    """A server of which the port speaks TLS only; skipped where it was built without."""
    (plain,) = [one for one in free_ports(2) if one != port][:1]
    options = ("--tls-port", str(port), "--tls-auth-clients", "no", "--tls-ca-cert-file", str(certificate))
    try:
        with server(place, plain, *options, "--tls-cert-file", str(certificate), "--tls-key-file", str(certificate)):
            yield
    except AssertionError:
        if "tls" in (place / "log").read_text().lower():
            pytest.skip("this server was built without TLS")
        raise


async def hears_the_end_of(wire: Wire, serving: Callable[[], AbstractContextManager[object]]) -> bool:
    """Whether *wire*, on which nothing is under way, is told that its server is gone."""
    heard = asyncio.Event()
    wire.lost = heard.set
    with serving():
        assert await wire.ask("ECHO", "there") == "there"
        assert not heard.is_set()
    await asyncio.wait_for(heard.wait(), 5)
    return True


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


async def test_it_hears_when_the_server_goes_though_nothing_is_under_way(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    wire = await wire_to(f"redis://127.0.0.1:{port}/0")
    assert await hears_the_end_of(wire, lambda: server(tmp_path, port))


async def test_over_tls_it_speaks_to_whoever_has_the_certificate(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    certificate, other = certificate_in(tmp_path), certificate_in(folder(tmp_path / "other"))
    with tls_server(tmp_path, port, certificate):
        wire = await wire_to(f"rediss://127.0.0.1:{port}/3?ssl_ca_certs={certificate}")
        await wire.ask("SET", "where", "three")
        many = [wire.ask("ECHO", str(one) * 10_000) for one in range(200)]
        assert await asyncio.gather(*many) == [str(one) * 10_000 for one in range(200)]
        assert "db=3" in await wire.ask("CLIENT", "INFO")
        await wire.close()
        wire = await wire_to(f"rediss://127.0.0.1:{port}/3?ssl_ca_certs={other}")
        with pytest.raises(OSError, match="certificate verify failed"):
            await wire.ask("GET", "where")
        await wire.close()


async def test_over_tls_too_it_hears_when_the_server_goes(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    certificate = certificate_in(tmp_path)
    wire = await wire_to(f"rediss://127.0.0.1:{port}/0?ssl_ca_certs={certificate}")
    assert await hears_the_end_of(wire, lambda: tls_server(tmp_path, port, certificate))


async def test_through_a_sentinel_it_follows_the_primary(tmp_path: Path) -> None:
    """The old primary says READONLY when it is one no longer, or goes: the next trip asks the sentinel anew."""
    first, second, watcher = free_ports(3)
    config = folder(tmp_path / "conf") / "sentinel.conf"
    config.write_text(f"sentinel monitor grapes 127.0.0.1 {first} 1\n")
    with (
        server(tmp_path / "first", first) as old,
        server(tmp_path / "second", second) as new,
        server(tmp_path / "watcher", watcher, str(config), "--sentinel") as sentinel,
    ):
        until(answering(lambda: sentinel.execute_command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "grapes")))
        client = connect(f"redis+sentinel://127.0.0.1:{watcher}/grapes?db=1")
        wire = Wire.of(client)
        assert wire is not None
        await wire.ask("SET", "where", "first")
        old.execute_command("SELECT", 1)
        assert old.get("where") == "first"
        sentinel.execute_command("SENTINEL", "REMOVE", "grapes")
        sentinel.execute_command("SENTINEL", "MONITOR", "grapes", "127.0.0.1", second, 1)
        old.execute_command("REPLICAOF", "127.0.0.1", "1")
        with pytest.raises(ResponseError, match="READONLY"):
            await wire.ask("SET", "where", "second")
        await wire.ask("SET", "where", "second")
        new.execute_command("SELECT", 1)
        assert new.get("where") == "second"
        await wire.close()
        await client.aclose()


async def test_what_is_several_servers_is_left_to_redis_py() -> None:
    store = Store(connect("redis+cluster://127.0.0.1:1"))
    assert Wire.of(store.redis) is None
    await store.close()
