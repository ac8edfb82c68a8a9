"""``grapevine status``: how the work stands, for a person or (``--json``) for a program."""

import json
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any

from grapevine.console import say
from grapevine.domain.errors import GrapevineError
from grapevine.networks import offered
from grapevine.networks.base import Network
from grapevine.settings import SettingsError, WorkerSettings, load
from grapevine.standing import Standing, lasting, standing
from grapevine.store import Store
from grapevine.store.connection import UNREACHABLE
from grapevine.store.embedded import EmbeddedServer
from grapevine.store.queue import Jobs

_NOWHERE = (
    "Nothing runs here: REDIS_URL is not set, and no server of its own runs for the data folder {data}. "
    "Start everything with `grapevine up`, or set REDIS_URL."
)


async def run(environ: Mapping[str, Any] | None = None, *, as_json: bool = False) -> int:
    """0 when all is well, 1 when somebody should look; ``GrapevineError`` when nobody can tell."""
    settings = load(WorkerSettings, environ)
    networks = offered(settings)
    async with opened(settings) as (store, jobs):
        found = await standing(store, jobs, networks, time.time())
    troubles = found.troubles
    if as_json:
        say(json.dumps({"ok": not troubles, "troubles": troubles, **asdict(found)}))
        return 1 if troubles else 0
    for name, value in _lines(found, networks):
        say(f"{name:<12}{value}")
    say()
    for trouble in troubles:
        say(f"✗ {trouble}")
    if not troubles:
        say("All is well.")
    return 1 if troubles else 0


@asynccontextmanager
async def opened(settings: WorkerSettings) -> AsyncIterator[tuple[Store, Jobs]]:
    """The store and the queue of the Grapevine that runs; sentences where none does, or Redis does not answer."""
    url = settings.redis_url or EmbeddedServer.join(settings.grapevine_data)
    if url is None:
        raise SettingsError(_NOWHERE.format(data=settings.grapevine_data))
    store = Store.open(url, window=settings.reaction_window, interval=settings.refresh_interval)
    jobs = Jobs(settings.queue_url or url)
    try:
        yield store, jobs
    except UNREACHABLE as error:
        raise GrapevineError(f"Redis does not answer ({type(error).__name__}): is it running?") from None
    finally:
        jobs.close()
        await store.close()


def _read(found: Standing, name: str) -> str:
    resting = found.resting_today.get(name, 0)
    planned = max(0, found.planned_today.get(name, 0) - resting)
    said = f"{found.read_today.get(name, 0):,} of {planned:,}"
    if resting == 1:
        return f"{said}, and 1 rests with its account, which is not connected"
    return f"{said}, and {resting:,} rest with their accounts, which are not connected" if resting else said


def _lines(found: Standing, networks: Mapping[str, Network]) -> Iterator[tuple[str, str]]:
    def title(name: str) -> str:
        return networks[name].title if name in networks else name

    queue = found.queue
    failed = sum(queue.failed.values())
    workers = "1 worker" if queue.workers == 1 else f"{queue.workers} workers"
    yield "Queue", f"{queue.waiting:,} waiting, {queue.running:,} running, {failed:,} failed; {workers}"
    yield "Schedule", "never at work" if found.ticked is None else f"at work {lasting(found.ticked)} ago"
    due = [f"{name} {now:,} of {every:,} planned" for name, (now, every) in found.due.items() if every]
    yield "Due", ", ".join(due) or "nothing"
    names = sorted({*found.read_today, *found.planned_today})
    yield "Read today", "; ".join(f"{title(name)} {_read(found, name)}" for name in names) or "nothing"
    for name, used in found.budgets.items():
        limit = f" of {used.limit:,}" if used.limit is not None else ""
        yield "Calls today", f"{title(name)} {used.calls:,}{limit}; they begin anew at midnight UTC"
    if found.put_off:
        yield "Put off", f"{found.put_off:,} {'post' if found.put_off == 1 else 'posts'} until then"
    alone = [f"{title(name)} for {lasting(seconds)}" for name, seconds in found.paused.items()]
    for name, count in sorted(found.paused_accounts.items()):
        alone.append(f"{count:,} {'account' if count == 1 else 'accounts'} at {title(name)}")
    for name, count in sorted(found.paused_servers.items()):
        alone.append(f"{count:,} {'server' if count == 1 else 'servers'} of {title(name)}")
    yield "Paused", f"{'; '.join(alone)} (`grapevine resume` ends that)" if alone else "nothing"
