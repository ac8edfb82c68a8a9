"""Trips to Redis: some under way at once, a share in one of them at a time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import pytest

from grapevine.store import Store
from grapevine.store.clicks import Click
from shortener.clicks import Clicks
from shortener.journals import Journals
from shortener.patience import Breaker
from tests.people import NOON
from tests.shortener.conftest import INSTANCE, Shares
from tests.waiting import until


class Relay:
    """Between the shortener and Redis: notes the shares of the batches that pass, and holds answers back."""

    def __init__(self, url: str) -> None:
        self._path = url.removeprefix("unix://").partition("?")[0]
        self.passed: list[str] = []
        self.answering = asyncio.Event()
        self.answering.set()

    async def start(self) -> str:
        self._server = await asyncio.start_server(self._relay, "127.0.0.1", 0)
        return f"redis://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def stop(self) -> None:
        self._server.close()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, to = await asyncio.open_unix_connection(self._path)

        async def answers() -> None:
            while said := await there.read(65536):
                await self.answering.wait()
                writer.write(said)

        back = asyncio.create_task(answers())
        with suppress(ConnectionError):
            while asked := await reader.read(65536):
                words = asked.split(b"\r\n")
                self.passed += [word.decode()[-6:] for word in words if word.startswith(b"{") and b"}v" in word]
                to.write(asked)
        to.close()
        writer.close()
        await asyncio.gather(back, return_exceptions=True)


class Desk:
    def __init__(self, shares: Shares, relay: Relay, journals: Journals, clicks: Clicks, mid: str) -> None:
        self.shares, self.relay, self.journals, self.clicks, self.mid = shares, relay, journals, clicks, mid
        self._tags = 0

    def put(self, sid: str) -> asyncio.Task[bool]:
        self._tags += 1
        return asyncio.create_task(self.clicks.settle(self.mid, sid, Click(None, "mylink", "", NOON, self._tags, 1)))


@pytest.fixture
async def desk(shares: Shares, redis_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with AsyncExitStack() as stack:
        relay = Relay(redis_url)
        over = Store.open(await relay.start())
        stack.callback(relay.stop)
        stack.push_async_callback(over.close)
        journals = Journals(tmp_path / "journal", INSTANCE, 10**6)
        stack.push_async_callback(journals.close)
        clicks = Clicks(over.clicks, Breaker(10.0), journals, clock=lambda: NOON)
        for sid in ("aaaaaa", "bbbbbb", "cccccc"):
            bea, _, _ = await shares.make(sid)
        task = asyncio.create_task(clicks.run())
        stack.callback(task.cancel)
        desk = Desk(shares, relay, journals, clicks, bea.id)
        await desk.put("aaaaaa")
        relay.passed.clear()
        yield desk
        relay.answering.set()


async def test_a_share_is_in_one_trip_at_a_time_and_others_do_not_wait_for_it(desk: Desk) -> None:
    desk.relay.answering.clear()
    waiting: list[Awaitable[bool]] = [desk.put("aaaaaa")]
    await until(lambda: desk.relay.passed == ["aaaaaa"])
    waiting += [desk.put("aaaaaa"), desk.put("bbbbbb")]
    await until(lambda: desk.relay.passed == ["aaaaaa", "bbbbbb"])
    waiting += [desk.put("bbbbbb"), desk.put("cccccc"), desk.put("aaaaaa")]
    # the fixture's, and those that were put meanwhile
    await until(lambda: desk.clicks.waiting == 6)
    assert desk.relay.passed == ["aaaaaa", "bbbbbb"]
    desk.relay.answering.set()
    assert await asyncio.gather(*waiting) == [True] * 6
    assert sorted(desk.relay.passed) == ["aaaaaa", "aaaaaa", "bbbbbb", "bbbbbb", "cccccc"]
    bea = await desk.shares.store.members.get(desk.mid)
    assert bea is not None
    assert [(await desk.shares.receipt(bea, sid)).unique for sid in ("aaaaaa", "bbbbbb", "cccccc")] == [4, 2, 1]


async def test_the_journal_is_sealed_between_trips_however_many_come(desk: Desk) -> None:
    stop = asyncio.Event()

    async def crowd(sid: str) -> None:
        while not stop.is_set():
            assert await desk.put(sid)

    crowds = [asyncio.create_task(crowd(sid)) for sid in ("aaaaaa", "bbbbbb", "cccccc")]
    async with asyncio.timeout(5):
        for _ in range(20):
            async with desk.journals.turn.alone():
                under_way = len(desk.relay.passed)
                await asyncio.sleep(0.01)
                assert len(desk.relay.passed) == under_way
    stop.set()
    await asyncio.gather(*crowds)
