"""One RQ worker process: takes jobs from the queue and runs each in a process of its own."""

import logging

from rq import Queue
from rq.serializers import JSONSerializer

from grapevine.store.queue import HEARTBEAT, QUEUE, Jobs

# imported before forking, so that no job waits for it
from workers import accounts, digests, erasure, points, publishing, reactions, totals  # noqa: F401
from workers.job import Opener, OurWorker, job_class

#: seconds: how soon Redis learns that a worker is gone, and how often what it left behind is looked for
_TTL, _MAINTENANCE = 60, 30


def work(queue_url: str, open_: Opener, *, burst: bool = False) -> None:
    """Work until SIGTERM, which lets the job at hand finish; *burst*: until the queue is empty."""
    jobs = Jobs(queue_url)
    kind = job_class(open_)
    queue = Queue(QUEUE, connection=jobs.redis, serializer=JSONSerializer, job_class=kind)
    worker = OurWorker(
        [queue],
        connection=jobs.redis,
        job_class=kind,
        serializer=JSONSerializer,
        worker_ttl=_TTL,
        maintenance_interval=_MAINTENANCE,
        job_monitoring_interval=HEARTBEAT,
        log_job_description=False,
    )
    worker.log_result_lifespan = False
    logging.getLogger("rq").setLevel(logging.WARNING)
    worker.work(burst=burst, logging_level="WARNING")
