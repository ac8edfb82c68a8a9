"""``grapevine status`` and the workers' /metrics: how the work stands, in numbers that name nobody."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from rq import Worker
from rq.job import Job
from rq.registry import FailedJobRegistry
from rq.serializers import JSONSerializer

from grapevine import status
from grapevine.domain.budgets import DAY, span
from grapevine.domain.errors import GrapevineError
from grapevine.networks import offered
from grapevine.settings import NetworkSettings, SettingsError, load
from grapevine.standing import Standing, Used, lasting
from grapevine.store import Store
from grapevine.store.queue import REFRESH, Jobs, Queued
from tests.test_cli import grapevine
from workers import metrics

LINKEDIN = {"LINKEDIN_CLIENT_ID": "id", "LINKEDIN_CLIENT_SECRET": "hush"}
MID = "beabeabe"


@pytest.fixture
async def jobs(redis_url: str) -> AsyncIterator[Jobs]:
    jobs = Jobs(redis_url)
    yield jobs
    jobs.close()


async def busy(store: Store, jobs: Jobs) -> None:
    """A morning's work: reads, calls, pauses, a job that waits and one that failed."""
    now = time.time()
    await store.progress.tick(now)
    await store.progress.planned("linkedin", 32, now)
    await store.progress.read("linkedin", 30, now)
    await store.reactions.later([(MID, "share4", "linkedin")], span(now, DAY).ends)
    await store.budgets.take("linkedin", 96, None, now, span(now, DAY))
    await store.pauses.account("linkedin:7", 60, now)
    await store.pauses.network("x", 720)
    await store.pauses.server("mastodon", "social.example", 60, now)
    await store.reactions.later([(MID, "share1", "linkedin"), (MID, "share2", "x")], now - 10)
    await store.reactions.later([(MID, "share3", "x")], now + 3600)
    await jobs.put(REFRESH, MID, "x", "share2", name=f"refresh-{MID}-x-1")
    await jobs.put(REFRESH, MID, "linkedin", "share1", name=f"refresh-{MID}-linkedin-2")
    await asyncio.to_thread(_fails, jobs, f"refresh-{MID}-linkedin-2")


def _fails(jobs: Jobs, name: str) -> None:
    queue = vars(jobs)["_queue"]
    job = Job.fetch(name, connection=jobs.redis, serializer=JSONSerializer)
    queue.remove(job)
    FailedJobRegistry(queue=queue).add(job, ttl=60)


def _works(jobs: Jobs) -> Worker:
    worker = Worker([vars(jobs)["_queue"]], connection=jobs.redis, serializer=JSONSerializer)
    worker.register_birth()  # type: ignore[no-untyped-call]  # RQ has no types here
    return worker


async def told(redis_url: str, capsys: pytest.CaptureFixture[str], *, as_json: bool = False) -> tuple[int, str]:
    code = await status.run(
        {"REDIS_URL": redis_url, "X_API_KEY": "k", "X_API_SECRET": "hush", **LINKEDIN}, as_json=as_json
    )
    return code, capsys.readouterr().out


async def test_a_person_reads_how_the_work_stands(
    redis_url: str, store: Store, jobs: Jobs, capsys: pytest.CaptureFixture[str]
) -> None:
    await busy(store, jobs)
    worker = await asyncio.to_thread(_works, jobs)
    code, said = await told(redis_url, capsys)
    await asyncio.to_thread(worker.register_death)
    lines = [" ".join(line.split()) for line in said.splitlines()]
    assert lines[0] == "Queue 1 waiting, 0 running, 1 failed; 1 worker"
    assert lines[1].startswith("Schedule at work ")
    assert lines[2] == "Due reactions 2 of 4 planned"
    assert lines[3] == "Read today LinkedIn 30 of 32"
    assert lines[4] == "Calls today LinkedIn 96 of 500; they begin anew at midnight UTC"
    assert lines[5] == "Put off 1 post until then"
    alone = "X for 12 minutes; 1 account at LinkedIn; 1 server of Mastodon"
    assert lines[6] == f"Paused {alone} (`grapevine resume` ends that)"
    assert lines[8:] == ["✗ 1 job failed within a day (refresh 1). The worker's log says why."]
    assert code == 1
    assert MID not in said
    assert "hush" not in said


async def test_all_is_well_with_a_worker_and_a_schedule(
    redis_url: str, store: Store, jobs: Jobs, capsys: pytest.CaptureFixture[str]
) -> None:
    worker = await asyncio.to_thread(_works, jobs)
    await store.progress.tick(time.time())
    code, said = await told(redis_url, capsys)
    assert (code, said.splitlines()[-1]) == (0, "All is well.")
    await asyncio.to_thread(worker.register_death)
    code, said = await told(redis_url, capsys)
    assert (code, said.splitlines()[-1][:25]) == (1, "✗ No worker takes jobs. S")


async def test_a_program_reads_one_object(
    redis_url: str, store: Store, jobs: Jobs, capsys: pytest.CaptureFixture[str]
) -> None:
    await busy(store, jobs)
    code, said = await told(redis_url, capsys, as_json=True)
    found: dict[str, Any] = json.loads(said)
    assert code == 1
    assert found["ok"] is False
    assert len(found["troubles"]) == 2  # no worker, and a job that failed
    assert found["queue"] == {"waiting": 1, "running": 0, "failed": {"refresh": 1}, "workers": 0}
    assert found["budgets"] == {"linkedin": {"calls": 96, "limit": 500}}
    assert found["due"]["reactions"] == [2, 4]
    assert 700 < found["paused"]["x"] <= 720
    assert MID not in said


async def test_it_says_where_nothing_runs_and_when_redis_does_not_answer(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="Nothing runs here"):
        await status.run({"GRAPEVINE_DATA": str(tmp_path)})
    with pytest.raises(GrapevineError, match="Redis does not answer"):
        await status.run({"REDIS_URL": "redis://127.0.0.1:9/0"})


async def test_the_command_ends_with_a_code_that_tells(redis_url: str, store: Store, tmp_path: Path) -> None:
    nowhere = await asyncio.to_thread(lambda: grapevine("status", cwd=tmp_path))
    assert (nowhere.returncode, nowhere.stdout) == (2, "")
    assert "Nothing runs here" in nowhere.stderr
    silent = await asyncio.to_thread(lambda: grapevine("status", "--json", cwd=tmp_path, REDIS_URL=redis_url))
    assert silent.returncode == 1
    assert json.loads(silent.stdout)["troubles"][1].startswith("The schedule has never been at work here.")


def test_a_schedule_that_is_silent_is_trouble_and_a_pause_is_none() -> None:
    def standing(ticked: float | None, **paused: float) -> Standing:
        return Standing(Queued(0, 0, {}, 1), ticked, {}, {}, {}, {}, {"linkedin": Used(500, 500)}, 3, paused, {})

    assert standing(5.0, x=600.0).troubles == []
    assert standing(600.0).troubles == ["The schedule has not been at work for 10 minutes. It runs in the worker."]
    assert len(standing(None).troubles) == 1


def test_lengths_of_time_are_said_to_the_nearest_unit() -> None:
    assert [lasting(seconds) for seconds in (3.4, 60, 3600, 7300, 200_000)] == [
        "3 s",
        "1 minute",
        "1 hour",
        "2 hours",
        "2 days",
    ]


async def test_prometheus_reads_the_same_numbers(redis_url: str, store: Store, jobs: Jobs) -> None:
    await busy(store, jobs)
    networks = offered(load(NetworkSettings, LINKEDIN))
    async with (
        metrics.served(store, jobs, networks, "127.0.0.1", 0) as address,
        aiohttp.ClientSession() as session,
        session.get(f"{address}/metrics") as answer,
    ):
        said = await answer.text()
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    rows = said.splitlines()
    for row in (
        "grapevine_worker_redis_up 1",
        "grapevine_worker_jobs_waiting 1",
        'grapevine_worker_jobs_failed{job="refresh"} 1',
        'grapevine_worker_due{list="reactions"} 2',
        'grapevine_worker_planned{list="reactions"} 4',
        'grapevine_worker_placements_planned_today{network="linkedin"} 32',
        'grapevine_worker_placements_read_today{network="linkedin"} 30',
        "grapevine_worker_placements_put_off 1",
        'grapevine_worker_placements_read_total{network="linkedin"} 30',
        'grapevine_worker_calls_today{network="linkedin"} 96',
        'grapevine_worker_calls_limit{network="linkedin"} 500',
        'grapevine_worker_accounts_paused{network="linkedin"} 1',
        'grapevine_worker_servers_paused{network="mastodon"} 1',
    ):
        assert row in rows
    assert MID not in said
    for row in rows:
        assert row.startswith(("# HELP grapevine_worker_", "# TYPE grapevine_worker_", "grapevine_worker_"))


async def test_metrics_without_redis_say_so_and_a_taken_port_is_a_sentence(store: Store, jobs: Jobs) -> None:
    away_store, away_jobs = Store.open("redis://127.0.0.1:9/0"), Jobs("redis://127.0.0.1:9/0")
    try:
        async with (
            metrics.served(away_store, away_jobs, {}, "127.0.0.1", 0) as address,
            aiohttp.ClientSession() as session,
            session.get(f"{address}/metrics") as answer,
        ):
            assert "grapevine_worker_redis_up 0" in (await answer.text()).splitlines()
            port = int(address.rpartition(":")[2])
            with pytest.raises(GrapevineError, match="WORKER_METRICS_PORT: port"):
                async with metrics.served(store, jobs, {}, "127.0.0.1", port):
                    pass
    finally:
        away_jobs.close()
        await away_store.close()


async def test_erasing_forgets_the_members_failed_jobs_and_no_others(store: Store, jobs: Jobs) -> None:
    await busy(store, jobs)
    await jobs.put(REFRESH, "cycycycy", "x", "s", name="refresh-cycycycy-x-3")
    await asyncio.to_thread(_fails, jobs, "refresh-cycycycy-x-3")
    await jobs.forget(MID)
    found = await asyncio.to_thread(jobs.queued)
    assert found.failed == {"refresh": 1}
    left = [key async for key in store.redis.scan_iter(match="rq:job:*")]
    assert sorted(left) == ["rq:job:refresh-beabeabe-x-1", "rq:job:refresh-cycycycy-x-3"]
