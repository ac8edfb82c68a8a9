"""What stands on a socket: requests one after the other, in pieces, too long, too slow, something else than clicks."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest

from grapevine.domain.shares import Receipt
from tests.people import CHROME, DORA
from tests.shortener.conftest import TARGET, Shares, Shortener, running

Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def connected(shortener: Shortener) -> AsyncIterator[Ends]:
    parts = urlsplit(shortener.url)
    plug = socket.socket()
    plug.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)  # as a phone's on a slow line
    plug.setblocking(False)
    await asyncio.get_running_loop().sock_connect(plug, (parts.hostname, parts.port))
    reader, writer = await asyncio.open_connection(sock=plug)
    try:
        async with asyncio.timeout(10):
            yield reader, writer
    finally:
        writer.close()


def request(path: str, *lines: str, method: str = "GET", version: str = "1.1") -> bytes:
    head = [f"{method} /{path} HTTP/{version}", "Host: x", f"User-Agent: {CHROME}", f"X-Forwarded-For: {DORA.address}"]
    return "\r\n".join([*head, *lines, "", ""]).encode()


async def answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    """Status and headers of the next answer, its body read."""
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    await reader.readexactly(int(headers.get("content-length", 0)))
    return int(first.split()[1]), headers


async def test_requests_that_come_together_are_answered_in_order(shortener: Shortener, shares: Shares) -> None:
    bea, linkedin, mylink = await shares.make()
    foreign = await shares.put("https://example.org/")
    async with connected(shortener) as (reader, writer):
        paths = [linkedin, foreign, mylink, foreign, foreign, linkedin]
        writer.write(b"".join(map(request, paths)))
        for path in paths:
            status, headers = await answer(reader)
            assert status == 302
            assert headers["location"] == ("https://example.org/" if path == foreign else TARGET)
    assert await shares.receipt(bea) == Receipt(repeat=2, unique=1, networks={"linkedin": 1})


async def test_a_request_may_come_byte_by_byte(shortener: Shortener, shares: Shares) -> None:
    _, linkedin, _ = await shares.make()
    async with connected(shortener) as (reader, writer):
        for byte in request(linkedin):
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0)
        assert (await answer(reader))[0] == 302


async def test_who_does_not_read_is_not_read_from_and_nothing_is_lost(shortener: Shortener, shares: Shares) -> None:
    bea, linkedin, _ = await shares.make()
    many, sent = 40_000, 0

    async def send(writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        for _ in range(many):
            writer.write(request(linkedin, "X: " + "x" * 400))
            await writer.drain()
            sent += 1

    async with connected(shortener) as (reader, writer), asyncio.timeout(60):
        sending, before = asyncio.create_task(send(writer)), -1
        while sent != before:
            before = sent
            await asyncio.sleep(0.3)
        assert 0 < sent < many  # the server has stopped reading, rather than to remember it all
        for _ in range(many):
            assert (await answer(reader))[0] == 302
        await sending
    assert await shares.receipt(bea) == Receipt(repeat=many - 1, unique=1, networks={"linkedin": 1})


@pytest.mark.parametrize(("lines", "version"), [(["Connection: close"], "1.1"), ([], "1.0")])
async def test_a_connection_that_is_not_kept_is_closed_after_the_answer(
    shortener: Shortener, shares: Shares, lines: list[str], version: str
) -> None:
    _, linkedin, _ = await shares.make()
    async with connected(shortener) as (reader, writer):
        writer.write(request(linkedin, *lines, version=version))
        status, headers = await answer(reader)
        assert (status, headers["connection"]) == (302, "close")
        assert await reader.read() == b""


@pytest.mark.parametrize("rest", [b"", b"GET /"])
async def test_who_has_asked_all_they_want_gets_their_answers(
    shortener: Shortener, shares: Shares, rest: bytes
) -> None:
    bea, linkedin, _ = await shares.make()
    async with connected(shortener) as (reader, writer):
        writer.write(request(linkedin) * 3 + rest)
        writer.write_eof()
        for _ in range(3):
            assert (await answer(reader))[0] == 302
        assert await reader.read() == b""
    assert (await shares.receipt(bea)).total == 3


@pytest.mark.parametrize(
    "agent", [CHROME.encode(), CHROME.encode() + b" \xff\xfe  x\t", CHROME.encode() + b"\xc3\xa4" * 300]
)
async def test_a_visitor_is_the_same_whichever_way_the_request_takes(
    shortener: Shortener, shares: Shares, agent: bytes
) -> None:
    bea, linkedin, _ = await shares.make()
    plain = request(linkedin, "Accept-Language:  de-AT;q=0.9 , en ").replace(CHROME.encode(), agent)
    odd = plain[:-2] + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"  # with a body: aiohttp answers it
    for sent in (plain, odd, plain):
        async with connected(shortener) as (reader, writer):
            writer.write(sent)
            assert (await answer(reader))[0] == 302
    assert await shares.receipt(bea) == Receipt(repeat=2, unique=1, networks={"linkedin": 1})


async def test_something_else_than_a_click_is_answered_and_the_connection_closed(
    shortener: Shortener, shares: Shares
) -> None:
    _, linkedin, _ = await shares.make()
    for sent, expected in [
        (request("Unknown1"), 404),
        (request(linkedin + "+"), 200),
        (request("healthz"), 200),
        (request(linkedin, method="POST"), 302),
        (request(linkedin, "Upgrade: websocket", "Connection: Upgrade"), 302),
        (request(linkedin, "X: " + "x" * 20_000), 400),
        (request(linkedin, "Bad Header: x"), 400),
        (b"\r\n" * 3 + request(linkedin), 302),
    ]:
        async with connected(shortener) as (reader, writer):
            writer.write(request(linkedin) + sent)
            assert (await answer(reader))[0] == 302
            assert (await answer(reader))[0] == expected, sent
            if expected != 302 or b"POST" in sent:
                assert await reader.read() == b""


async def test_a_head_that_never_ends_and_a_connection_on_which_nothing_is_asked_are_closed(
    shortener: Shortener, shares: Shares, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, linkedin, _ = await shares.make()
    monkeypatch.setattr("shortener.connections._HEAD", 1)
    monkeypatch.setattr("shortener.connections.IDLE", 4)
    loop = asyncio.get_running_loop()
    async with connected(shortener) as (slow, writer), connected(shortener) as (idle, other):
        other.write(request(linkedin))
        assert (await answer(idle))[0] == 302
        began = loop.time()
        sent = request(linkedin)
        for byte in sent:  # a byte now and then keeps nobody's connection
            writer.write(bytes([byte]))
            await asyncio.sleep(0.05)
            if slow.at_eof():
                break
        assert await slow.read() == b""
        assert loop.time() - began < 3.5
        assert await idle.read() == b""
        assert loop.time() - began > 3.5


async def test_an_error_of_ours_is_a_sentence_with_a_number_that_the_log_has(
    shortener: Shortener, shares: Shares, caplog: pytest.LogCaptureFixture
) -> None:
    await shares.store.redis.set("l:foreign", "no link at all")
    said = await shortener.ask("foreign", DORA)
    assert said.status == 500
    number = (await said.text()).split()[-1]
    assert number in caplog.text
    assert DORA.address not in caplog.text


async def test_nobody_who_merely_keeps_a_connection_holds_up_the_end(shares: Shares) -> None:

    _, linkedin, _ = await shares.make()
    loop = asyncio.get_running_loop()
    async with running(shares.store) as shortener:
        parts = urlsplit(shortener.url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write(request(linkedin))
        assert (await answer(reader))[0] == 302
        began = loop.time()
    assert loop.time() - began < 2
    assert await reader.read() == b""
    writer.close()
