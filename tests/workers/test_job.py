"""What a worker runs, with a real RQ worker on a real queue: our own jobs, and nothing that somebody slipped in."""

import asyncio
import contextlib
import json
import logging
import zlib
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from rq import Callback, Queue, SimpleWorker
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer
from rq.utils import import_attribute

from grapevine.store import queue as store_queue
from grapevine.store.queue import JOBS, QUEUE, Jobs
from workers import job as workers_job
from workers.job import OurWorker, job_class, scrubbed

TOKEN = "AQXdSP_W41_UPs5ioT_t8HESyODB4FqbkJ8LrV_5mff4gPODzOYR"


async def greet(name: str, *, store: str, secret: str) -> None:
    """A job that asks for two of the three things there are."""
    await asyncio.to_thread(Path(name).write_text, f"{store} {secret}")


async def fail(token: str, *, store: str) -> None:
    raise RuntimeError(f"POST https://api.example.com/x?access_token={token} with Bearer {token} failed")


class Simple(SimpleWorker, OurWorker):
    """Without forking, so that the test sees what is logged."""


@asynccontextmanager
async def opened() -> AsyncIterator[Mapping[str, Any]]:
    yield {"store": "the store", "secret": "s", "networks": None}


@pytest.fixture
def ours(monkeypatch: pytest.MonkeyPatch) -> None:
    names = (*JOBS, f"{__name__}.greet", f"{__name__}.fail")
    monkeypatch.setattr(workers_job, "JOBS", names)
    monkeypatch.setattr(store_queue, "JOBS", names)


@pytest.fixture
def queue(redis_url: str) -> Iterator[Queue]:
    with Redis.from_url(redis_url) as redis:
        yield Queue(QUEUE, connection=redis, serializer=JSONSerializer)


def work(queue: Queue) -> None:
    kind = job_class(opened)
    mine = Queue(QUEUE, connection=queue.connection, serializer=JSONSerializer, job_class=kind)
    worker = Simple([mine], connection=queue.connection, job_class=kind, serializer=JSONSerializer)
    worker.work(burst=True, logging_level="WARNING")


def everything(redis: Any) -> str:
    """All that Redis holds, as text."""
    texts = []
    for key in redis.scan_iter():
        kind = redis.type(key)
        held = redis.hgetall(key) if kind == b"hash" else {}
        for _, entry in redis.xrange(key) if kind == b"stream" else ():
            held |= entry
        for name, value in held.items():
            with contextlib.suppress(zlib.error):
                value = zlib.decompress(value)
            texts.append(f"{name!r} {value!r}")
    return "\n".join(texts)


@pytest.mark.parametrize("name", JOBS)
def test_every_job_there_is_has_a_function(name: str) -> None:
    assert callable(import_attribute(name))


@pytest.mark.usefixtures("ours")
def test_a_job_gets_what_it_asks_for_by_name(redis_url: str, queue: Queue, tmp_path: Path) -> None:
    jobs = Jobs(redis_url)
    assert asyncio.run(jobs.put(f"{__name__}.greet", str(tmp_path / "said"), name="greet-1"))
    jobs.close()
    work(queue)
    assert (tmp_path / "said").read_text() == "the store s"
    assert not Job.exists("greet-1", queue.connection)  # and its name is free again


@pytest.mark.parametrize(
    ("function", "args"),
    [
        ("os.system", ["touch {}"]),
        ("pathlib.Path.touch", ["{}"]),
        ("subprocess.call", [["touch", "{}"]]),
        ("workers.publishing.publish.__globals__", ["{}"]),
    ],
)
def test_no_function_but_ours_is_run(queue: Queue, tmp_path: Path, function: str, args: list[Any]) -> None:
    target = str(tmp_path / "touched")
    filled = json.loads(json.dumps(args).replace("{}", target))
    job = queue.enqueue(function, args=filled)
    work(queue)
    assert job.get_status() is JobStatus.FAILED
    assert "not one of Grapevine's" in str(job.latest_result().exc_string)  # type: ignore[union-attr]
    assert not (tmp_path / "touched").exists()


@pytest.mark.usefixtures("ours")
@pytest.mark.parametrize("kind", ["on_success", "on_failure", "on_stopped"])
def test_no_callback_is_run(queue: Queue, tmp_path: Path, kind: str) -> None:
    options: dict[str, Any] = {kind: Callback("os.abort")}
    job = queue.enqueue(f"{__name__}.greet", args=[str(tmp_path / "said")], **options)
    work(queue)
    assert job.get_status() is JobStatus.FAILED
    assert not (tmp_path / "said").exists()


@pytest.mark.usefixtures("ours")
def test_only_words_are_arguments(queue: Queue, tmp_path: Path) -> None:
    job = queue.enqueue(f"{__name__}.greet", args=[str(tmp_path / "said")], kwargs={"store": "mine"})
    work(queue)
    assert job.get_status() is JobStatus.FAILED
    assert not (tmp_path / "said").exists()


@pytest.mark.usefixtures("ours")
def test_an_error_is_one_line_and_holds_neither_tokens_nor_arguments(
    redis_url: str, queue: Queue, caplog: pytest.LogCaptureFixture
) -> None:
    jobs = Jobs(redis_url)
    asyncio.run(jobs.put(f"{__name__}.fail", TOKEN, name="fail-1"))
    with caplog.at_level(logging.DEBUG):
        work(queue)
    job = Job.fetch("fail-1", connection=queue.connection, serializer=JSONSerializer)
    assert job.get_status() is JobStatus.FAILED
    said = str(job.latest_result().exc_string)  # type: ignore[union-attr]
    assert "RuntimeError" in said
    assert "fail (test_job.py:" in said
    assert TOKEN not in said
    assert TOKEN not in caplog.text
    errors = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(errors) == 1
    assert errors[0].startswith("fail-1 failed: RuntimeError: POST […]")
    assert all(TOKEN not in str(vars(record)) for record in caplog.records)
    job.delete()
    assert TOKEN not in everything(queue.connection)
    # a job that failed is remembered, and makes room for the next one of its name
    assert asyncio.run(jobs.put(f"{__name__}.fail", TOKEN, name="fail-1"))
    work(queue)
    assert asyncio.run(jobs.put(f"{__name__}.fail", TOKEN, name="fail-1"))
    jobs.close()


@pytest.mark.parametrize(
    "secret",
    ["xoxb-2345-short", "xoxb-2345-6789-abcdefABCDEF", "gAAAAABm" + "x" * 40, "1460323737:1460323737-abcdefgh:Zyxwvut"],
)
def test_nothing_that_may_be_a_secret_stays_in_an_error(secret: str) -> None:
    for text in ("token {} refused", "https://example.com/a?{}", "Authorization: 'Bearer {}'"):
        said = scrubbed(RuntimeError(text.format(secret)))
        assert secret not in said
        assert said.startswith("RuntimeError: ")
        assert "[…]" in said
    assert "state=d" not in scrubbed(RuntimeError("https://example.com/a?code=abc&state=d"))


async def test_a_name_that_is_not_ours_cannot_be_put(redis_url: str) -> None:
    jobs = Jobs(redis_url)
    with pytest.raises(ValueError, match="not one of our jobs"):
        await jobs.put("os.system", "true", name="x")
    jobs.close()
