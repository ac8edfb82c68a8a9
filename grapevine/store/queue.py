"""Jobs: enqueued by dotted name, so that nobody who asks for work imports the workers; JSON, ids only as arguments."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from redis import Redis
from rq import Queue, Retry
from rq.exceptions import DuplicateJobError
from rq.serializers import JSONSerializer

QUEUE = "grapevine"
#: seconds that finished and failed jobs are remembered
REMEMBERED = 86400

PUBLISH = "workers.publishing.publish"
REFRESH = "workers.reactions.refresh"
REACH = "workers.accounts.reach"

#: every job there is; a worker refuses any other name
JOBS = (PUBLISH, REFRESH, REACH)


class Jobs:
    """The queue at one Redis address (RQ does not run on a cluster: ``QUEUE_URL``)."""

    def __init__(self, url: str) -> None:
        self._queue = Queue(
            QUEUE,
            connection=Redis.from_url(url, socket_timeout=10, socket_connect_timeout=5),
            serializer=JSONSerializer,
        )

    async def put(
        self, job: str, *args: str, name: str, retries: Sequence[int] = (), timeout: int = 180, delay: float = 0
    ) -> bool:
        """Enqueue once; False when a job of this *name* is known already. *retries*: seconds before each new try."""
        return await asyncio.to_thread(self._put, job, args, name, list(retries), timeout, delay)

    def _put(self, job: str, args: Sequence[str], name: str, retries: list[int], timeout: int, delay: float) -> bool:
        if job not in JOBS:
            raise ValueError(f"{job} is not one of our jobs.")
        retry = Retry(max=len(retries), interval=retries) if retries else None
        options = {
            "args": list(args),
            "job_id": name,
            "description": job,  # RQ would write the arguments into it
            "retry": retry,
            "job_timeout": timeout,
            "result_ttl": 0,
            "failure_ttl": REMEMBERED,
        }
        try:
            if delay:
                self._queue.enqueue_in(timedelta(seconds=delay), job, **options)
            else:
                self._queue.enqueue(job, unique=True, **options)
        except DuplicateJobError:
            return False
        return True
