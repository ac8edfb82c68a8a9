"""Workers that tell of one share at the same moment, in processes of their own, and such as die while they do."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from grapevine.domain.errors import Refused, TryLater
from grapevine.domain.outcomes import WHOLE
from grapevine.domain.shares import PlacementState
from grapevine.settings import WorkerSettings, load
from grapevine.store import keys
from tests.people import BEA
from tests.processes import ROOT
from tests.workers.mortal import killed
from tests.workers.stage import Stage
from tests.workers.test_telling import NETWORKS, Shared, offered, shared
from workers import publishing
from workers.slack import Slack
from workers.telling import Telling

OUT = PlacementState.PUBLISHED
_POINTS = 96


@asynccontextmanager
async def teller(of: Shared, network: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A worker that waits to be told to begin."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.workers.teller", of.share.member, of.share.id, network),
        env={**os.environ, **of.stage.env},
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def test_five_processes_post_one_message_and_the_last_outcome_is_in_it(stage: Stage) -> None:
    five = await shared(stage, *NETWORKS)
    async with (
        teller(five, NETWORKS[0]) as first,
        teller(five, NETWORKS[1]) as second,
        teller(five, NETWORKS[2]) as third,
        teller(five, NETWORKS[3]) as fourth,
        teller(five, NETWORKS[4]) as fifth,
    ):
        said = await asyncio.gather(*(one.communicate(b"\n") for one in (first, second, third, fourth, fifth)))
        assert [out for out, _ in said] == [b""] * 5
    assert [line[0] for line in five.lines()] == ["Y", "✓", "✓", "✓", "✓", "✓", "I"]
    assert (len(five.messages()), five.calls("chat.postMessage")) == (1, 1)


async def test_a_worker_that_dies_at_any_instruction_loses_no_outcome_and_repeats_one_at_worst(stage: Stage) -> None:
    shares = [await shared(stage, "x", "mastodon") for _ in range(_POINTS)]  # accounts that Bea does not have
    for network in ("x", "mastodon"):
        fates = await killed(stage.env, network, stage.bea.id, [one.share.id for one in shares])
        died = fates.count("died")
        assert 20 < died < _POINTS
        assert set(fates) == {"died", "ended with 0"}
        async with asyncio.timeout(20):
            while await _waiting(stage, network):  # until the dead ones' leases end
                for one in shares:
                    await _publish(stage, one, network)
                await asyncio.sleep(0.1)

    kept: dict[str, str] = {}
    for one in shares:
        ((about, message),) = (await stage.store.messages.about(one.share.member, one.share.id)).items()
        assert about == WHOLE
        kept[message.ts] = one.share.id
    assert len(kept) == _POINTS
    shown = {message["ts"]: message["text"] for message in stage.pg.dms(BEA.user)}
    assert len(shown) - _POINTS <= 6, "posted, and died before that was kept"
    for ts in kept:
        assert shown[ts].startswith("Your share did not go out: Jobs")
        assert shown[ts].count("it did not go out. ") == 2


async def _publish(stage: Stage, one: Shared, network: str) -> None:
    tools = {"networks": stage.offered, "slack": stage.slack, "settings": stage.settings}
    await publishing.publish(one.share.member, one.share.id, network, store=stage.store, now=time.time(), **tools)  # type: ignore[arg-type]  # as a job gets them


async def _waiting(stage: Stage, network: str) -> list[str]:
    return [name for name in await stage.hints(keys.DUE_PUBLICATIONS) if name.endswith(f":{network}")]


class Line:
    """What is between a worker and Slack. *open* lets calls through; *deaf*: answers do not come back."""

    def __init__(self, slack_api_url: str) -> None:
        self._url = slack_api_url
        self.open, self.calling = asyncio.Event(), asyncio.Event()
        self.open.set()
        self.deaf = False

    async def serve(self, request: web.Request) -> web.Response:
        self.calling.set()
        await self.open.wait()
        headers = {name: request.headers[name] for name in ("Authorization", "Content-Type")}
        url = f"{self._url}{request.match_info['method']}"
        async with aiohttp.request("POST", url, data=await request.read(), headers=headers) as answer:
            body = await answer.read()
        if self.deaf:
            assert request.transport is not None
            request.transport.abort()
        return web.Response(body=body, content_type="application/json")


@pytest.fixture
async def line(stage: Stage) -> AsyncIterator[tuple[Line, Slack]]:
    line = Line(stage.pg.slack_api_url)
    app = web.Application()
    app.add_routes([web.post("/{method}", line.serve)])
    async with TestServer(app) as server:
        url = f"http://127.0.0.1:{server.port}/"
        yield line, Slack(load(WorkerSettings, {**stage.env, "SLACK_API_URL": url}), stage.store)


def telling(five: Shared, slack: Slack) -> Telling:
    return Telling(five.stage.bea, five.share, five.store, offered(), slack, 30.0, five.now)


async def test_what_comes_out_while_slack_is_slow_is_told_by_the_one_who_waits(
    stage: Stage, line: tuple[Line, Slack]
) -> None:
    five, (wire, slow) = await shared(stage, *NETWORKS), line
    wire.open.clear()
    await five.becomes("linkedin", OUT)
    waits = asyncio.create_task(telling(five, slow).tell())
    await wire.calling.wait()
    with pytest.raises(TryLater):
        await five.comes_out("x")
    wire.open.set()
    await waits
    assert [line[0] for line in five.lines()] == ["Y", "✓", "✓", "…", "…", "…", "I"]
    assert len(five.messages()) == 1


async def test_a_change_that_arrives_after_a_later_one_is_made_good(stage: Stage, line: tuple[Line, Slack]) -> None:
    five, (wire, slow) = await shared(stage, *NETWORKS), line
    await five.comes_out("linkedin")
    wire.open.clear()
    await five.becomes("x", OUT)
    waits = asyncio.create_task(telling(five, slow).tell())
    await wire.calling.wait()
    # as after a sleep of its machine
    await five.store.redis.delete(keys.lease(f"tell:{five.share.member}:{five.share.id}"))
    await five.comes_out("mastodon")
    wire.open.set()
    await waits
    assert [line[0] for line in five.lines()] == ["Y", "✓", "✓", "✓", "…", "…", "I"]
    assert five.calls("chat.update") == 3


async def test_a_message_that_may_have_arrived_is_posted_once_more_and_then_let_be(
    stage: Stage, line: tuple[Line, Slack]
) -> None:
    five, (wire, bad) = await shared(stage, *NETWORKS), line
    wire.deaf = True
    await five.becomes("linkedin", OUT)
    with pytest.raises(TryLater):
        await telling(five, bad).tell()
    for _ in range(2):
        with pytest.raises(Refused):
            await telling(five, bad).tell()
    assert len(five.messages()) == 3
