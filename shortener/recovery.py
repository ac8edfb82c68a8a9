"""After an outage: what the journals hold goes into Redis, in order and once, whatever happens on the way.

This process's own journals come first, and new clicks wait for their turn behind them; those of processes that are gone
are adopted at the start and every few seconds.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable

from grapevine.domain.errors import TryLater
from grapevine.store.clicks import REMEMBERED, Standing
from grapevine.store.clicks import Clicks as Kept
from shortener.clicks import Clicks
from shortener.journal import Journal
from shortener.journals import Journals
from shortener.patience import Breaker, answered

log = logging.getLogger(__name__)

#: seconds between looks for journals without an owner, and between tries to reach Redis
_SWEEP, _FIRST_PAUSE, _LONGEST_PAUSE = 5.0, 0.05, 0.5
#: seconds until another look at whether what was settled is in Redis' file
_SOON = 0.1
#: so many clicks are settled while the others wait for a moment
_FEW, _ROUNDS = 256, 20
#: seconds by which clocks may differ from Redis's
_MARGIN = 3600.0


class Recovery:
    """*adopted* journals, and clicks *replayed*, since the start."""

    def __init__(
        self,
        kept: Kept,
        breaker: Breaker,
        journals: Journals,
        clicks: Clicks,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._kept, self._breaker, self._journals, self._clicks = kept, breaker, journals, clicks
        self._clock = clock
        self._standing = Standing(frozenset(), written=True)
        self.adopted = self.replayed = 0

    async def run(self) -> None:
        """Watch over the journals until cancelled."""
        while True:
            try:
                if self._breaker.is_open or self._journals.behind:
                    await self._come_back()
                await self._adopt()
                await self._clear_away()
                await self._journals.look()
            except Exception:
                log.exception("The journals could not be looked after")
                await asyncio.sleep(_SWEEP)
            if not self._journals.behind:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_SOON if self._journals.settled else _SWEEP):
                        await self._breaker.opened()

    async def _come_back(self) -> None:
        pause, before = _FIRST_PAUSE, self.replayed
        self._journals.again()
        while True:
            try:
                self._standing = await answered(self._kept.standing(), self._breaker.within)
                self._breaker.close()  # links can be looked up again
                await self._catch_up()
            except TryLater:
                self._journals.again()
                await self._journals.look()
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
            else:
                break
        log.warning("Redis answers again; %d clicks came from the journal.", self.replayed - before)

    async def _clear_away(self) -> None:
        """Delete what is settled, when it is in Redis' file: while its disk is busy Redis answers before."""
        settled = list(self._journals.settled)
        if not settled:
            return
        try:
            standing = await answered(self._kept.standing(), self._breaker.within)
        except TryLater as error:
            self._breaker.open(error)
            return
        if standing.servers != self._standing.servers:
            self._standing = standing
            self._journals.behind = True
            self._breaker.open(TryLater("Redis was started anew, or another one took over."))
        elif standing.written:
            for journal in settled:
                self._journals.settled.remove(journal)
                await self._journals.off_loop(journal.delete)

    async def _catch_up(self) -> None:
        """Replay what this process has written, while it writes on; then let clicks go straight again."""
        journals = self._journals
        for _ in range(_ROUNDS):
            if not journals.sealed and journals.current.clicks <= _FEW:
                break
            async with journals.turn.alone():
                journals.seal()
            await self._replay_sealed()
            await journals.look()
        async with journals.turn.alone():  # the last ones, while clicks wait, so that none overtakes another
            many = journals.current.clicks > _FEW
            journals.seal()
            if many:  # more come than are settled: what is written is left to be adopted, since order is not worth it
                await journals.off_loop(journals.sealed.pop().close)
            await self._replay_sealed()
            journals.behind = False
        await journals.start()

    async def _replay_sealed(self) -> None:
        while self._journals.sealed:
            journal = self._journals.sealed[0]
            if await self._replay(journal):
                self._journals.settled.append(journal)
            self._journals.sealed.popleft()

    async def _adopt(self) -> None:
        async with contextlib.aclosing(self._journals.orphans()) as orphans:
            async for journal in orphans:
                before = self.replayed
                try:
                    if not self._journals.settled:
                        self._standing = await answered(self._kept.standing(), self._breaker.within)
                    if await self._replay(journal, alone=False):
                        self._journals.settled.append(journal)
                except TryLater as error:
                    if not self._journals.behind:
                        self._breaker.open(error)
                    return
                if self.replayed > before:
                    self.adopted += 1
                    log.warning("%s was adopted; %d clicks came from it.", journal.path, self.replayed - before)

    async def _replay(self, journal: Journal, *, alone: bool = True) -> bool:
        """Settle what is in *journal* and not settled yet; False when that can't be; ``TryLater`` to go on later."""
        try:
            while True:
                if journal.at_edge:
                    await self._written()
                if not (portion := await self._journals.off_loop(journal.portion, self._clock())):
                    break
                now = self._clock()
                if not alone and (self._breaker.is_open or self._journals.behind):
                    raise TryLater("This process's own clicks come first.")
                if portion.since is not None and now - portion.since > REMEMBERED - _MARGIN:
                    self._clicks.lost += portion.size
                    log.error("%d clicks are lost: Redis has forgotten whether they were counted.", portion.size)
                else:
                    rows = await answered(self._kept.settle(portion.batches, now), self._breaker.within)
                    self._clicks.note(rows)
                    self.replayed += sum(map(len, rows))  # of those that were settled before there are none
                journal.settled(portion)
        except TryLater:
            journal.rewind()
            raise
        except Exception as error:  # noqa: BLE001  # one journal's fault must not keep the others, and all clicks
            await self._journals.off_loop(journal.close)
            self._journals.set_aside(journal.path, error)
            return False
        return True

    async def _written(self) -> None:
        """Wait until what Redis took is in its file; ``TryLater`` when it is another process, which may lack it."""
        while True:
            standing = await answered(self._kept.standing(), self._breaker.within)
            if standing.servers != self._standing.servers:
                raise TryLater("Redis was started anew, or another one took over.")
            if standing.written:
                return
            await asyncio.sleep(_SOON)
