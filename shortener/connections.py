"""Connections of readers: a click is answered here, everything else by the server that knows all of HTTP.

What nearly every request is, ``GET /{slug}`` without a body, is read by httptools and answered with bytes made
beforehand. Any other request, also one that is no HTTP, is handed to aiohttp together with its connection, as it came
and before anything of it is counted; aiohttp answers it and closes. Why: docs/decisions/0006-fast-path.md.
"""

import asyncio
import contextlib
import re
from collections.abc import Callable
from email.utils import formatdate
from typing import Any

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

from shortener.answers import Answers
from shortener.asked import SAID, Asked

#: bytes of a request's head; aiohttp says so to whoever sends more
_MOST_HEAD = 16_384
#: bytes of later requests that wait until the one before is answered
_MOST_AHEAD = 65_536
#: seconds: a head that does not come to its end, and a connection on which nothing is asked
_HEAD, IDLE = 10, 75
_CLICK = re.compile(rb"/([A-Za-z0-9_-]{3,40})(?:\?([^#]*))?")
_END = b"\r\n\r\n"


class Connections:
    """Those that are open. *others* makes a protocol for one that asks for something else than a click."""

    def __init__(self, answers: Answers, others: Callable[[], asyncio.Protocol]) -> None:
        self.answers, self.others = answers, others
        self._open: set[Connection] = set()
        self._none_open = asyncio.Event()
        self._none_open.set()
        #: what ends an answer's head, and that of a connection's last answer
        self.lines = self.last_lines = b""
        #: seconds since the start, so that no connection needs a timer of its own
        self.now = 0
        self._ticking = asyncio.create_task(self._tick())
        self._look_at_the_clock()

    def __call__(self) -> asyncio.Protocol:
        return Connection(self)

    def add(self, connection: "Connection") -> None:
        self._open.add(connection)
        self._none_open.clear()

    def discard(self, connection: "Connection") -> None:
        self._open.discard(connection)
        if not self._open:
            self._none_open.set()

    async def close(self, within: float) -> None:
        """Let what is at hand be answered, at most *within* seconds."""
        for connection in list(self._open):
            connection.end()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._none_open.wait()
        for connection in list(self._open):
            connection.abort()
        self._ticking.cancel()
        await asyncio.gather(self._ticking, return_exceptions=True)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(1)
            self.now += 1
            self._look_at_the_clock()
            for connection in list(self._open):
                connection.tick()

    def _look_at_the_clock(self) -> None:
        date = b"Date: " + formatdate(usegmt=True).encode() + b"\r\n"
        self.lines, self.last_lines = date + b"\r\n", date + b"Connection: close\r\n\r\n"


class Connection(asyncio.Protocol):
    """One of them. Requests are answered one after the other, in the order that they came."""

    def __init__(self, all_: Connections) -> None:
        self._all = all_
        self._parser: Any = HttpRequestParser(self)
        self._loop = asyncio.get_running_loop()
        self._transport: Any = None
        self._peer = ""
        self._waiting = b""
        self._task: asyncio.Task[None] | None = None
        self._since = all_.now
        self._busy = self._full = self._held = self._ended = self._last = self._looking = False
        # of the request that is read
        self._url = b""
        self._said: list[tuple[bytes, bytes]] = []
        self._told: list[tuple[bytes, bytes]] = []
        self._ends = 0
        self._keeps = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        peer = transport.get_extra_info("peername")
        self._peer = peer[0] if isinstance(peer, tuple) else ""
        self._all.add(self)

    def connection_lost(self, _: Exception | None) -> None:
        self._all.discard(self)
        self._waiting = b""

    def data_received(self, data: bytes) -> None:
        if self._waiting:
            data = self._waiting + data
        else:
            self._since = self._all.now
        self._waiting = data
        if not self._busy:
            self._go_on()
        if len(self._waiting) > _MOST_AHEAD:
            self._held = True
            self._transport.pause_reading()

    def eof_received(self) -> bool:
        """They have asked all they want; what is at hand is answered nevertheless."""
        self._ended = True
        return self._busy or self._full

    def pause_writing(self) -> None:
        self._full = True

    def resume_writing(self) -> None:
        self._full = False
        if not self._busy:
            self._go_on()

    def end(self) -> None:
        """Answer no more than what is at hand."""
        self._last = True
        if not self._busy:
            self._transport.close()

    def abort(self) -> None:
        self._transport.abort()

    def tick(self) -> None:
        if not self._busy and self._all.now - self._since > (_HEAD if self._waiting and not self._full else IDLE):
            self._transport.abort() if self._full else self._transport.close()

    # what httptools calls while it reads a head

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        if name in SAID:
            self._said.append((name, value.strip()[: SAID[name]]))
        elif name in self._all.answers.telling:
            self._told.append((name, value))

    def on_headers_complete(self) -> None:
        self._keeps = self._parser.should_keep_alive()

    def on_message_complete(self) -> None:
        self._ends += 1

    def _go_on(self) -> None:
        """Begin with the requests that have come wholly, until one has to wait."""
        if self._looking:  # an answer that did not have to wait was sent while we were at it
            return
        self._looking = True
        while self._waiting and not (self._busy or self._full or self._transport.is_closing()):
            if not self._next():
                break
        self._looking = False
        if self._held and len(self._waiting) <= _MOST_AHEAD:
            self._held = False
            self._transport.resume_reading()

    def _next(self) -> bool:
        """Begin with the next request; False when that is not possible yet, or not here."""
        data = self._waiting
        end = data.find(_END, 0, _MOST_HEAD) + len(_END)
        if end < len(_END):
            if len(data) >= _MOST_HEAD:
                self._hand_over(data)
            elif self._ended:
                self._transport.close()
            return False
        head, self._waiting = (data, b"") if end == len(data) else (data[:end], data[end:])
        click = self._read(head)
        if click is None:
            self._hand_over(data)
            return False
        self._busy = True
        if not self._all.answers.at_once(*click, self._send):
            self._task = self._loop.create_task(self._answer(head, *click))
        return True

    def _read(self, head: bytes) -> tuple[Asked, str] | None:
        """The click that a head asks for; None when it is something else."""
        self._url, self._said, self._told, self._ends = b"", [], [], 0
        try:
            self._parser.feed_data(head)
        except (HttpParserError, HttpParserUpgrade):
            return None
        method = self._parser.get_method()
        found = _CLICK.fullmatch(self._url)
        if self._ends != 1 or found is None or method not in (b"GET", b"HEAD"):
            return None
        if not self._keeps or self._parser.get_http_version() != "1.1":
            self._last = True
        query = found[2].decode("ascii", "replace") if found[2] else ""
        return Asked(method.decode(), query, self._peer, tuple(self._said), tuple(self._told)), found[1].decode()

    async def _answer(self, head: bytes, asked: Asked, slug: str) -> None:
        if not await self._all.answers.later(asked, slug, self._send) and not self._transport.is_closing():
            self._hand_over(head + self._waiting)

    def _send(self, head: bytes, body: bytes) -> None:
        self._busy = False
        transport = self._transport
        if transport.is_closing():
            return
        last = self._last or (self._ended and not self._waiting)
        transport.write(head + (self._all.last_lines if last else self._all.lines) + body)
        self._since = self._all.now
        if last:
            transport.close()
        elif self._waiting:
            self._go_on()

    def _hand_over(self, data: bytes) -> None:
        """The connection is aiohttp's from here, beginning with *data*."""
        self._all.discard(self)
        self._waiting = b""
        other = self._all.others()
        self._transport.set_protocol(other)
        other.connection_made(self._transport)
        if self._held:
            self._transport.resume_reading()
        other.data_received(data)
