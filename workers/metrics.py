"""What Prometheus sees of the work, for all workers together: it is read from Redis, whichever process is asked.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

import logging
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager

from aiohttp import web

from grapevine.domain.errors import GrapevineError
from grapevine.networks.base import Network
from grapevine.standing import Standing, standing
from grapevine.store import Store
from grapevine.store.connection import UNREACHABLE
from grapevine.store.queue import Jobs

log = logging.getLogger("workers.metrics")

_HEADERS = {"Content-Type": "text/plain; version=0.0.4; charset=utf-8", "Cache-Control": "no-store"}


@asynccontextmanager
async def served(store: Store, jobs: Jobs, networks: Mapping[str, Network], host: str, port: int) -> AsyncIterator[str]:
    """The address at which ``/metrics`` is; ``GrapevineError`` when nobody can listen there."""

    async def show(_: web.Request) -> web.Response:
        try:
            text = "".join(lines(await standing(store, jobs, networks, time.time())))
        except UNREACHABLE as error:
            log.warning("the metrics are without Redis: %s", type(error).__name__)
            text = "".join(_family("redis_up", "gauge", "1 when Redis answers.", {"": 0}))
        return web.Response(text=text, headers=_HEADERS)

    app = web.Application()
    app.router.add_get("/metrics", show)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            said = f"port {port} of {host}: nobody can listen there ({error.strerror})."
            raise GrapevineError(f"WORKER_METRICS_PORT: {said} Choose another one.") from None
        bound = runner.addresses[0]
        yield f"http://{bound[0]}:{bound[1]}"
    finally:
        await runner.cleanup()


def lines(found: Standing) -> Iterator[str]:
    """The whole page."""
    queue = found.queue
    yield from _family("redis_up", "gauge", "1 when Redis answers.", {"": 1})
    yield from _family("processes", "gauge", "Worker processes that take jobs.", {"": queue.workers})
    yield from _family("jobs_waiting", "gauge", "Jobs in the queue.", {"": queue.waiting})
    yield from _family("jobs_running", "gauge", "Jobs at hand.", {"": queue.running})
    failed = {f'job="{kind}"': count for kind, count in sorted(queue.failed.items())}
    yield from _family("jobs_failed", "gauge", "Jobs that failed within a day.", failed or {"": 0})
    ticked = -1.0 if found.ticked is None else found.ticked
    yield from _family("schedule_silent_seconds", "gauge", "Since the schedule was at work; -1: never.", {"": ticked})
    due = {f'list="{name}"': now for name, (now, _) in found.due.items()}
    yield from _family("due", "gauge", "What is due now, by due list.", due)
    every = {f'list="{name}"': count for name, (_, count) in found.due.items()}
    yield from _family("planned", "gauge", "What stands in a due list, due or not.", every)
    read = {f'network="{name}"': count for name, count in sorted(found.read_ever.items())}
    yield from _family("placements_read_total", "counter", "Placements whose reactions were read.", read)
    given = {f'network="{name}"': count for name, count in sorted(found.planned_today.items())}
    yield from _family(
        "placements_planned_today", "gauge", "Placements given out to be read since midnight UTC.", given
    )
    today = {f'network="{name}"': count for name, count in sorted(found.read_today.items())}
    yield from _family("placements_read_today", "gauge", "Those of them that were read.", today)
    resting = {f'network="{name}"': count for name, count in sorted(found.resting_today.items())}
    yield from _family("placements_resting_today", "gauge", "Those of them whose accounts are not connected.", resting)
    yield from _family("placements_put_off", "gauge", "Those that wait for the next day's budget.", {"": found.put_off})
    calls = {f'network="{name}"': used.calls for name, used in found.budgets.items()}
    yield from _family("calls_today", "gauge", "Calls taken out of the app's budget since midnight UTC.", calls)
    limits = {f'network="{name}"': used.limit for name, used in found.budgets.items() if used.limit is not None}
    yield from _family("calls_limit", "gauge", "Calls that the network allows the app a day.", limits)
    unfit = {f'network="{name}"': 1 for name in found.unfit}
    yield from _family("app_refused", "gauge", "Networks that do not take the company's app.", unfit)
    paused = {f'network="{name}"': seconds for name, seconds in found.paused.items()}
    yield from _family("paused_seconds", "gauge", "For how long a whole network is left alone.", paused)
    accounts = {f'network="{name}"': count for name, count in sorted(found.paused_accounts.items())}
    yield from _family("accounts_paused", "gauge", "Accounts that are left alone for now.", accounts)
    servers = {f'network="{name}"': count for name, count in sorted(found.paused_servers.items())}
    yield from _family("servers_paused", "gauge", "Servers of a network that nobody reads at for now.", servers)


def _family(name: str, kind: str, text: str, samples: Mapping[str, float]) -> Iterator[str]:
    name = f"grapevine_worker_{name}"
    yield f"# HELP {name} {text}\n# TYPE {name} {kind}\n"
    for labels, value in samples.items():
        yield f"{name}{{{labels}}} {value:g}\n" if labels else f"{name} {value:g}\n"
