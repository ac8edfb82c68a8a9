"""Clicks on their way to the disk, by a process that has no Redis."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from grapevine.domain.errors import TryLater
from grapevine.store import Store
from grapevine.store.clicks import Click
from shortener.clicks import Clicks
from shortener.journal import Journal
from shortener.journals import Journals
from shortener.patience import Breaker
from tests.people import NOON
from tests.shortener.conftest import INSTANCE


class Desk:
    """Clicks, and the journals that they go to."""

    def __init__(self, folder: Path, most: int = 20_000) -> None:
        self.store = Store.open("unix:///nowhere.sock")
        self.journals = Journals(folder, INSTANCE, 10**6)
        self.breaker = Breaker()
        self.clicks = Clicks(self.store.clicks, self.breaker, self.journals, most, lambda: NOON)
        self.tags = 0

    async def settle(self) -> bool:
        self.tags += 1
        return await self.clicks.settle("member", "share", Click(None, "mylink", "", NOON, self.tags, 1))


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with AsyncExitStack() as stack:
        desk = Desk(tmp_path / "journal", most=20)
        await desk.journals.start()
        stack.push_async_callback(desk.store.close)
        stack.push_async_callback(desk.journals.close)
        task = asyncio.create_task(desk.clicks.run())
        stack.callback(task.cancel)
        yield desk


def held(folder: Path) -> list[int]:
    """The tags in the one journal there, as another process finds them."""
    (path,) = folder.iterdir()
    copy = folder.parent / path.name
    copy.write_bytes(path.read_bytes())
    journal = Journal.adopt(copy, INSTANCE)
    assert journal is not None
    tags = []
    while portion := journal.portion(NOON):
        tags += [click.tag for batch in portion.batches for click in batch.clicks]
        journal.settled(portion)
    journal.delete()
    return tags


async def test_a_click_is_on_the_disk_before_it_is_said_to_be_settled(desk: Desk, tmp_path: Path) -> None:
    for number in range(1, 6):
        assert await desk.settle()
        assert held(tmp_path / "journal") == list(range(1, number + 1))
    assert desk.breaker.is_open
    assert (desk.clicks.lost, desk.clicks.waiting) == (0, 0)


async def test_a_disk_that_does_not_answer_holds_nobody_up(desk: Desk, tmp_path: Path) -> None:
    mended = threading.Event()
    stuck = asyncio.create_task(desk.journals.off_loop(mended.wait))  # all that touches the disk waits behind it
    desk.breaker.open(TryLater("Redis does not answer."))
    began = asyncio.get_running_loop().time()
    assert await desk.settle() is False
    assert 0.9 < asyncio.get_running_loop().time() - began < 2
    began = asyncio.get_running_loop().time()
    for _ in range(25):
        assert await desk.settle() is False
    assert asyncio.get_running_loop().time() - began < 0.1  # only the first one waits
    assert "disk does not answer" in desk.journals.trouble
    assert (desk.clicks.waiting, desk.clicks.lost) == (20, 6)
    mended.set()
    await stuck
    await desk.clicks.drain(5)
    assert (desk.clicks.waiting, desk.clicks.lost) == (0, 6)
    assert sorted(held(tmp_path / "journal")) == list(range(1, 21))
    assert desk.journals.trouble == ""
    assert await desk.settle()


async def test_an_empty_journal_goes_with_its_process_and_a_full_one_stays(tmp_path: Path) -> None:
    for clicks in range(2):
        desk = Desk(tmp_path / str(clicks))
        await desk.journals.start()
        task = asyncio.create_task(desk.clicks.run())
        for _ in range(clicks):
            assert await desk.settle()
        task.cancel()
        await desk.journals.close()
        await desk.store.close()
        assert len(list((tmp_path / str(clicks)).iterdir())) == clicks


async def test_the_operator_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").touch()
    desk = Desk(tmp_path / "file" / "journal")
    await desk.journals.start()
    assert "clicks would be lost if Redis were away" in caplog.text
    task = asyncio.create_task(desk.clicks.run())
    for _ in range(5):
        assert await desk.settle() is False
    assert desk.clicks.lost == 5
    assert caplog.text.count("clicks are being lost") == 1
    assert caplog.text.count("cannot be written (Not a directory)") == 2
    task.cancel()
    await desk.journals.close()
    await desk.store.close()
