"""What Redis took and lost: it answers before a write is in its file, while the disk is busy."""

import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis import Redis

from grapevine.domain.clicks import Row
from grapevine.store import Store
from grapevine.store.clicks import Batch, Click
from grapevine.store.connection import connect
from grapevine.store.embedded import EmbeddedServer
from shortener.frames import Trip
from shortener.recent import DOUBT, Recent
from tests.conftest import ENCRYPTION_KEY
from tests.people import NOON, crowd
from tests.shortener.conftest import ACCOUNT, Clock, Shares, Shortener, Start
from tests.shortener.test_outage import until_ready
from tests.waiting import until


def trip(number: int, size: int = 1) -> Trip:
    return Trip(number, NOON, (Batch("member", "share", "", number, (Click(None, "mylink", "", NOON, 1, 1),) * size),))


def test_the_trips_of_the_last_seconds_are_remembered() -> None:
    clock = Clock(NOON)
    recent = Recent(clock)
    for number in range(10):
        recent.keep(trip(number))
        clock.now += 1
    assert [one.number for one in recent.take()] == [7, 8, 9]
    assert recent.take() == []


def test_a_trip_comes_back_as_it_was() -> None:
    clicks = (
        Click(None, "linkedin", ACCOUNT, NOON + 0.25, -(2**63), 2**63 - 1),
        Click(Row.BOT, "mylink", "", NOON),
    )
    sent = Trip(7, NOON, (Batch("member", "share", "writer", 7, clicks), Batch("é", "other", "writer", 7, clicks[:1])))
    recent = Recent(Clock(NOON))
    recent.keep(sent)
    (found,) = recent.take()
    assert found == sent
    assert found.batches[0].clicks[1].row is Row.BOT


def test_what_is_held_is_kept_until_it_is_taken() -> None:
    clock = Clock(NOON)
    recent = Recent(clock)
    assert not recent.hold()
    recent.keep(trip(1))
    assert recent.hold()
    clock.now += 10 * DOUBT
    recent.keep(trip(2))
    assert recent.hold()
    assert [one.number for one in recent.take()] == [1, 2]


def test_so_many_clicks_are_remembered_at_the_most() -> None:
    recent = Recent(Clock(NOON), most=10)
    for number in range(10):
        recent.keep(trip(number, 4))
    assert [one.number for one in recent.take()] == [8, 9]


class Forgetful:
    """A Redis that is killed, and has lost what came after some moment, as if the disk had not got it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self._server = EmbeddedServer.start(data)
        self.url = self._server.url

    def _files(self) -> list[Path]:
        return sorted(path for path in self.data.rglob("*.aof*") if path.is_file() and "manifest" not in path.name)

    def sizes(self) -> dict[Path, int]:
        """How much is in its append-only files."""
        return {path: path.stat().st_size for path in self._files()}

    def die(self, keeping: dict[Path, int]) -> None:
        """Be killed, and keep no more than was there at some moment."""
        with Redis.from_url(self.url, decode_responses=True) as redis:
            os.kill(int(redis.info("server")["process_id"]), signal.SIGKILL)
        self._server.stop()
        for path in self._files():
            os.truncate(path, min(path.stat().st_size, keeping.get(path, 0)))

    def rise(self) -> None:
        self._server = EmbeddedServer.start(self.data)
        assert self._server.url == self.url

    def stop(self) -> None:
        self._server.stop()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Forgetful]:
    server = Forgetful(tmp_path / "data")
    yield server
    server.stop()


@pytest.fixture
async def shares(server: Forgetful) -> AsyncIterator[Shares]:
    store = Store.open(server.url, encryption_keys=[ENCRYPTION_KEY])
    yield Shares(store)
    await store.close()


@pytest.fixture
async def over(server: Forgetful) -> AsyncIterator[Store]:
    store = Store(connect(server.url, timeout=0.25))
    yield store
    await store.close()


@pytest.mark.parametrize("clicks_meanwhile", [0, 3])
async def test_what_redis_took_and_lost_is_counted_once_all_the_same(
    server: Forgetful, shares: Shares, over: Store, start: Start, tmp_path: Path, clicks_meanwhile: int
) -> None:
    shortener = await start(over, GRAPEVINE_DATA=str(tmp_path / "shortener"))
    bea, linkedin, mylink = await shares.make()
    people = crowd(30)
    for person in people[:10]:
        await shortener.click(linkedin, person)
    kept = server.sizes()
    for person in people[5:25]:
        await shortener.click(mylink, person)
    server.die(keeping=kept)
    for person in people[25 : 25 + clicks_meanwhile]:
        await shortener.click(mylink, person)
    server.rise()
    await until_ready(shortener)
    receipt = await shares.receipt(bea)
    assert (receipt.unique, receipt.repeat) == (25 + clicks_meanwhile, 5)
    assert receipt.networks == {"linkedin": 10, "mylink": 15 + clicks_meanwhile}
    assert sum((await shares.store.insights.clicks_since(bea.id, "00000000")).values()) == receipt.unique
    told = await shortener.metrics()
    assert told["grapevine_shortener_clicks_replayed_total"] == 20 + clicks_meanwhile
    assert told["grapevine_shortener_clicks_lost_total"] == 0


async def test_a_journal_stays_until_redis_has_it_in_its_file(
    server: Forgetful, shares: Shares, over: Store, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bea, linkedin, _ = await shares.make()
    shortener: Shortener = await start(over, GRAPEVINE_DATA=str(tmp_path / "shortener"))
    people = crowd(12)
    await shortener.click(linkedin, people[0])
    kept = server.sizes()
    server.die(keeping=kept)
    for person in people[1:11]:
        await shortener.click(linkedin, person)
    (path,) = (tmp_path / "shortener" / "journal").iterdir()
    standing = over.clicks.standing

    async def busy() -> object:
        return (await standing())._replace(written=False)

    monkeypatch.setattr(over.clicks, "standing", busy)
    server.rise()
    await until_ready(shortener)
    assert (await shares.receipt(bea)).unique == 11
    assert path.exists()
    server.die(keeping=kept)  # and all that was settled anew is gone again
    await shortener.click(linkedin, people[11])
    monkeypatch.undo()
    server.rise()
    await until_ready(shortener)
    await until(lambda: not path.exists())
    assert (await shares.receipt(bea)).unique == 12
