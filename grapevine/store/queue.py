"""Jobs: enqueued by dotted name, so that nobody who asks for work imports the workers; JSON, ids only as arguments.

The queue is a way to be quick, never the only record of what is to be done: that stands in the due lists, from which
the schedule puts a job again when the queue lost it. So jobs have no retries of RQ's, which would need RQ's own
scheduler (it dies in an outage of some seconds and is found dead late, https://github.com/rq/rq/issues/2189).
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.exceptions import DuplicateJobError, NoSuchJobError
from rq.job import Job, JobStatus
from rq.registry import FailedJobRegistry, StartedJobRegistry
from rq.serializers import JSONSerializer

from grapevine.store.connection import connect_queue

log = logging.getLogger("grapevine.store.queue")

QUEUE = "grapevine"
#: seconds that a person's request waits for the queue
_HURRY = 2.0
#: seconds that failed jobs are remembered
REMEMBERED = 86400
#: seconds between two signs of life of a job that runs
HEARTBEAT = 5
#: seconds after which a job is taken for lost that says "queued" but stands in no queue, or that gives no sign of life
_LOST, _SILENT = 300.0, 15.0

PUBLISH = "workers.publishing.publish"
REFRESH = "workers.reactions.refresh"
REACH = "workers.accounts.reach"
EXPIRING = "workers.accounts.expiring"
TELL = "workers.digests.tell"
BOARDS = "workers.points.boards"
ERASE = "workers.erasure.erase"
TOTALS = "workers.totals.freeze"

#: every job there is; a worker refuses any other name
JOBS = (PUBLISH, REFRESH, REACH, EXPIRING, TELL, BOARDS, ERASE, TOTALS)

_OVER = (JobStatus.FINISHED, JobStatus.FAILED, JobStatus.STOPPED, JobStatus.CANCELED)


@dataclass(frozen=True, slots=True)
class Work:
    """A job to be put: *name* is what makes it unique (letters, digits, ``_`` and ``-``), *timeout* in seconds."""

    job: str
    args: Sequence[str]
    name: str
    timeout: int = 180


@dataclass(frozen=True, slots=True)
class Queued:
    """Numbers of jobs, *failed* by what they were to do, and of the processes that take them."""

    waiting: int
    running: int
    failed: Mapping[str, int]
    workers: int


#: seconds: a video is fetched and handed on in many parts
_LONG = 600


def publication(mid: str, sid: str, network: str) -> Work:
    """The job that publishes one placement; its name makes sure that it waits in the queue once."""
    return Work(PUBLISH, (mid, sid, network), f"publish-{mid}-{sid}-{network}", _LONG)


class Jobs:
    """The queue at one Redis address (RQ does not run on a cluster: ``QUEUE_URL``)."""

    def __init__(self, url: str) -> None:
        self.redis = connect_queue(url)
        self._queue = Queue(QUEUE, connection=self.redis, serializer=JSONSerializer)

    async def put(self, job: str, *args: str, name: str, timeout: int = 180) -> bool:
        """Enqueue once; False when a job of this *name* waits or runs already. One that failed is replaced."""
        return bool(await self.put_all([Work(job, args, name, timeout)]))

    async def put_all(self, works: Sequence[Work]) -> int:
        """Enqueue each once; how many were new."""
        return await asyncio.to_thread(lambda: sum(self._put(work) for work in works))

    async def hurry(self, work: Work) -> None:
        """Put what stands in a due list already, so that nobody waits for the schedule; never raises.

        A queue that does not answer is no reason to tell a person that it went wrong: it will be done.
        """
        try:
            await asyncio.wait_for(self.put_all([work]), _HURRY)
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("the queue does not answer (%s); the schedule puts %s later", type(error).__name__, work.name)

    def queued(self) -> Queued:
        """How the queue stands; blocking."""
        kinds = Counter(name.split("-", 1)[0] for name in self._failed.get_job_ids(cleanup=False))
        return Queued(
            waiting=self._queue.count,
            running=StartedJobRegistry(queue=self._queue).get_job_count(cleanup=False),
            failed=dict(kinds),
            workers=Worker.count(queue=self._queue),
        )

    async def forget(self, mid: str) -> None:
        """The member is erased: jobs of theirs that failed go too, whose names and arguments hold the member's id.

        Without the queue's Redis they go by themselves within a day.
        """
        try:
            await asyncio.to_thread(self._forget, mid)
        except (RedisError, OSError) as error:
            log.warning("the queue does not answer (%s); failed jobs are kept for a day", type(error).__name__)

    def _forget(self, mid: str) -> None:
        for name in self._failed.get_job_ids(cleanup=False):
            if mid in name.split("-"):
                self._failed.remove(name, delete_job=True)

    @property
    def _failed(self) -> FailedJobRegistry:
        return FailedJobRegistry(queue=self._queue)

    async def waiting(self) -> int:
        """How many jobs wait in the queue."""
        return await asyncio.to_thread(lambda: self._queue.count)

    def close(self) -> None:
        self.redis.close()

    def _put(self, work: Work) -> bool:
        if work.job not in JOBS:
            raise ValueError(f"{work.job} is not one of our jobs.")
        try:
            self._enqueue(work)
        except DuplicateJobError:
            if not self._dead(work.name):
                return False
            try:
                self._enqueue(work)
            except DuplicateJobError:  # somebody else was as quick to see it
                return False
        return True

    def _enqueue(self, work: Work) -> None:
        self._queue.enqueue(
            work.job,
            args=list(work.args),
            job_id=work.name,
            description=work.job,  # RQ would write the arguments into it
            job_timeout=work.timeout,
            result_ttl=0,  # "unique" means: while RQ remembers the job
            failure_ttl=REMEMBERED,
            unique=True,
        )

    def _dead(self, name: str) -> bool:
        """Whether RQ only remembers this job and nobody will ever run it; then it is forgotten."""
        try:
            job = Job.fetch(name, connection=self.redis, serializer=JSONSerializer)
        except NoSuchJobError:
            return True
        status = job.get_status(refresh=False)
        lost = status is JobStatus.QUEUED and _before(job.enqueued_at, _LOST) and job.get_position() is None
        dead = status is JobStatus.STARTED and _before(job.last_heartbeat, _SILENT)
        if not (status in _OVER or lost or dead):
            return False
        job.delete()
        return True


def _before(moment: datetime | None, seconds: float) -> bool:
    """Whether *moment* is more than so many seconds ago."""
    return moment is not None and moment < datetime.now(UTC) - timedelta(seconds=seconds)
