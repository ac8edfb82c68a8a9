"""Refreshing the reactions of 10,000 placements over the five networks, with workers that are killed in the middle.

``python -m benchmarks.refresh [--quick] [--json] [--placements N] [--workers N]``; needs a Redis server. The networks
are stand-ins in a process of their own, which answer after 80 to 300 ms and now and then with 429; workers are real
ones. When a fifth is read all of them are killed with kill -9, and started anew. The run fails if the read of a
placement was taken twice; if networks were asked again for more than the one call that each worker had in hand when it
was killed; if a placement that a budget covers was not read, but for calls that dead workers and 429s had used up; if a
budget was exceeded; or if anybody was called during a pause that they asked for. Beforehand 100,000 placements are
planned.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet

from benchmarks import plan
from benchmarks.company import Run, furnish
from benchmarks.outcomes import Outcome, judge, outcomes
from benchmarks.takes import Takes
from grapevine.domain.budgets import DAY, span
from grapevine.networks import offered
from grapevine.networks.linkedin_counts import SCOPE
from grapevine.settings import NetworkSettings, load
from grapevine.store import Store, keys
from grapevine.store.embedded import EmbeddedServer
from grapevine.store.queue import Jobs

#: seconds that a pause may last here
_PAUSED = 20.0
_HOUR = 3600.0
_LONGEST = 900.0


@contextmanager
def process(*words: str, env: Mapping[str, str], pipe: bool = False) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", *words]
    one = subprocess.Popen(command, env=dict(env), stdout=subprocess.PIPE if pipe else None, text=True)
    try:
        yield one
    finally:
        one.kill()
        one.wait()
        if one.stdout is not None:
            one.stdout.close()


class Crew:
    """Worker processes that can be killed and started anew."""

    def __init__(self, env: Mapping[str, str], count: int) -> None:
        self._env, self._count = env, count
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        command = [sys.executable, "-m", "workers", "work"]
        self._running = [subprocess.Popen(command, env=dict(self._env)) for _ in range(self._count)]

    def kill(self) -> None:
        for one in self._running:
            one.kill()
        for one in self._running:
            one.wait()


async def refresh(run: Run, crew: Crew, takes: Takes) -> float:
    """Everything that is due is read or put off by a budget, whatever dies; how many seconds that took."""
    due = sum(run.due.values())
    began, died = time.monotonic(), 0.0
    while True:
        await run.plan()
        await asyncio.sleep(0.25)
        takes.look()
        if not died and await read(run) > due / 5:
            crew.kill()
            died = time.time()
            crew.start()
        if died and not await busy(run, died):
            lost = await forgotten(run)
            if not lost:
                return time.monotonic() - began
            await hour_passes(run, lost)
        if time.monotonic() - began > _LONGEST:
            sys.exit(f"{await read(run):,} of {due:,} placements were read in {_LONGEST:.0f} s.")


async def read(run: Run) -> int:
    known = await run.store.reactions.many(await run.store.reactions.live())
    return sum(one is not None and one.checked is not None for one in known)


async def busy(run: Run, died: float) -> bool:
    """Whether something is due, or soon after a pause, or waits, or is under way at a worker begun since all *died*."""
    if await run.jobs.waiting() or await run.store.reactions.due(time.time() + _PAUSED):
        return True
    since = datetime.fromtimestamp(died, UTC)
    for key in run.jobs.redis.scan_iter("rq:job:*"):
        for said in run.jobs.redis.hmget(key, "enqueued_at", "last_heartbeat"):
            if said and datetime.fromisoformat(said.decode()) > since:
                return True
    return False


async def hour_passes(run: Run, lost: Sequence[tuple[str, str, str]]) -> None:
    """Planning looks again an hour later at what it gave out: it is due now, and the queue's jobs are an hour old."""
    then = (datetime.now(UTC) - timedelta(seconds=_HOUR)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    for key in run.jobs.redis.scan_iter("rq:job:*"):
        run.jobs.redis.hset(key, mapping={"enqueued_at": then, "last_heartbeat": then})
    await run.store.reactions.later(lost, time.time())


async def forgotten(run: Run) -> list[tuple[str, str, str]]:
    """What waits for the hour to pass, beside what waits for the next day's budget."""
    now, redis = time.time(), run.store.redis
    names = await redis.zrangebyscore(keys.DUE_REACTIONS, now, now + _HOUR + 60)
    put_off = await redis.zrangebyscore(keys.DUE_REACTIONS, span(now, DAY).ends, span(now, DAY).ends)
    names = [name for name in names if name not in put_off]
    return [(mid, sid, network) for mid, sid, network in (name.split(":", 2) for name in names)]


def rows(found: Sequence[Outcome], took: float, planning_took: float) -> Iterator[dict[str, Any]]:
    yield {"name": "refresh planning 100,000", "value": round(planning_took, 3), "unit": "s"}
    yield {"name": "refresh time", "value": round(took, 1), "unit": "s"}
    for one in found:
        ratio = round(one.calls / one.fewest, 3)
        calls = {"name": f"refresh {one.network} calls", "value": one.calls, "unit": "calls"}
        yield {**calls, "baseline": one.fewest, "ratio": ratio}
        yield {"name": f"refresh {one.network} read", "value": one.read, "unit": "placements"}
        yield {"name": f"refresh {one.network} asked again", "value": one.again, "unit": "placements"}
        yield {"name": f"refresh {one.network} taken twice", "value": one.twice, "unit": "placements"}
    calls, fewest = sum(one.calls for one in found), sum(one.fewest for one in found)
    total = {"name": "refresh calls", "value": calls, "unit": "calls"}
    yield {**total, "baseline": fewest, "ratio": round(calls / fewest, 3)}


def table(found: Sequence[Outcome], took: float, planning_took: float, workers: int) -> None:
    print(f"planning 100,000 placements: {planning_took:.2f} s (reach 2 s)")
    print(f"refreshing with {workers} workers, all killed in the middle: {took:.0f} s\n")
    heads = ("due", "covered", "read", "again", "twice", "calls", "fewest", "ratio", "429s", "most")
    print(f"{'network':<12}" + "".join(f"{head:>8}" for head in heads))
    for one in found:
        ratio = f"{one.calls / one.fewest:.2f}"
        asked = (one.calls, one.fewest, ratio, one.limited, one.most)
        numbers = (one.due, one.covered, one.read, one.again, one.twice, *asked)
        print(f"{one.network:<12}" + "".join(f"{number:>8}" for number in numbers))
    print("\nagain: asked for a second time, since a worker was killed with the answer in hand; twice: taken twice")
    print("covered: by the day's budgets; most: calls with one account")


async def measure(
    url: str, site: str, env: Mapping[str, str], placements: int, workers: int
) -> tuple[list[Outcome], float]:
    networks = offered(load(NetworkSettings, env))
    run = Run(Store.open(url, encryption_keys=[env["ENCRYPTION_KEYS"]]), Jobs(url), networks, env, site, {})
    crew = Crew(env, workers)
    try:
        await run.store.redis.execute_command("FLUSHALL")
        await furnish(run, placements)
        takes = Takes(run.jobs.redis)
        crew.start()
        took = await refresh(run, crew, takes)
        found = await outcomes(run, takes)
        takes.close()
        judge(run, found, workers)
        return found, took
    finally:
        crew.kill()
        run.jobs.close()
        await run.store.close()


def environment(url: str, site: str) -> dict[str, str]:
    """What the workers are given: the five networks at the stand-ins' address, LinkedIn as its development tier is."""
    return {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PYTHONPATH") if name in os.environ},
        "REDIS_URL": url,
        "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "SLACK_BOT_TOKEN": "xoxb-none",
        "SLACK_API_URL": "http://127.0.0.1:9/api/",
        "LOG_LEVEL": "CRITICAL",
        "ALLOW_PRIVATE_ADDRESSES": "true",
        "LINKEDIN_CLIENT_ID": "id",
        "LINKEDIN_CLIENT_SECRET": "secret",
        "LINKEDIN_SCOPES": SCOPE,
        "LINKEDIN_API_URL": f"{site}/linkedin",
        "X_API_KEY": "key",
        "X_API_SECRET": "secret",
        "X_API_URL": f"{site}/x",
        "BLUESKY_APPVIEW_URL": f"{site}/bluesky",
        "FACEBOOK_APP_ID": "id",
        "FACEBOOK_APP_SECRET": "secret",
        "FACEBOOK_GRAPH_URL": f"{site}/facebook",
    }


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="500 placements")
    parser.add_argument("--json", action="store_true", help="one object a line")
    parser.add_argument("--placements", type=int, help="how many are due (default: 10,000, or 500)")
    parser.add_argument("--workers", type=int, default=4, help="worker processes (default: 4)")
    options = parser.parse_args(arguments)
    placements = options.placements or (500 if options.quick else 10_000)
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedServer.start(Path(folder))
        try:
            names = offered(load(NetworkSettings, plan.APPS | plan.NO_BOUND))
            planned, _, _ = asyncio.run(plan.measure(server.url, names, "x"))
            with process("benchmarks.networks", env=os.environ, pipe=True) as stand_ins:
                site = stand_ins.stdout.readline().strip() if stand_ins.stdout else ""
                env = environment(server.url, site)
                found, took = asyncio.run(measure(server.url, site, env, placements, options.workers))
        finally:
            server.stop()
    if options.json:
        for row in rows(found, took, planned):
            print(json.dumps(row), flush=True)
    else:
        table(found, took, planned, options.workers)


if __name__ == "__main__":
    main()
