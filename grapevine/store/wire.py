"""A connection for trips of commands: written at once, answered in order, without what redis-py does for each of them.

For the clicks alone, whose trips are most of the shortener's work; everything else, and whatever is no single server
on a plain connection (TLS, sentinels, clusters), is redis-py's. Why: docs/decisions/0006-fast-path.md. The protocol:
https://redis.io/docs/latest/develop/reference/protocol-spec/
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from hiredis import Reader
from hiredis import pack_command as _pack_command
from redis.asyncio import Connection, UnixDomainSocketConnection
from redis.exceptions import NoScriptError, ResponseError

from grapevine.store.commands import Client, Value

Command = tuple[Value, ...]
#: its annotation says list-like tuples of one kind
_packed: Callable[[Command], bytes] = cast("Any", _pack_command)
#: answers after which the server behind the address is another one, or will be
_ELSEWHERE = ("READONLY", "MASTERDOWN", "LOADING")


class Wire:
    """Connects at the first trip, and again after a trip that failed. *options* are redis-py's of a connection."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._options = options
        self._open: _Connection | None = None
        self._opening = asyncio.Lock()

    @classmethod
    def of(cls, client: Client) -> "Wire | None":
        """A wire to the server that *client* speaks to, None where that takes more than a plain connection."""
        pool: Any = getattr(client, "connection_pool", None)
        plain = pool is not None and pool.connection_class in (Connection, UnixDomainSocketConnection)
        return cls(pool.connection_kwargs) if plain else None

    async def trip(self, commands: Sequence[Command]) -> list[object]:
        """An answer to each command, an exception where it is an error; ``OSError`` when they do not come in time."""
        async with asyncio.timeout(self._options.get("socket_timeout")):
            connection = self._open
            if connection is None or connection.closed:
                connection = await self._connect()
            return await connection.ask(commands)

    async def ask(self, *command: Value) -> Any:
        """The answer to one command; raised where it is an error."""
        answer = (await self.trip([command]))[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def close(self) -> None:
        if self._open is not None:
            self._open.abort()
            await self._open.gone.wait()

    async def _connect(self) -> "_Connection":
        async with self._opening:
            if self._open is not None and not self._open.closed:
                return self._open
            options, loop = self._options, asyncio.get_running_loop()
            if path := options.get("path"):
                _, connection = await loop.create_unix_connection(_Connection, path)
            else:
                host, port = options.get("host", "localhost"), int(options.get("port", 6379))
                _, connection = await loop.create_connection(_Connection, host, port)
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
    def __init__(self) -> None:
        self._reader = Reader(encoding="utf-8", errors="surrogateescape", replyError=_error)
        self._asked: deque[tuple[asyncio.Future[list[object]], int]] = deque()
        self._answers: list[object] = []
        self._transport: Any = None
        self.closed = False
        self.gone = asyncio.Event()

    async def ask(self, commands: Sequence[Command]) -> list[object]:
        if self.closed:
            raise ConnectionError("The connection to Redis is closed.")
        asked: asyncio.Future[list[object]] = asyncio.get_running_loop().create_future()
        self._asked.append((asked, len(commands)))
        self._transport.write(b"".join([_packed(command) for command in commands]))
        try:
            return await asked
        except asyncio.CancelledError:
            self.abort()  # nobody waits for the answers any more
            raise

    def abort(self) -> None:
        self.closed = True
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        self.gone.set()
        for asked, _ in self._asked:
            if not asked.done():
                asked.set_exception(ConnectionError(f"Redis closed the connection: {exc or 'no reason given'}"))
        self._asked.clear()

    def data_received(self, data: bytes) -> None:
        self._reader.feed(data)
        answers = self._answers
        while (answer := self._reader.gets()) is not False:
            answers.append(answer)
            if isinstance(answer, ResponseError) and str(answer).startswith(_ELSEWHERE):
                self.closed = True
            if self._asked and len(answers) == self._asked[0][1]:
                asked, _ = self._asked.popleft()
                if not asked.done():
                    asked.set_result(answers)
                answers = self._answers = []
        if self.closed:
            self._transport.close()


def _error(text: str) -> Exception:
    """As redis-py would tell it, as far as it matters."""
    return NoScriptError(text) if text.startswith("NOSCRIPT") else ResponseError(text)
