"""A connection for trips of commands: written at once, answered in order, without what redis-py does for each of them.

For the clicks alone, whose trips are most of the shortener's work; everything else, and all that a cluster does, is
redis-py's, and so are the terms of TLS and the way through sentinels. Why: docs/decisions/0006-fast-path.md. The
protocol: https://redis.io/docs/latest/develop/reference/protocol-spec/
"""

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from ssl import SSLContext
from typing import Any, cast

from hiredis import Reader
from hiredis import pack_command as _pack_command
from redis.asyncio import Connection, SSLConnection, UnixDomainSocketConnection
from redis.asyncio.sentinel import SentinelManagedConnection
from redis.exceptions import NoScriptError, ResponseError

from grapevine.store.commands import Client, Value

Command = tuple[Value, ...]
#: its annotation says list-like tuples of one kind
_packed: Callable[[Command], bytes] = cast("Any", _pack_command)
#: answers after which the server behind the address is another one, or will be
_ELSEWHERE = ("READONLY", "MASTERDOWN", "LOADING")


class Wire:
    """Connects at the first trip, and again after a trip that failed. *options* are redis-py's of a connection.

    *tls* is how it is encrypted, None for not at all; *primary* finds the server anew, where sentinels know it.
    """

    def __init__(
        self,
        options: Mapping[str, Any],
        tls: Callable[[], SSLContext] | None = None,
        primary: Callable[[], Awaitable[tuple[str, int]]] | None = None,
    ) -> None:
        self._options = options
        self._tls = tls
        self._primary = primary
        #: seconds in which the answers to a trip come, None without a bound
        self.within: float | None = options.get("socket_timeout")
        self._open: _Connection | None = None
        #: is told when the server ends a connection, or it breaks
        self.lost: Callable[[], object] = lambda: None
        self._opening = asyncio.Lock()

    @classmethod
    def of(cls, client: Client) -> "Wire | None":
        """A wire to the server that *client* speaks to, None where those are several, or of a kind unknown here."""
        pool: Any = getattr(client, "connection_pool", None)
        kind = getattr(pool, "connection_class", None)
        if kind in (Connection, UnixDomainSocketConnection):
            return cls(pool.connection_kwargs)
        if kind is SSLConnection:
            return cls(pool.connection_kwargs, SSLConnection(**pool.connection_kwargs).ssl_context.get)
        if kind is SentinelManagedConnection:
            return cls(pool.connection_kwargs, primary=pool.get_master_address)
        return None

    async def trip(self, commands: Sequence[Command]) -> list[object]:
        """An answer to each command, an exception where it is an error; ``OSError`` when they do not come in time."""
        connection = self._open
        if connection is None or connection.closed:
            async with asyncio.timeout(self.within):
                connection = await self._connect()
        return await connection.ask(commands)

    async def ask(self, *command: Value) -> Any:
        """The answer to one command; raised where it is an error."""
        answer = (await self.trip([command]))[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _lose(self) -> None:
        self.lost()

    async def close(self) -> None:
        if self._open is not None:
            self._open.abort()
            await self._open.gone.wait()

    async def _connect(self) -> "_Connection":
        async with self._opening:
            if self._open is not None and not self._open.closed:
                return self._open
            options, loop, made = (
                self._options,
                asyncio.get_running_loop(),
                partial(_Connection, self.within, self._lose),
            )
            if path := options.get("path"):
                _, connection = await loop.create_unix_connection(made, path)
            else:
                host, port = options.get("host", "localhost"), int(options.get("port", 6379))
                if self._primary:
                    host, port = await self._primary()
                _, connection = await loop.create_connection(made, host, port, ssl=self._tls() if self._tls else None)
            name, password, db = options.get("username"), options.get("password"), options.get("db")
            commands: list[Command] = []
            if password:
                commands.append(("AUTH", name, password) if name else ("AUTH", password))
            if db:
                commands.append(("SELECT", int(db)))
            for answer in await connection.ask(commands) if commands else ():
                if isinstance(answer, Exception):
                    connection.abort()
                    raise answer
            self._open = connection
            return connection


class _Connection(asyncio.Protocol):
    def __init__(self, within: float | None, lost: Callable[[], object]) -> None:
        self._within, self._lost, self._loop = within, lost, asyncio.get_running_loop()
        self._reader = Reader(encoding="utf-8", errors="surrogateescape", replyError=_error)
        #: what is waited for, of how many answers, and until when
        self._asked: deque[tuple[asyncio.Future[list[object]], int, float]] = deque()
        self._watching: asyncio.TimerHandle | None = None
        self._answers: list[object] = []
        self._transport: Any = None
        self.closed = False
        self.gone = asyncio.Event()

    async def ask(self, commands: Sequence[Command]) -> list[object]:
        if self.closed:
            raise ConnectionError("The connection to Redis is closed.")
        asked: asyncio.Future[list[object]] = self._loop.create_future()
        until = self._loop.time() + self._within if self._within else math.inf
        self._asked.append((asked, len(commands), until))
        if self._watching is None and self._within:
            self._watching = self._loop.call_at(until, self._watch)
        self._transport.write(b"".join([_packed(command) for command in commands]))
        try:
            return await asked
        except asyncio.CancelledError:
            self.abort()  # nobody waits for the answers any more
            raise

    def _watch(self) -> None:
        """One timer looks after all trips: one for each would cost a tenth of it."""
        self._watching = None
        if not self._asked:
            return
        until = self._asked[0][2]
        if until > self._loop.time():
            self._watching = self._loop.call_at(until, self._watch)
            return
        for asked, _, _ in self._asked:
            if not asked.done():
                asked.set_exception(TimeoutError("Redis did not answer in time."))
        self.abort()

    def abort(self) -> None:
        self.closed = True
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        ours, self.closed = self.closed, True
        self.gone.set()
        if self._watching is not None:
            self._watching.cancel()
        for asked, _, _ in self._asked:
            if not asked.done():
                asked.set_exception(ConnectionError(f"Redis closed the connection: {exc or 'no reason given'}"))
        self._asked.clear()
        if not ours:
            self._lost()

    def data_received(self, data: bytes) -> None:
        self._reader.feed(data)
        answers = self._answers
        while (answer := self._reader.gets()) is not False:
            answers.append(answer)
            if isinstance(answer, ResponseError) and str(answer).startswith(_ELSEWHERE):
                self.closed = True
            if self._asked and len(answers) == self._asked[0][1]:
                asked = self._asked.popleft()[0]
                if not asked.done():
                    asked.set_result(answers)
                answers = self._answers = []
        if self.closed:
            self._transport.close()


def _error(text: str) -> Exception:
    """As redis-py would tell it, as far as it matters."""
    return NoScriptError(text) if text.startswith("NOSCRIPT") else ResponseError(text)
