"""``python -m shortener`` as a process of its own."""

import signal
import socket
from pathlib import Path

from redis import Redis

from grapevine.domain.shares import Receipt
from grapevine.store import Store
from grapevine.store.embedded import EmbeddedServer
from tests.people import CHROME, GOOGLEBOT
from tests.shortener.conftest import SECRET, Shares
from tests.shortener.program import ask, program, refused

#: of nobody: RFC 3849 and RFC 5737 keep them free
ADDRESSES = ("2001:db8:beef:77::1234", "203.0.113.77")


def test_without_a_secret_it_says_how_to_make_one(tmp_path: Path, redis_url: str) -> None:
    assert "VISITOR_SECRET should be set" in refused(tmp_path, REDIS_URL=redis_url)


def test_without_a_server_it_says_how_to_start_one(tmp_path: Path) -> None:
    assert "REDIS_URL is not set, and no server runs for the data folder" in refused(tmp_path)


def test_it_names_a_wrong_setting(tmp_path: Path, redis_url: str) -> None:
    said = refused(tmp_path, REDIS_URL=redis_url, VISITOR_SECRET=SECRET, TRUSTED_PROXIES="proxy")
    assert said.startswith("TRUSTED_PROXIES should be addresses")


def test_another_secret_is_refused_until_confirmed(tmp_path: Path, redis_url: str) -> None:
    with program(tmp_path, REDIS_URL=redis_url, VISITOR_SECRET=SECRET):
        pass
    said = refused(tmp_path, REDIS_URL=redis_url, VISITOR_SECRET="another one")
    assert "VISITOR_SECRET is not the one" in said
    assert "another one" not in said
    with program(tmp_path, REDIS_URL=redis_url, VISITOR_SECRET="another one", ACCEPT_NEW_VISITOR_SECRET="1"):
        pass
    with program(tmp_path, REDIS_URL=redis_url, VISITOR_SECRET="another one"):
        pass
    assert "VISITOR_SECRET is not the one" in refused(tmp_path, REDIS_URL=redis_url, VISITOR_SECRET=SECRET)


def test_it_joins_the_server_of_the_data_folder(tmp_path: Path) -> None:
    server = EmbeddedServer.start(tmp_path / "data")
    try:
        for _ in range(2):  # the secret that it made is the same the second time
            with program(tmp_path) as (_, url, _):
                assert ask(f"{url}/readyz", {}) == 200
    finally:
        server.stop()


async def test_on_sigterm_it_finishes_what_is_at_hand(tmp_path: Path, store: Store, redis_url: str) -> None:
    shares = Shares(store)
    bea, linkedin, _ = await shares.make()
    with program(tmp_path, REDIS_URL=redis_url, VISITOR_SECRET=SECRET) as (process, url, logs):
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=5) as plug:
            head = f"GET /{linkedin} HTTP/1.1\r\nHost: x\r\nUser-Agent: {CHROME}\r\nConnection: close\r\n\r\n"
            plug.sendall(head.encode())
            assert plug.recv(4096).startswith(b"HTTP/1.1 302")
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert "ERROR" not in logs.read_text()
    assert await shares.receipt(bea) == Receipt(unique=1, networks={"linkedin": 1})


async def test_rule_24_no_address_and_no_user_agent_is_written_anywhere(tmp_path: Path) -> None:
    server = EmbeddedServer.start(tmp_path / "data")
    store = Store.open(server.url, encryption_keys=["ZmFrZSBrZXkgZm9yIHRlc3RzIG9ubHkgMzIgYnl0ZXM="])
    agents = [f"{CHROME} Probe7731", f"{GOOGLEBOT} Probe7731"]
    try:
        shares = Shares(store)
        bea, linkedin, _ = await shares.make()
        settings = {"TRUSTED_PROXIES": "127.0.0.1", "LOG_LEVEL": "DEBUG"}
        with program(tmp_path, **settings) as (_, url, logs):
            for address in ADDRESSES:
                for agent in agents:
                    for path in (linkedin, f"{linkedin}+", "Unknown1", "healthz", f"{linkedin}?own"):
                        ask(f"{url}/{path}", {"X-Forwarded-For": address, "User-Agent": agent})
            host, port = url.removeprefix("http://").split(":")
            for number in range(3):
                with socket.create_connection((host, int(port)), timeout=5, source_address=("127.77.31.7", 0)) as plug:
                    lines = f"User-Agent: {agents[0]}\r\nX-Forwarded-For: {ADDRESSES[0]}\r\n"
                    broken = ["GET / HTTP/9\r\n", "G\x00T / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nBad Header: x\r\n"][
                        number
                    ]
                    plug.sendall(f"{broken}{lines}\r\n".encode())
                    answer = plug.recv(4096)
                    assert b" 400 " in answer
                    assert b"Server:" not in answer
            said = logs.read_bytes()
        assert (await shares.receipt(bea)).total == 8
        with Redis.from_url(server.url) as redis:
            redis.save()
    finally:
        await store.close()
        server.stop()
    written = [said, *(path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file())]
    assert len(written) > 3
    for text in written:
        for secret in ("Probe7731", "2001:db8:beef", "203.0.113.77", "127.77.31.7", "AppleWebKit"):
            assert secret.encode() not in text
