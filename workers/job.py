"""Our RQ job: runs nothing but our own jobs, gives them what they ask for, and says nothing that is secret.

Whoever can write to the queue could name any function, callback or webhook there; a worker takes ``JOBS`` only.
"""

import asyncio
import inspect
import logging
import os
import re
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from rq import Queue
from rq.job import Job
from rq.utils import import_attribute
from rq.worker import Worker

from grapevine.leash import die_with_parent
from grapevine.networks import offered
from grapevine.settings import WorkerSettings
from grapevine.store import Store
from grapevine.store.queue import JOBS, Jobs
from workers.slack import Slack
from workers.versions import remembered

log = logging.getLogger("workers.job")

#: opens what jobs may ask for, by the name of their keyword-only argument
Opener = Callable[[], AbstractAsyncContextManager[Mapping[str, Any]]]

#: runs of characters that no word, path or number of ours has: tokens, secrets, signatures, queries
_SECRETIVE = re.compile(r"(?<=[?#])\S+|x(?:ox[a-z]|app)-\S+|[A-Za-z0-9_+/=~.%:-]{20,}")


class JobRefusedError(Exception):
    """The queue holds a job that is not ours."""


class JobFailedError(Exception):
    """A job of ours ended in an error; the text is scrubbed, and nothing is chained to it."""


def opener(settings: WorkerSettings, redis_url: str, encryption_keys: tuple[str, ...]) -> Opener:
    """Opens the store, the networks and Slack inside the job's own event loop, and closes them again."""

    @asynccontextmanager
    async def open_() -> AsyncIterator[Mapping[str, Any]]:
        store = Store.open(
            redis_url,
            encryption_keys=encryption_keys,
            window=settings.reaction_window,
            interval=settings.refresh_interval,
            quiet_hours=settings.quiet_hours,
        )
        jobs = Jobs(settings.queue_url or redis_url)
        networks = offered(settings, settings.base_url, encryption_keys)
        try:
            async with remembered(store, networks.values()):
                yield {
                    "store": store,
                    "jobs": jobs,
                    "networks": networks,
                    "slack": Slack(settings, store),
                    "settings": settings,
                    "now": time.time(),
                }
        finally:
            jobs.close()
            await store.close()

    return open_


def job_class(open_: Opener) -> type[Job]:
    """The class of jobs that get what *open_* opens."""

    class OurJob(Job):
        """A job of ``JOBS`` with words as arguments, without callbacks and webhooks."""

        _foreign = False

        def restore(self, raw_data: Any) -> Any:
            restored = super().restore(raw_data)
            callbacks = (self._success_callback_name, self._failure_callback_name, self._stopped_callback_name)
            self._foreign = any(callbacks) or bool(self.webhooks)
            self._success_callback_name = self._failure_callback_name = self._stopped_callback_name = None
            self.webhooks = []
            return restored

        @property
        def func(self) -> Callable[..., Awaitable[None]]:
            words = all(isinstance(arg, str) for arg in self.args)
            if self._foreign or self.func_name not in JOBS or self.instance or self.kwargs or not words:
                raise JobRefusedError("This job is not one of Grapevine's, so it was not run.")
            function: Callable[..., Awaitable[None]] = import_attribute(self.func_name)
            return function

        def get_call_string(self) -> str | None:
            return None  # RQ would write the arguments into logs and descriptions

        def perform(self) -> None:
            """Run it; ``JobRefusedError`` or ``JobFailedError`` is all that RQ gets to see, and to write down."""
            began = time.monotonic()
            try:
                asyncio.run(_run(self.func, self.args, open_))
            except JobRefusedError:
                raise
            except Exception as error:  # noqa: BLE001 (scrubbed and raised again, below, so that nothing is chained)
                said = scrubbed(error)
            else:
                log.info("%s done in %.2f s", self.id, time.monotonic() - began)
                return
            raise JobFailedError(said)

    return OurJob


async def _run(function: Callable[..., Awaitable[None]], args: Any, open_: Opener) -> None:
    wanted = [
        name
        for name, one in inspect.signature(function).parameters.items()
        if one.kind is inspect.Parameter.KEYWORD_ONLY
    ]
    async with open_() as tools:
        await function(*args, **{name: tools[name] for name in wanted})


def scrubbed(error: BaseException) -> str:
    """One line: the error's kind, its text without anything that might be a secret, and where it was raised."""
    text = _SECRETIVE.sub("[…]", " ".join(str(error).split()))[:300]
    frames = [f"{frame.name} ({frame.filename.rsplit('/', 1)[-1]}:{frame.lineno})" for frame in _frames(error)]
    return f"{type(error).__name__}: {text} in {' < '.join(reversed(frames[-4:]))}"


def _frames(error: BaseException) -> traceback.StackSummary:
    return traceback.extract_tb(error.__traceback__)


class OurWorker(Worker):
    """An RQ worker that logs a failed job in one line, without its arguments, and takes its work horse along."""

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """In the forked process: run the job, and die with the worker, who alone keeps the job from being run again."""
        die_with_parent()
        if os.getppid() != self.pid:
            os._exit(1)  # it died before the kernel knew whom to tell
        super().main_work_horse(job, queue)

    def handle_exception(self, job: Job, *exc_info: Any) -> None:
        log.error("%s failed: %s", job.id, exc_info[1] if isinstance(exc_info[1], _SAFE) else exc_info[0].__name__)


_SAFE = (JobRefusedError, JobFailedError)
