"""``python -m workers`` as an operator runs it: real processes, real signals."""

import asyncio
import contextlib
import os
import re
import signal
import sys
import time
from pathlib import Path

from aiohttp import ClientError, ClientSession

from grapevine.domain.shares import PlacementState
from grapevine.house import free_port
from grapevine.playground.faults import Fault
from grapevine.store.embedded import EmbeddedServer
from grapevine.store.queue import publication
from tests.processes import ROOT, alive
from tests.waiting import eventually
from tests.workers.crew import children, workers
from tests.workers.stage import staged


async def test_what_is_due_is_done_and_sigterm_ends_it_all(redis_url: str) -> None:
    async with staged(redis_url, DIGEST_INTERVAL="2s") as stage, workers(stage) as process:
        share = await stage.share()  # nobody puts it on the queue: the schedule finds it

        async def out() -> bool:
            return (await stage.status(share)).state is PlacementState.PUBLISHED and bool(stage.dms())

        await eventually(out, within=20)
        crew = children(process.pid)
        assert len(crew) >= 1
        process.send_signal(signal.SIGTERM)
        said, _ = await asyncio.wait_for(process.communicate(), 20)
        assert process.returncode == 0, said.decode()
        assert not any(alive(pid) for pid in crew)
        assert b"publish-" in said
        token = await stage.store.tokens.get(stage.bea.id, stage.account.id)
        assert token is not None
        assert token.encode() not in said
        assert b"We are hiring" not in said


async def test_a_horse_that_is_killed_in_the_middle_of_a_call_has_posted_once(redis_url: str) -> None:
    async with staged(redis_url, DIGEST_INTERVAL="2s") as stage, workers(stage) as process:
        fault = Fault("slow", 1, "POST /2/tweets", 5.0)
        vars(stage.network)["state"].fault = fault
        share = await stage.share()
        await stage.jobs.put_all([publication(share.member, share.id, "x")])

        async def calling() -> bool:
            return fault.times == 0  # the request has arrived, and is answered in five seconds

        await eventually(calling, within=20)
        horse = children(process.pid)[-1]
        os.kill(horse, signal.SIGKILL)

        async def out() -> bool:
            return (await stage.status(share)).state is PlacementState.PUBLISHED and bool(stage.dms())

        began = time.monotonic()
        await eventually(out, within=40)
        assert len(stage.posts()) == 1
        assert len(stage.dms()) == 1
        assert time.monotonic() - began < 30


async def test_no_horse_outlives_a_supervisor_that_is_killed(redis_url: str) -> None:
    async with staged(redis_url, DIGEST_INTERVAL="2s") as stage, workers(stage) as process:
        fault = Fault("slow", 1, "POST /2/tweets", 30.0)
        vars(stage.network)["state"].fault = fault
        share = await stage.share()
        await stage.jobs.put_all([publication(share.member, share.id, "x")])

        async def calling() -> bool:
            return fault.times == 0

        await eventually(calling, within=20)
        started = children(process.pid)
        assert any(os.getpgid(pid) == pid for pid in started)  # RQ puts a horse into a group of its own
        process.kill()

        async def gone() -> bool:
            return not any(alive(pid) for pid in started)

        await eventually(gone, within=5)


async def test_a_worker_that_is_killed_is_started_again(redis_url: str) -> None:
    async with staged(redis_url, DIGEST_INTERVAL="2s") as stage, workers(stage) as process:

        async def working() -> bool:
            return bool(children(process.pid)) and bool(stage.jobs.redis.smembers("rq:workers"))

        await eventually(working, within=20)
        os.kill(children(process.pid)[0], signal.SIGKILL)
        share = await stage.share()

        async def out() -> bool:
            return (await stage.status(share)).state is PlacementState.PUBLISHED

        await eventually(out, within=30)
        assert len(stage.posts()) == 1


async def test_the_job_at_hand_is_finished_before_it_ends(redis_url: str) -> None:
    async with staged(redis_url, DIGEST_INTERVAL="2s") as stage, workers(stage) as process:
        fault = Fault("slow", 1, "POST /2/tweets", 2.0)
        vars(stage.network)["state"].fault = fault
        share = await stage.share()

        async def calling() -> bool:
            return fault.times == 0

        await eventually(calling, within=20)
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.communicate(), 20)
        assert process.returncode == 0
        assert (await stage.status(share)).state is PlacementState.PUBLISHED
        assert len(stage.dms()) == 1


async def test_it_works_on_after_a_restart_of_redis(tmp_path: Path) -> None:
    server = await asyncio.to_thread(EmbeddedServer.start, tmp_path)
    try:
        async with staged(server.url, DIGEST_INTERVAL="2s") as stage, workers(stage):
            first = await stage.share("Before")

            async def out() -> bool:
                return (await stage.status(first)).state is PlacementState.PUBLISHED

            await eventually(out, within=20)
            await asyncio.to_thread(server.stop)
            server = await asyncio.to_thread(EmbeddedServer.start, tmp_path)
            first = await stage.share("After")
            await eventually(out, within=30)
            assert len(stage.posts()) == 2
    finally:
        await asyncio.to_thread(server.stop)


async def test_metrics_are_served_for_all_workers_and_the_schedule_is_seen_at_work(redis_url: str) -> None:
    port = free_port(20000 + os.getpid() % 20000)
    given = {"WORKER_METRICS_PORT": str(port), "WORKER_PROCESSES": "2"}
    async with staged(redis_url, DIGEST_INTERVAL="2s") as stage, workers(stage, **given), ClientSession() as session:
        said = ""

        async def at_work() -> bool:
            nonlocal said
            with contextlib.suppress(ClientError):
                async with session.get(f"http://127.0.0.1:{port}/metrics") as answer:
                    said = await answer.text()
            silent = re.search(r"schedule_silent_seconds (\d\S*)\n", said)
            return "grapevine_worker_processes 2" in said and silent is not None and 0 <= float(silent[1]) < 10

        await eventually(at_work, within=20)
        assert stage.bea.id not in said


async def test_without_a_redis_it_says_what_to_do(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "workers",
        env={"PATH": os.environ["PATH"], "GRAPEVINE_DATA": str(tmp_path)},
        cwd=ROOT,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    assert process.returncode == 2
    assert b"Start everything with `grapevine up`" in said
