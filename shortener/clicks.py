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
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain, count

from grapevine.domain.errors import TryLater
from grapevine.store.clicks import Batch, Click, Rows
from grapevine.store.clicks import Clicks as Kept
from shortener.frames import Trip
from shortener.journal import MOST_OF_A_SHARE, MOST_OF_A_TRIP
from shortener.journals import Journals
from shortener.patience import Breaker
from shortener.recent import Recent

log = logging.getLogger(__name__)

#: trips under way together: Redis has the next one before it, as the shortener sees the one before
_LANES = 2
#: seconds that a reader waits for the disk
_DISK = 1.0

#: is told once whether a click is in Redis or on the disk, True, or in neither, False
Leave = Callable[[bool], object]
_Waiting = list[tuple[Click, Leave | None]]
_Trip = Sequence[tuple[tuple[str, str], _Waiting]]


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
        self._keeps_time = kept.within is not None and kept.within <= breaker.within
        self._number = count(1)
        self._recent = Recent(clock)
        self._doubting: asyncio.Task[None] | None = None
        kept.when_lost(self._lost)
        self._queues: dict[tuple[str, str], _Waiting] = {}
        #: those under way, and their shares: a share's batches follow one another
        self._trips: list[_Trip] = []
        self._away: set[tuple[str, str]] = set()
        self._resting: list[asyncio.Future[None]] = []
        self._woken = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._loop = asyncio.get_running_loop()
        self._stuck = False
        self.waiting = 0
        self.lost = 0
        self.rows: Counter[str] = Counter()

    @property
    def refused(self) -> int:
        """Clicks of shares whose keys are not what they should be; they will never count either."""
        return self._kept.refused

    def put(self, mid: str, sid: str, click: Click, leave: Leave) -> None:
        """Sends a click on its way; *leave* is called when somebody who waits for it may go."""
        if self.waiting >= self._most:
            self.lost += 1
            leave(False)
            return
        later = None if self._stuck else leave
        queue = self._queues.get((mid, sid))
        if queue is None:
            self._queues[mid, sid] = [(click, later)]
        else:
            queue.append((click, later))
        self.waiting += 1
        if self.waiting == 1:
            self._idle.clear()
        if self._resting and not self._woken and (mid, sid) not in self._away:
            self._woken = True  # one is enough for all that come before it looks
            self._resting.pop().set_result(None)
        if later is None:
            leave(False)

    async def settle(self, mid: str, sid: str, click: Click) -> bool:
        """``put``, and wait for it."""
        settled: asyncio.Future[bool] = self._loop.create_future()
        self.put(mid, sid, click, partial(_tell_one, settled))
        return await settled

    async def run(self) -> None:
        """Settle until cancelled."""
        async with asyncio.TaskGroup() as lanes:
            for _ in range(_LANES):
                lanes.create_task(self._lane())

    async def _lane(self) -> None:
        turn = self._journals.turn
        while True:
            await turn.join()
            try:
                trip = self._next_trip()
                if trip:
                    await self._take(trip)
            finally:
                turn.leave()
            if not trip:
                await self._rest()

    async def _rest(self) -> None:
        """Until somebody puts a click that no trip under way keeps from going."""
        if not self.waiting:
            self._idle.set()
        resting = self._loop.create_future()
        self._resting.append(resting)
        await resting
        self._woken = False

    async def _take(self, trip: _Trip) -> None:
        settled = False
        self._trips.append(trip)
        try:
            settled = await self._carry(trip)
        except Exception:
            log.exception("Clicks could not be settled")
        self._trips.remove(trip)
        self._away.difference_update([share for share, _ in trip])
        size = sum(len(waiting) for _, waiting in trip)
        self.waiting -= size
        self.lost += 0 if settled else size
        # together and not at once: Redis has the next trip by then
        self._loop.call_soon(_tell, trip, settled)

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

    def _next_trip(self) -> _Trip:
        trip, room = list[tuple[tuple[str, str], _Waiting]](), MOST_OF_A_TRIP
        for share in [share for share in self._queues if share not in self._away]:
            queue = self._queues.pop(share)
            most = min(room, MOST_OF_A_SHARE)
            if len(queue) > most:
                self._queues[share] = queue[most:]  # at the end: the others' turn is first
                queue = queue[:most]
            trip.append((share, queue))
            room -= len(queue)
            if room <= 0:
                break
        self._away.update([share for share, _ in trip])
        return trip

    async def _carry(self, trip: _Trip) -> bool:
        """Bring the trip into Redis or into the journal; False when neither takes it."""
        writer, number = self._journals.current.writer, next(self._number)
        batches = tuple(
            [Batch(mid, sid, writer, number, tuple([one[0] for one in waiting])) for (mid, sid), waiting in trip]
        )
        sent: float | None = None
        if not (self._breaker.is_open or self._journals.behind):
            sent = self._clock()
            with contextlib.suppress(TryLater):
                if self._keeps_time:
                    self.note(await self._breaker.carry(self._kept.settle(batches, sent)))
                else:
                    self.note(await self._breaker.ask(self._kept.settle, batches, sent))
                self._recent.keep(Trip(number, sent, batches))
                return True
        self._journals.behind = True
        # before it, or their numbers would be too low when they are settled again
        writing = asyncio.ensure_future(self._write(self._recent.take(), Trip(number, sent, batches)))
        done, _ = await asyncio.wait({writing}, timeout=_DISK)
        if not done:
            self._stuck = True
            slow = OSError(errno.ETIMEDOUT, "the disk does not answer")
            self._journals.cannot(slow, "Redis is away, and clicks wait in memory; the redirects go on.")
            _tell([*chain(*self._trips), *self._queues.items()], settled=False)
        try:
            return await writing
        finally:
            self._stuck = False

    async def _write(self, recent: Sequence[Trip], trip: Trip) -> bool:
        if recent and await self._journals.write(*recent, trip):
            return True
        return await self._journals.write(trip)  # where there is no room for what Redis has most probably

    def _lost(self) -> None:
        """The connection broke. If Redis did, it may have lost what it took lately."""
        if (self._recent.hold() or self._journals.settled) and self._doubting is None:
            self._journals.behind = True
            self._doubting = self._loop.create_task(self._doubt())

    async def _doubt(self) -> None:
        await self._journals.turn.join()
        try:
            if recent := self._recent.take():
                await self._journals.write(*recent)
        finally:
            self._journals.turn.leave()
            self._doubting = None
        self._journals.behind = True
        self._breaker.open(TryLater("Redis closed the connection."))


def _tell_one(waiting: "asyncio.Future[bool]", settled: bool) -> None:
    if not waiting.done():  # else nobody waits any more
        waiting.set_result(settled)


def _tell(trip: _Trip, settled: bool) -> None:
    for _, waiting in trip:
        for place, (click, leave) in enumerate(waiting):
            if leave is not None:
                waiting[place] = click, None
                try:
                    leave(settled)
                except Exception:
                    log.exception("An answer could not be sent")  # the others' can
