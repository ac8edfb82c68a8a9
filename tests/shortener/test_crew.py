"""Several shorteners on one port."""

import os
import re
import signal
import socket
from pathlib import Path

from grapevine.domain.shares import Receipt
from grapevine.store import Store
from tests.people import crowd
from tests.processes import alive, until
from tests.shortener.conftest import SECRET, Shares
from tests.shortener.program import ask, children_of, program, refused


def free_ports(count: int) -> int:
    """The first of so many free ports in a row."""
    for first in range(23000, 50000, 10):
        plugs = [socket.socket() for _ in range(count)]
        try:
            for number, plug in enumerate(plugs):
                plug.bind(("127.0.0.1", first + number))
        except OSError:
            continue
        finally:
            for plug in plugs:
                plug.close()
        return first
    raise AssertionError("no free ports")


async def test_several_processes_count_together_and_one_that_dies_comes_back(
    tmp_path: Path, store: Store, redis_url: str
) -> None:
    shares = Shares(store)
    bea, linkedin, _ = await shares.make()
    metrics = free_ports(2)
    given = {"REDIS_URL": redis_url, "VISITOR_SECRET": SECRET, "TRUSTED_PROXIES": "127.0.0.1"}
    many = {"SHORTENER_PROCESSES": "2", "SHORTENER_METRICS_PORT": str(metrics)}
    with program(tmp_path, **given, **many) as (process, url, logs):
        until(lambda: logs.read_text().count("links are served on") == 2)
        assert set(re.findall(r"links are served on (\S+)", logs.read_text())) == {url}
        people = crowd(60)
        assert {ask(f"{url}/{linkedin}", visitor.headers) for visitor in [*people, *people]} == {302}
        assert {ask(f"http://127.0.0.1:{metrics + number}/metrics", {}) for number in range(2)} == {200}
        children = children_of(process.pid)
        os.kill(children[0], signal.SIGKILL)
        until(lambda: logs.read_text().count("links are served on") == 3)
        children += children_of(process.pid)
        assert {ask(f"{url}/{linkedin}", visitor.headers) for visitor in crowd(70)} == {302}
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert not any(map(alive, children))
    assert await shares.receipt(bea) == Receipt(repeat=120, unique=70, networks={"linkedin": 70})


def test_what_keeps_each_process_from_starting_is_said_once(tmp_path: Path, redis_url: str) -> None:
    given = {"REDIS_URL": redis_url, "SHORTENER_PROCESSES": "2"}
    with program(tmp_path, VISITOR_SECRET=SECRET, **given):
        pass
    said = refused(tmp_path, VISITOR_SECRET="another one", **given)
    assert said.count("VISITOR_SECRET is not the one") == 1


def test_a_port_that_somebody_else_has_is_refused(tmp_path: Path, redis_url: str) -> None:
    with socket.socket() as plug:
        plug.bind(("127.0.0.1", 0))
        plug.listen()
        port = plug.getsockname()[1]
        given = {"REDIS_URL": redis_url, "VISITOR_SECRET": SECRET, "SHORTENER_PROCESSES": "2"}
        assert f"SHORTENER_PORT {port} cannot be had" in refused(tmp_path, SHORTENER_PORT=str(port), **given)


def test_the_number_of_processes_is_a_small_one(tmp_path: Path, redis_url: str) -> None:
    said = refused(tmp_path, REDIS_URL=redis_url, VISITOR_SECRET=SECRET, SHORTENER_PROCESSES="0")
    assert said.startswith("SHORTENER_PROCESSES")
