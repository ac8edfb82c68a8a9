"""When Redis does not answer: known links lead on, unknown ones say so, and what waited is counted once it is back."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis import Redis

from grapevine.domain.shares import Receipt
from grapevine.store import Store
from grapevine.store.connection import connect
from grapevine.store.embedded import EmbeddedServer
from tests.conftest import ENCRYPTION_KEY
from tests.people import DORA, EMIL, FAY, crowd
from tests.shortener.conftest import Shares, Shortener, Start


class Server:
    """A Redis of the test's own, which may be stopped and killed."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self._server = EmbeddedServer.start(data)
        self.url = self._server.url
        self._find()

    def _find(self) -> None:
        with Redis.from_url(self.url, decode_responses=True) as redis:
            self.pid = int(redis.info("server")["process_id"])

    def hang(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        self._server.stop()

    def restart(self) -> None:
        self._server = EmbeddedServer.start(self.data)
        assert self._server.url == self.url
        self._find()

    def stop(self) -> None:
        self._server.stop()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "data")
    yield server
    server.go_on()
    server.stop()


@pytest.fixture
async def shares(server: Server) -> AsyncIterator[Shares]:
    store = Store.open(server.url, encryption_keys=[ENCRYPTION_KEY])
    yield Shares(store)
    await store.close()


@pytest.fixture
async def shortener(server: Server, start: Start) -> AsyncIterator[Shortener]:
    over = Store(connect(server.url, timeout=0.25))
    yield await start(over)
    server.go_on()
    await over.close()


async def until_ready(shortener: Shortener, within: float = 15.0) -> None:
    deadline = time.monotonic() + within
    while (await shortener.ask("readyz")).status != 200:
        assert time.monotonic() < deadline, "it did not become ready in time"
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("fault", ["hang", "kill"])
async def test_known_links_lead_on_and_their_clicks_are_counted_later(
    server: Server, shares: Shares, shortener: Shortener, fault: str
) -> None:
    bea, linkedin, _ = await shares.make()
    await shortener.click(linkedin, DORA)
    getattr(server, fault)()
    took = []
    for visitor in [*crowd(30), DORA, EMIL, DORA]:
        before = time.monotonic()
        await shortener.click(linkedin, visitor)
        took.append(time.monotonic() - before)
    assert took[0] < 1.0
    assert sorted(took)[-3] < 0.2  # only the first ones waited
    assert (await shortener.ask("healthz")).status == 200
    ready = await shortener.ask("readyz")
    assert (ready.status, (await ready.json())["status"]) == (503, "degraded")
    (server.go_on if fault == "hang" else server.restart)()
    await until_ready(shortener)
    await shortener.click(linkedin, FAY)
    assert await shares.receipt(bea) == Receipt(repeat=2, unique=33, networks={"linkedin": 33})


async def test_an_unknown_link_says_come_again(server: Server, shares: Shares, shortener: Shortener) -> None:
    _, linkedin, _ = await shares.make()
    server.kill()
    for slug in (linkedin, "Unknown1", linkedin + "+"):
        answer = await shortener.ask(slug, DORA)
        assert answer.status == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert "Try it again" in await answer.text()
    assert (await shortener.ask("no/link", DORA)).status == 404
    server.restart()
    await until_ready(shortener)
    await shortener.click(linkedin, DORA)


async def test_a_restart_in_the_middle_of_clicks_loses_and_doubles_none(
    server: Server, shares: Shares, shortener: Shortener
) -> None:
    bea, linkedin, _ = await shares.make()
    people = crowd(400)
    await shortener.click(linkedin, people[0])

    async def some(number: int) -> None:
        for visitor in people[number::8]:
            await shortener.click(linkedin, visitor)

    async def fault() -> None:
        await asyncio.sleep(0.05)
        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.restart)

    await asyncio.gather(fault(), *(some(number) for number in range(8)))
    await until_ready(shortener)
    await shortener.click(linkedin, people[0])
    assert await shares.receipt(bea) == Receipt(repeat=2, unique=400, networks={"linkedin": 400})
