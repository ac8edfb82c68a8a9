"""The queue: a job waits in it once, and one that nobody will run makes room for the next."""

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from rq.utils import utcformat

from grapevine.store.queue import PUBLISH, Jobs, publication

JOB = b"rq:job:publish-abcdefgh-abc123-x"
QUEUE = "rq:queue:grapevine"


@pytest.fixture
async def jobs(redis_url: str) -> AsyncIterator[Jobs]:
    jobs = Jobs(redis_url)
    yield jobs
    jobs.close()


async def put(jobs: Jobs) -> bool:
    return bool(await jobs.put_all([publication("abcdefgh", "abc123", "x")]))


def ago(seconds: float) -> str:
    return utcformat(datetime.now(UTC) - timedelta(seconds=seconds))


async def test_a_job_waits_once(jobs: Jobs) -> None:
    assert await put(jobs)
    assert not await put(jobs)
    assert await jobs.waiting() == 1


async def test_hurrying_puts_a_job_and_a_queue_that_is_away_is_nobodys_trouble(jobs: Jobs) -> None:
    await jobs.hurry(publication("abcdefgh", "abc123", "x"))
    assert await jobs.waiting() == 1
    away = Jobs("redis://127.0.0.1:9/0")
    began = time.monotonic()
    await away.hurry(publication("abcdefgh", "abc123", "x"))
    assert time.monotonic() - began < 4
    away.close()


async def test_its_arguments_are_not_in_its_description(jobs: Jobs) -> None:
    await put(jobs)
    assert jobs.redis.hget(JOB, "description") == PUBLISH.encode()


async def test_a_job_that_failed_makes_room_for_the_next(jobs: Jobs) -> None:
    await put(jobs)
    jobs.redis.lpop(QUEUE)
    jobs.redis.hset(JOB, "status", "failed")
    assert await put(jobs)
    assert await jobs.waiting() == 1


async def test_a_job_whose_worker_died_makes_room_after_a_quarter_of_a_minute(jobs: Jobs) -> None:
    await put(jobs)
    jobs.redis.lpop(QUEUE)
    jobs.redis.hset(JOB, mapping={"status": "started", "last_heartbeat": ago(10)})
    assert not await put(jobs)
    jobs.redis.hset(JOB, "last_heartbeat", ago(16))
    assert await put(jobs)
    assert await jobs.waiting() == 1


async def test_a_job_that_fell_out_of_the_queue_makes_room_after_five_minutes(jobs: Jobs) -> None:
    await put(jobs)
    jobs.redis.hset(JOB, "enqueued_at", ago(301))
    assert not await put(jobs)  # it waits for long, but it waits
    jobs.redis.lpop(QUEUE)
    jobs.redis.hset(JOB, "enqueued_at", ago(20))
    assert not await put(jobs)  # just taken
    jobs.redis.hset(JOB, "enqueued_at", ago(301))
    assert await put(jobs)
    assert await jobs.waiting() == 1
