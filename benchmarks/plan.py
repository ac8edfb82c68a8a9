"""Planning 100,000 placements of 1,000 accounts whose reactions are due (design §8).

``python -m benchmarks.plan [--quick] [--json]``; needs a Redis server. Beside the time, the calls that the planned jobs
will make are counted, and compared with the fewest that the network's batch size allows.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import cast

from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from grapevine.networks import offered
from grapevine.networks.base import Network
from grapevine.settings import NetworkSettings, load
from grapevine.store import Store, keys
from grapevine.store.embedded import EmbeddedServer
from grapevine.store.queue import QUEUE, Jobs
from workers.planning import plan

ACCOUNTS, EACH, REACH = 1000, 100, 2.0
APPS = {
    "linkedin_client_id": "id",
    "linkedin_client_secret": "s",
    "x_api_key": "key",
    "x_api_secret": "s",
    "facebook_app_id": "id",
    "facebook_app_secret": "s",
}
#: LinkedIn's standard tier: with a budget most of these placements would be put off
NO_BOUND = {"linkedin_calls_per_member": "0", "linkedin_calls_per_app": "0"}
_NOW = 1_795_262_400.0


async def measure(url: str, networks: Mapping[str, Network], network: str) -> tuple[float, int, int]:
    """Seconds to plan them all, the calls that comes to, and the fewest possible."""
    store, jobs = Store.open(url), Jobs(url)
    try:
        await store.redis.execute_command("FLUSHALL")
        for account in range(ACCOUNTS):
            names = {f"m{account:07d}:{sid:06d}:{network}": _NOW - sid for sid in range(EACH)}
            await store.redis.zadd(keys.DUE_REACTIONS, names)
        began = time.perf_counter()
        put = await plan(store, jobs, networks, _NOW)
        took = time.perf_counter() - began
        size = networks[network].batch_size
        batches = [str(job.args[2]).split(",") for job in _waiting(jobs)]
        if len(batches) != put or sum(map(len, batches)) != ACCOUNTS * EACH:
            sys.exit(f"{put} jobs were put, {len(batches)} wait for {sum(map(len, batches))} placements.")
        return took, sum(-(-len(batch) // size) for batch in batches), ACCOUNTS * -(-EACH // size)
    finally:
        jobs.close()
        await store.close()


def _waiting(jobs: Jobs) -> list[Job]:
    queue = Queue(QUEUE, connection=jobs.redis, serializer=JSONSerializer)
    found = Job.fetch_many(queue.job_ids, connection=jobs.redis, serializer=JSONSerializer)
    return cast("list[Job]", [job for job in found if job is not None])


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="once instead of five times")
    parser.add_argument("--json", action="store_true", help="one object a line")
    options = parser.parse_args(arguments)
    networks = offered(load(NetworkSettings, APPS | NO_BOUND))
    if not options.json:
        print(f"{'network':<12}{'batch':>7}{'seconds':>10}{'reach':>8}{'calls':>9}{'fewest':>9}")
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedServer.start(Path(folder))
        try:
            for name, network in networks.items():
                turns = [asyncio.run(measure(server.url, networks, name)) for _ in range(1 if options.quick else 5)]
                seconds, (_, calls, fewest) = median(turn[0] for turn in turns), turns[0]
                if options.json:
                    row = {"name": f"plan {name} time", "value": round(seconds, 3), "unit": "s"}
                    print(json.dumps(row), flush=True)
                    row = {"name": f"plan {name} calls", "value": calls, "unit": "calls"}
                    print(json.dumps({**row, "baseline": fewest, "ratio": calls / fewest}), flush=True)
                else:
                    figures = f"{seconds:>10.2f}{REACH:>8.1f}{calls:>9,}{fewest:>9,}"
                    print(f"{name:<12}{network.batch_size:>7}{figures}", flush=True)
        finally:
            server.stop()


if __name__ == "__main__":
    main()
