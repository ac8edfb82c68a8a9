"""Nobody looks into this network by naming a server."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests

from grapevine.domain.errors import Refused, TryLater
from grapevine.networks import guard, http

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@contextmanager
def server() -> Iterator[tuple[int, list[bytes]]]:
    """Its port, and what it was asked."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.1)
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                try:
                    connection, _ = listening.accept()
                except TimeoutError:
                    continue
                with connection:
                    asked.append(connection.recv(65536))
                    connection.sendall(ANSWER)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1], asked
        over.set()
        thread.join(5)


def resolving(monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[str]:
    """Let names resolve to *answers*, one after the other; which names were asked for."""
    names: list[str] = []
    real, left = socket.getaddrinfo, list(answers)

    def resolve(host: Any, port: Any, *more: Any, **options: Any) -> Any:
        if isinstance(host, str) and host.endswith(".example"):
            names.append(host)
            host = left.pop(0) if len(left) > 1 else left[0]
        return real(host, port, *more, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return names


def get(url: str) -> requests.Response:
    with http.guarded(requests.Session(), "Your server", public_only=True) as session:
        return session.get(url)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fd00::1", "fec0::1", "ff02::1", "::ffff:127.0.0.1",
        "64:ff9b::7f00:1", "2002:7f00:1::", "2002:c0a8:101::",
    ],
)  # fmt: skip
def test_addresses_of_no_open_internet(address: str) -> None:
    assert not guard.is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700:4700::1111", "64:ff9b::101:101", "2002:101:101::"])
def test_addresses_of_the_open_internet(address: str) -> None:
    assert guard.is_public(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0", "[::ffff:127.0.0.1]"])
def test_this_machine_is_not_even_connected_to(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    with server() as (port, asked):
        with pytest.raises(Refused, match="inside a private network"):
            get(f"http://{host}:{port}/")
        assert asked == []


def test_a_name_that_leads_inside_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    resolving(monkeypatch, "192.168.0.10")
    with pytest.raises(Refused, match=r"^social\.example is inside a private network"):
        get("https://social.example/api")


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is public when it is checked and private a moment later leads nowhere else."""
    monkeypatch.setenv("NO_PROXY", "*")
    names = resolving(monkeypatch, "1.1.1.1", "127.0.0.1")
    called: list[tuple[str, int]] = []
    with server() as (port, asked):

        def connect(address: tuple[str, int], *more: Any, **options: Any) -> socket.socket:
            called.append(address)
            return socket.create_connection(("127.0.0.1", port))

        monkeypatch.setattr(guard, "create_connection", connect)
        assert get("http://social.example/api").json() == {}
        assert b"Host: social.example\r\n" in asked[0]
    assert (names, called) == (["social.example"], [("1.1.1.1", 80)])


def test_a_name_that_nobody_knows_is_for_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")

    def resolve(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(TryLater, match="could not be reached") as caught:
        get("http://social.example/")
    assert not caught.value.uncertain


def test_an_address_where_nobody_answers_is_for_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    resolving(monkeypatch, "1.1.1.1")
    for fault in (OSError("unreachable"), TimeoutError()):

        def connect(*_: Any, fault: OSError = fault, **__: Any) -> socket.socket:
            raise fault

        monkeypatch.setattr(guard, "create_connection", connect)
        with pytest.raises(TryLater, match="could not be reached"):
            get("http://social.example/")


def test_through_a_proxy_a_private_name_is_refused_and_the_rest_is_the_proxys(monkeypatch: pytest.MonkeyPatch) -> None:
    with server() as (port, asked):
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{port}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        resolving(monkeypatch, "10.0.0.1")
        with pytest.raises(Refused, match="inside a private network"):
            get("http://intranet.example/")
        assert asked == []
        resolving(monkeypatch, "1.1.1.1")
        assert get("http://social.example/").json() == {}
        assert asked[0].startswith(b"GET http://social.example/ ")
