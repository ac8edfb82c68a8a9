"""Waiting for Redis, and not waiting again and again."""

import asyncio
import logging

import pytest

from grapevine.domain.errors import TryLater
from grapevine.settings import SettingsError, ShortenerSettings, load
from shortener.patience import Breaker


async def test_the_first_silence_opens_it_and_nobody_waits_again(caplog: pytest.LogCaptureFixture) -> None:
    breaker, asked = Breaker(0.05), []

    async def silence(number: int) -> None:
        asked.append(number)
        await asyncio.sleep(10)

    for number in range(3):
        began = asyncio.get_running_loop().time()
        with pytest.raises(TryLater):
            await breaker.ask(silence, number)
        assert (asyncio.get_running_loop().time() - began > 0.04) == (number == 0)
    assert asked == [0]
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


async def test_closed_again_it_asks_again() -> None:
    breaker = Breaker()
    breaker.open(TryLater("Redis does not answer."))
    await asyncio.wait_for(breaker.opened(), 1)
    breaker.close()
    assert not breaker.is_open

    async def answer() -> str:
        return "here"

    assert await breaker.ask(answer) == "here"


async def test_whoever_asked_before_it_opened_still_has_their_answer() -> None:
    breaker, ready = Breaker(5), asyncio.Event()

    async def slow() -> str:
        await ready.wait()
        return "here"

    asked = asyncio.create_task(breaker.ask(slow))
    await asyncio.sleep(0)
    breaker.open(TryLater("Redis does not answer."))
    ready.set()
    assert await asked == "here"


@pytest.mark.parametrize(
    ("said", "bytes_"), [("0", 0), ("500000", 500_000), ("64M", 64 << 20), ("1.5 GiB", 3 << 29), ("8kb", 8192)]
)
def test_a_limit_of_the_journal_is_a_size(said: str, bytes_: int) -> None:
    assert load(ShortenerSettings, {"JOURNAL_LIMIT": said}).journal_limit == bytes_


def test_a_limit_that_is_no_size_is_named() -> None:
    with pytest.raises(SettingsError, match="JOURNAL_LIMIT should be a size such as 64M"):
        load(ShortenerSettings, {"JOURNAL_LIMIT": "much"})
