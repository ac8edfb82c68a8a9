"""The workers: ``python -m workers`` runs the schedule, and N processes that take jobs; SIGTERM lets them finish."""

import asyncio
import logging
import os
import sys
from contextlib import AsyncExitStack

from cryptography.fernet import Fernet

from grapevine.domain.errors import GrapevineError
from grapevine.networks import offered
from grapevine.settings import SettingsError, WorkerSettings, load
from grapevine.store import Store
from grapevine.store.embedded import EmbeddedServer
from grapevine.store.queue import Jobs
from grapevine.store.secrets import data_secrets
from grapevine.supervisor import Program, Supervisor
from workers import metrics
from workers.job import opener
from workers.schedule import Schedule, duties
from workers.worker import work

log = logging.getLogger("workers")

#: seconds for the job at hand when the workers are to stop; what is cut off then is settled by the next worker
_GRACE = 50.0
_NO_REDIS = (
    "No Redis: REDIS_URL is not set, and none runs for the data folder {data}. Start everything with `grapevine up`, "
    "or set REDIS_URL to one, such as redis://127.0.0.1:6379/0."
)


def redis_url(settings: WorkerSettings) -> str:
    """REDIS_URL, else the embedded server that runs for the data folder; ``SettingsError`` when there is none."""
    url = settings.redis_url or EmbeddedServer.join(settings.grapevine_data)
    if url is None:
        raise SettingsError(_NO_REDIS.format(data=settings.grapevine_data))
    return url


def encryption_keys(settings: WorkerSettings) -> tuple[str, ...]:
    """ENCRYPTION_KEYS, else those made once in the data folder; ``SettingsError`` for a key that is none."""
    keys = tuple(key.get_secret_value() for key in settings.encryption_keys)
    if not keys and settings.redis_url is not None:
        raise SettingsError("ENCRYPTION_KEYS: set it beside REDIS_URL, to the same key as the bot's.")
    if not keys:
        keys = (data_secrets(settings.grapevine_data)["ENCRYPTION_KEYS"],)
    try:
        for key in keys:
            Fernet(key)
    except ValueError:
        raise SettingsError("ENCRYPTION_KEYS should be keys as `grapevine key` prints them.") from None
    return keys


async def lead(settings: WorkerSettings, url: str) -> int:
    """Keep the worker processes running, and the schedule; 0 when asked to stop."""
    store = Store.open(
        url,
        window=settings.reaction_window,
        interval=settings.refresh_interval,
        quiet_hours=settings.quiet_hours,
    )
    jobs = Jobs(settings.queue_url or url)
    command = [sys.executable, *(["-P"] if sys.flags.safe_path else []), "-m", "workers", "work"]
    crew = [
        Program(f"worker {number + 1}", command, env=dict(os.environ), grace=_GRACE)
        for number in range(settings.worker_processes)
    ]
    networks = offered(settings)
    ticking: asyncio.Task[None] | None = None
    try:
        async with AsyncExitStack() as site:
            if settings.worker_metrics_port is not None:
                place = settings.worker_metrics_host, settings.worker_metrics_port
                await site.enter_async_context(metrics.served(store, jobs, networks, *place))
            ticking = asyncio.create_task(Schedule(store, duties(settings, store, jobs, networks)).run())
            return await Supervisor([crew], lambda _, line: print(line, flush=True)).run()  # noqa: T201 (their lines)
    except GrapevineError as error:
        print(error, file=sys.stderr)  # noqa: T201 (for a person)
        return 2
    finally:
        if ticking is not None:
            ticking.cancel()
            await asyncio.gather(ticking, return_exceptions=True)
        jobs.close()
        await store.close()


def main(arguments: list[str]) -> int:
    try:
        settings = load(WorkerSettings)
        url, keys = redis_url(settings), encryption_keys(settings)
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201 (logging is not set up, and it is for a person)
        return 2
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    if arguments == ["work"]:
        work(settings.queue_url or url, opener(settings, url, keys))
        return 0
    return asyncio.run(lead(settings, url))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
