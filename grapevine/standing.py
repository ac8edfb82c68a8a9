"""How the work stands: what waits, what is due, what was done today, what is paused. Numbers only, nobody is named."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from grapevine.domain.budgets import DAY, Use, span
from grapevine.networks.base import Network
from grapevine.store import Store
from grapevine.store.queue import Jobs, Queued

#: seconds without a sign of life of the schedule, which gives one every five, after which something is wrong
_SILENT = 120.0


@dataclass(frozen=True, slots=True)
class Used:
    """Calls of a day; *limit* None: there is no bound."""

    calls: int
    limit: int | None


@dataclass(frozen=True, slots=True)
class Standing:
    """*due*: list → how much of it is due, and how much there is. *paused*: network → seconds. Times in seconds.

    *put_off*: placements that wait for the next day's budget. *unfit*: network → what is wrong with the app there.
    *resting_today*: those planned that nobody could read, since their accounts are not connected.
    """

    queue: Queued
    ticked: float | None
    due: Mapping[str, tuple[int, int]]
    planned_today: Mapping[str, int]
    read_today: Mapping[str, int]
    read_ever: Mapping[str, int]
    budgets: Mapping[str, Used]
    put_off: int
    paused: Mapping[str, float]
    paused_accounts: Mapping[str, int]
    paused_servers: Mapping[str, int] = field(default_factory=dict)
    unfit: Mapping[str, str] = field(default_factory=dict)
    resting_today: Mapping[str, int] = field(default_factory=dict)

    @property
    def troubles(self) -> list[str]:
        """A sentence for each thing that somebody should look at."""
        found = []
        if not self.queue.workers:
            found.append("No worker takes jobs. Start it: `grapevine up`, or `python -m workers`.")
        if self.ticked is None:
            found.append("The schedule has never been at work here. It runs in the worker.")
        elif self.ticked > _SILENT:
            found.append(f"The schedule has not been at work for {lasting(self.ticked)}. It runs in the worker.")
        if failed := sum(self.queue.failed.values()):
            kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(self.queue.failed.items()))
            jobs = "1 job" if failed == 1 else f"{failed:,} jobs"
            found.append(f"{jobs} failed within a day ({kinds}). The worker's log says why.")
        found += [f"{mend} Until then it may take no posts and tell no numbers." for mend in self.unfit.values()]
        return found


async def standing(store: Store, jobs: Jobs, networks: Mapping[str, Network], now: float) -> Standing:
    """Raises what Redis raises when it does not answer."""
    queue = await asyncio.to_thread(jobs.queued)
    ticked = await store.progress.ticked()
    of, budgets, paused = span(now, DAY), {}, {}
    for name, network in networks.items():
        if network.quota is not None and network.quota.window >= DAY:
            budgets[name] = Used(await store.budgets.used(name, of), network.quota.per_app)
        if seconds := await store.pauses.of_network(name, *Use):
            paused[name] = seconds
    return Standing(
        queue=queue,
        ticked=None if ticked is None else max(0.0, now - ticked),
        due=await store.progress.due(now),
        planned_today=await store.progress.plans(now),
        read_today=await store.progress.reads(now),
        read_ever=await store.progress.reads(),
        budgets=budgets,
        put_off=await store.progress.put_off(of.ends),
        paused=paused,
        paused_accounts=await store.pauses.accounts(now),
        resting_today=await store.progress.resting(now),
        unfit=await store.troubles.known(networks),
        paused_servers=await store.pauses.servers(now),
    )


def lasting(seconds: float) -> str:
    """A length of time as people say it, to the nearest unit."""
    for size, noun in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = round(seconds / size)
            return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
    return f"{round(seconds)} s"
