"""The minute's tick: finds what is due and puts it on the queue. Many may run; one, elected, keeps the schedule.

Every duty reads a due list, so a slot that was missed, or whose keeper died, is made up for by the next one.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from grapevine.networks.base import Network
from grapevine.settings import WorkerSettings
from grapevine.store import Store
from grapevine.store.queue import Jobs
from workers import accounts, cadences, clicks, digests, erasure, planning, points, publishing, totals
from workers.job import scrubbed

log = logging.getLogger("workers.schedule")

#: seconds after which another one takes over from a keeper that is silent
_SILENT = 30.0


@dataclass(frozen=True)
class Duty:
    """Something done in every slot of *every* seconds; it is given the time."""

    name: str
    every: float
    do: Callable[[float], Awaitable[object]]


def duties(settings: WorkerSettings, store: Store, jobs: Jobs, networks: Mapping[str, Network]) -> list[Duty]:
    """All there are. They come every minute at the most, oftener where a setting is shorter than that (the demo)."""
    soon, refresh, window = settings.digest_interval, settings.refresh_interval, settings.reaction_window
    closing = settings.clicks_window, settings.clicks_longest
    return [
        Duty("publications", min(5.0, soon / 2), lambda now: publishing.plan(store, jobs, now)),
        Duty("digests", min(60.0, soon / 2), lambda now: digests.plan(store, jobs, soon, now)),
        Duty("reactions", min(60.0, refresh / 4, window / 24), lambda now: planning.plan(store, jobs, networks, now)),
        Duty("cadences", min(3600.0, refresh / 4, window / 24), lambda now: cadences.note(store, networks, now)),
        Duty("accounts", min(600.0, refresh), lambda now: accounts.plan(store, jobs, now)),
        Duty("points", min(180.0, soon), lambda _: points.plan(store, jobs)),
        Duty("totals", 3600.0, lambda now: totals.plan(store, jobs, now)),
        Duty("closings", 3600.0, lambda now: clicks.close(store, *closing, now)),
        Duty("erasures", 3600.0, lambda now: erasure.plan(store, jobs, now)),
    ]


class Schedule:
    """Does duties in their slots. *silent*: seconds without a sign of life after which another one takes over."""

    def __init__(self, store: Store, duties: Sequence[Duty], silent: float = _SILENT) -> None:
        self._store = store
        self._duties = duties
        self._who = secrets.token_hex(8)
        self._silent = silent
        self._last: dict[str, int] = {}
        self._keeping = False
        self.pulse = min(5.0, silent / 3, *(duty.every for duty in duties))

    async def run(self) -> None:
        """Tick until cancelled; outlives any outage of Redis."""
        try:
            while True:
                try:
                    await self.tick(time.time())
                except Exception as error:  # noqa: BLE001 (whatever it is, the next tick may succeed)
                    log.warning("the schedule is interrupted: %s", scrubbed(error))
                await asyncio.sleep(self.pulse)
        finally:
            with suppress(Exception):
                await asyncio.shield(self._store.turns.resign(self._who))

    async def tick(self, now: float) -> None:
        """Do what this moment's slots ask for, if this is the keeper of the schedule."""
        keeping = await self._store.turns.keep(self._who, self._silent)
        if keeping != self._keeping:
            log.info("this process %s the schedule", "keeps" if keeping else "no longer keeps")
        self._keeping = keeping
        if not keeping:
            return
        await self._store.progress.tick(now)
        for duty in self._duties:
            slot = int(now // duty.every)
            if slot <= self._last.get(duty.name, -1) or not await self._store.turns.claim(duty.name, slot):
                continue
            self._last[duty.name] = slot
            try:
                await duty.do(now)
            except Exception as error:  # noqa: BLE001 (the other duties are not to suffer)
                log.warning("%s are made up for in the next slot: %s", duty.name, scrubbed(error))
