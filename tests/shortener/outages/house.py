"""A Redis and shorteners that can be killed at any moment, and who was sent on by them."""

import asyncio
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, suppress
from itertools import count
from pathlib import Path

from redis import Redis

from grapevine.domain.shares import Receipt
from grapevine.store import Store
from tests.people import DORA, Visitor
from tests.shortener.conftest import SECRET, Shares
from tests.shortener.outages.server import Server
from tests.shortener.program import program

#: who speaks to the shortener at the same time
CLIENTS = 8


SHARES = ("abcdef", "ghijkm", "npqrst")
#: a shortener, its address, and the file that it logs to
Running = tuple[subprocess.Popen[bytes], str, Path]


def strangers() -> Iterator[Visitor]:
    """People without end, each with an address of their own."""
    for number in count():
        yield Visitor(f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}")


class House:
    """A Redis and shorteners as processes of their own, the links of three shares, and who was sent on by them."""

    def __init__(self, folder: Path, server: Server, store: Store) -> None:
        self.folder, self.server, self.store = folder, server, store
        self.journals = folder / "journal"
        self.running: list[Running] = []
        self.processes = 0
        self._running = ExitStack()
        self.bea = ""
        self.slugs: list[str] = []
        #: who got a 302 of which link, and how long each waited
        self.sent_on: list[tuple[Visitor, str]] = []
        self.took: list[float] = []
        self.asked = 0

    async def fill(self) -> None:
        for sid in SHARES:
            bea, linkedin, _ = await Shares(self.store).make(sid)
            self.bea = bea.id
            self.slugs.append(linkedin)

    def start(self, **settings: str) -> None:
        """One more shortener."""
        folder = self.folder / f"shortener{len(self.running)}-{time.monotonic_ns()}"
        folder.mkdir()
        given = {"REDIS_URL": self.server.url, "VISITOR_SECRET": SECRET, "TRUSTED_PROXIES": "127.0.0.1"}
        given |= {"JOURNAL_FOLDER": str(self.journals), "VISITOR_CAP": "1000000", **settings}
        self.running.append(self._running.enter_context(program(folder, **given)))
        self.processes += int(given.get("SHORTENER_PROCESSES", "1"))

    def kill(self, which: int = 0) -> None:
        process = self.running.pop(which)[0]
        process.kill()
        process.wait()
        self.processes -= 1

    def end(self) -> None:
        self._running.close()

    def logs(self) -> str:
        return "".join(path.read_text() for path in self.folder.glob("shortener*/shortener.log"))

    async def warm(self, *visitors: Visitor) -> None:
        for _, url, _ in self.running:
            for slug in self.slugs:
                for visitor in visitors:
                    assert await self.ask(url, slug, visitor) == 302

    async def ask(self, url: str, slug: str, visitor: Visitor) -> int:
        """The status; ``OSError`` when no answer comes. aiohttp's client would then ask once more by itself."""
        host, _, port = url.removeprefix("http://").partition(":")
        lines = [f"GET /{slug} HTTP/1.1", "Host: short.example", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in visitor.headers.items()]
        async with asyncio.timeout(20):
            reader, writer = await asyncio.open_connection(host, int(port))
            try:
                writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
                said = await reader.readline()
            finally:
                writer.close()
        if not said.endswith(b"\n"):
            raise ConnectionError("no answer came")
        return int(said.split()[1])

    async def click(self, people: Iterator[Visitor], until: Callable[[], bool]) -> None:
        """A client: each visitor follows one link once."""
        while not until():
            if not self.running:
                await asyncio.sleep(0.01)
                continue
            visitor = next(people)
            slug = self.slugs[self.asked % len(self.slugs)]
            self.asked += 1
            began = time.monotonic()
            try:
                status = await self.ask(self.running[self.asked % len(self.running)][1], slug, visitor)
            except (OSError, IndexError):
                continue  # nobody there, or killed before the answer
            self.took.append(time.monotonic() - began)
            if status == 302:
                self.sent_on.append((visitor, slug))
            else:
                assert status == 503, status
                await asyncio.sleep(0.01)

    def write_at_once(self) -> None:
        """As who wants to lose nothing sets it, even when both are killed while the disk is busy (docs/counting.md)."""
        with Redis.from_url(self.server.url) as redis:
            redis.config_set("appendfsync", "always")

    async def under_load(self, happens: Callable[[], Awaitable[None]]) -> None:
        """*happens*, and what comes after it, while clients click."""
        over = False
        people = strangers()
        clients = [asyncio.create_task(self.click(people, lambda: over)) for _ in range(CLIENTS)]
        try:
            await asyncio.sleep(0.1)
            await happens()
            await asyncio.sleep(0.2)
        finally:
            over = True
            await asyncio.gather(*clients)

    async def settled(self, within: float = 20) -> None:
        """Wait until the journals are in Redis, and nothing but empty ones of the living is left."""
        deadline = time.monotonic() + within
        while True:
            held = self.held()
            ready = [await self.ask(url, "readyz", DORA) for _, url, _ in self.running]
            if len(held) <= self.processes and set(ready) == {200} and all(size < 250 for size in held):
                return
            assert time.monotonic() < deadline, (held, ready, self.logs())
            await asyncio.sleep(0.02)

    def held(self) -> list[int]:
        """The sizes of the journals."""
        sizes = []
        for path in self.journals.iterdir():
            with suppress(FileNotFoundError):  # replayed meanwhile
                sizes.append(path.stat().st_size)
        return sizes

    async def receipt(self) -> Receipt:
        """Of all shares together."""
        receipts = [await self.store.shares.receipt(self.bea, sid) for sid in SHARES]
        unique, repeat = sum(one.unique for one in receipts), sum(one.repeat for one in receipts)
        assert sum(one.total for one in receipts) == unique + repeat
        assert sum(sum((one.networks or {}).values()) for one in receipts) == unique
        return Receipt(unique=unique, repeat=repeat)

    async def check(self) -> None:
        """Everybody who was sent on was counted once, and nobody twice."""
        await self.settled()
        assert len(self.sent_on) > 20
        before = await self.receipt()
        # whoever asked and was killed with the question may have been counted, without a 302
        assert len(self.sent_on) <= before.unique <= self.asked
        assert before.repeat == 0
        again = iter(self.sent_on)

        async def come_again() -> None:
            for visitor, slug in again:
                assert await self.ask(self.running[0][1], slug, visitor) == 302

        await asyncio.gather(*(come_again() for _ in range(CLIENTS)))
        after = await self.receipt()
        assert (after.unique, after.repeat) == (before.unique, len(self.sent_on))
        assert "Traceback" not in self.logs()
        assert "lost" not in self.logs()
