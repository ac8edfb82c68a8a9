"""The clicks of this process on their way into Redis: what waits goes out in one trip, one trip at a time."""

import asyncio
import contextlib
import logging
import secrets
import time
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import count

from grapevine.domain.errors import TryLater
from grapevine.store.clicks import Batch, Click
from grapevine.store.clicks import Clicks as Kept
from shortener.patience import answered

log = logging.getLogger(__name__)

#: of one share and altogether in one trip, so that none takes Redis long
_MOST_OF_A_SHARE, _MOST_OF_A_TRIP = 64, 512
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0

_Waiting = list[tuple[Click, "asyncio.Future[bool] | None"]]


class Clicks:
    """Settles clicks. While Redis does not answer they wait here (at most *most*) and nobody waits for them."""

    def __init__(
        self, kept: Kept, deadline: float = 0.25, most: int = 20_000, clock: Callable[[], float] = time.time
    ) -> None:
        self._kept, self._deadline, self._most, self._clock = kept, deadline, most, clock
        self._writer = secrets.token_hex(4)
        self._number = count(1)
        self._queues: dict[tuple[str, str], _Waiting] = {}
        self._trip: list[tuple[tuple[str, str], _Waiting]] = []
        self._woken = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self.waiting = 0
        self.lost = 0
        self.failing = False
        self.rows: Counter[str] = Counter()

    async def settle(self, mid: str, sid: str, click: Click) -> bool:
        """True when the click is in Redis, False when it is not there yet."""
        if self.waiting >= self._most:
            self.lost += 1
            return False
        settled = None if self.failing else asyncio.get_running_loop().create_future()
        self._queues.setdefault((mid, sid), []).append((click, settled))
        self.waiting += 1
        self._woken.set()
        self._idle.clear()
        return await settled if settled is not None else False

    async def run(self) -> None:
        """Settle until cancelled."""
        while True:
            await self._woken.wait()
            self._trip = self._next_trip()
            if not self._trip:
                self._woken.clear()
                self._idle.set()
                continue
            batches = [
                Batch(mid, sid, self._writer, next(self._number), tuple(click for click, _ in waiting))
                for (mid, sid), waiting in self._trip
            ]
            await self._insist(batches)
            for _, waiting in self._trip:
                self.waiting -= len(waiting)
                _answer(waiting, settled=True)

    async def drain(self, within: float) -> None:
        """Wait until nothing waits, at most *within* seconds; what waits still is lost."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), within)
        if self.waiting:
            self.lost += self.waiting
            log.error("%d clicks are lost: Redis did not answer before the shortener had to stop.", self.waiting)

    def _next_trip(self) -> list[tuple[tuple[str, str], _Waiting]]:
        trip, room = [], _MOST_OF_A_TRIP
        for share in list(self._queues):
            queue = self._queues.pop(share)
            most = min(room, _MOST_OF_A_SHARE)
            if queue[most:]:
                self._queues[share] = queue[most:]  # at the end: the others' turn is first
            trip.append((share, queue[:most]))
            room -= len(queue[:most])
            if room <= 0:
                break
        return trip

    async def _insist(self, batches: Sequence[Batch]) -> None:
        """Settle *batches*, however often it takes: their numbers make them count once."""
        pause = _FIRST_PAUSE
        while True:
            try:
                rows = await answered(self._kept.settle(batches, self._clock()), self._deadline)
            except TryLater as error:
                if not self.failing:
                    log.error("Clicks wait in memory: %s", error)
                self.failing = True
                for _, waiting in (*self._trip, *self._queues.items()):
                    _answer(waiting, settled=False)
            else:
                break
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
        if self.failing:
            log.warning("Redis answers again; %d clicks waited.", self.waiting)
        self.failing = False
        for batch in rows:
            self.rows.update(row or "" for row in batch)


def _answer(waiting: _Waiting, *, settled: bool) -> None:
    for _, future in waiting:
        if future is not None and not future.done():
            future.set_result(settled)
