"""The clicks of this process on their way: what waits goes out in one trip, one trip at a time.

A trip goes to Redis; while the breaker is open, and when no answer comes, to the journal. It has its number before
either, so that Redis, which remembers the numbers, settles it once.
"""

import asyncio
import contextlib
import errno
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import count

from grapevine.domain.errors import TryLater
from grapevine.store.clicks import Batch, Click, Rows
from grapevine.store.clicks import Clicks as Kept
from shortener.frames import Trip
from shortener.journal import MOST_OF_A_SHARE, MOST_OF_A_TRIP
from shortener.journals import Journals
from shortener.patience import Breaker

log = logging.getLogger(__name__)

#: seconds that a reader waits for the disk
_DISK = 1.0

_Waiting = list[tuple[Click, "asyncio.Future[bool] | None"]]


class Clicks:
    """Settles clicks, by row in *rows*; *lost* ones will never count. At most *most* are *waiting*."""

    def __init__(
        self,
        kept: Kept,
        breaker: Breaker,
        journals: Journals,
        most: int = 20_000,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._kept, self._breaker, self._journals = kept, breaker, journals
        self._most, self._clock = most, clock
        self._number = count(1)
        self._queues: dict[tuple[str, str], _Waiting] = {}
        self._trip: list[tuple[tuple[str, str], _Waiting]] = []
        self._woken = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._loop = asyncio.get_running_loop()
        self._stuck = False
        self.waiting = 0
        self.lost = 0
        self.rows: Counter[str] = Counter()

    def put(self, mid: str, sid: str, click: Click) -> "asyncio.Future[bool] | None":
        """Sends a click on its way: True when it is in Redis or on the disk, False when it is in neither; None when
        nobody should wait for that.
        """
        if self.waiting >= self._most:
            self.lost += 1
            return None
        settled = None if self._stuck else self._loop.create_future()
        queue = self._queues.get((mid, sid))
        if queue is None:
            self._queues[mid, sid] = [(click, settled)]
        else:
            queue.append((click, settled))
        self.waiting += 1
        if self.waiting == 1 or not self._woken.is_set():
            self._woken.set()
            self._idle.clear()
        return settled

    async def settle(self, mid: str, sid: str, click: Click) -> bool:
        """``put``, and wait for it."""
        settled = self.put(mid, sid, click)
        return await settled if settled is not None else False

    async def run(self) -> None:
        """Settle until cancelled."""
        while True:
            await self._woken.wait()
            async with self._journals.turn:
                self._trip = self._next_trip()
                if not self._trip:
                    self._woken.clear()
                    self._idle.set()
                    continue
                settled = False
                try:
                    settled = await self._carry()
                except Exception:
                    log.exception("Clicks could not be settled")
                size = sum(len(waiting) for _, waiting in self._trip)
                self.waiting -= size
                self.lost += 0 if settled else size
                _answer(self._trip, settled=settled)

    def note(self, rows: Sequence[Rows]) -> None:
        """Clicks were settled."""
        self.rows.update([row or "" for batch in rows for row in batch])

    async def drain(self, within: float) -> None:
        """Wait until nothing waits, at most *within* seconds; what waits still is lost."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), within)
        if self.waiting:
            self.lost += self.waiting
            log.error("%d clicks are lost: neither Redis nor the disk took them before the end.", self.waiting)

    def _next_trip(self) -> list[tuple[tuple[str, str], _Waiting]]:
        trip, room = [], MOST_OF_A_TRIP
        for share in list(self._queues):
            queue = self._queues.pop(share)
            most = min(room, MOST_OF_A_SHARE)
            if len(queue) > most:
                self._queues[share] = queue[most:]  # at the end: the others' turn is first
                queue = queue[:most]
            trip.append((share, queue))
            room -= len(queue)
            if room <= 0:
                break
        return trip

    async def _carry(self) -> bool:
        """Bring the trip into Redis or into the journal; False when neither takes it."""
        writer, number = self._journals.current.writer, next(self._number)
        batches = tuple(
            [Batch(mid, sid, writer, number, tuple([one[0] for one in waiting])) for (mid, sid), waiting in self._trip]
        )
        sent = None
        if not (self._breaker.is_open or self._journals.behind):
            sent = self._clock()
            with contextlib.suppress(TryLater):
                self.note(await self._breaker.ask(self._kept.settle, batches, sent))
                return True
        self._journals.behind = True
        writing = asyncio.ensure_future(self._journals.write(Trip(number, sent, batches)))
        done, _ = await asyncio.wait({writing}, timeout=_DISK)
        if not done:
            self._stuck = True
            slow = OSError(errno.ETIMEDOUT, "the disk does not answer")
            self._journals.cannot(slow, "Redis is away, and clicks wait in memory; the redirects go on.")
            for trip in (self._trip, self._queues.items()):
                _answer(trip, settled=False)
        try:
            return await writing
        finally:
            self._stuck = False


def _answer(trip: Iterable[tuple[tuple[str, str], _Waiting]], *, settled: bool) -> None:
    for _, waiting in trip:
        for _, future in waiting:
            if future is not None and not future.done():
                future.set_result(settled)
