"""When Redis does not answer: known links lead on, unknown ones say so, and what waited is counted once it is back."""

import asyncio
import time

import pytest

from grapevine.domain.shares import Receipt
from tests.people import DORA, EMIL, FAY, crowd
from tests.shortener.conftest import Shares, Shortener
from tests.shortener.outages.server import Server


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
    await shortener.until_ready()
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
    await shortener.until_ready()
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
    await shortener.until_ready()
    await shortener.click(linkedin, people[0])
    assert await shares.receipt(bea) == Receipt(repeat=2, unique=400, networks={"linkedin": 400})
