"""The journals of one process: the one it writes, those it replays, and those that processes left that are gone."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar, TypeVarTuple

from grapevine.domain.errors import Refused
from shortener.frames import Trip
from shortener.journal import SUFFIX, Journal
from shortener.turns import Turn

log = logging.getLogger(__name__)
T = TypeVar("T")
Ts = TypeVarTuple("Ts")

#: their text says all
_USUAL = (Refused, OSError)


class Journals:
    """All journals in *folder*, of *instance* alone; together they take at most *limit* bytes.

    Whoever settles clicks holds *turn*. The *current* one's writer is the writer of all clicks: they go straight to
    Redis until one is *behind*, and from then on into this journal, until it is sealed and another writer begins.
    """

    def __init__(self, folder: Path, instance: str, limit: int) -> None:
        self._folder, self._instance, self._limit = folder.absolute(), instance, limit
        self.current = self._new(limit)
        self.sealed: deque[Journal] = deque()
        #: those that are settled, as long as Redis may still lose what it took
        self.settled: list[Journal] = []
        self.turn = Turn()
        self.size = 0
        #: clicks have to wait behind what is in the journals
        self.behind = False
        #: why clicks cannot be written, empty when they can
        self.trouble = self._said = ""
        self._thread = ThreadPoolExecutor(1, "journal")
        self._told: set[Path] = set()

    async def start(self) -> None:
        """Begin a journal before there is need of it, so that the operator learns at once when that is impossible."""
        self.trouble = ""
        try:
            await self.off_loop(self.current.open)
        except OSError as error:
            self.cannot(error, "clicks would be lost if Redis were away.")

    async def write(self, *trips: Trip) -> bool:
        """True when they are on the disk, False when they cannot be written, which the operator is told once."""
        try:
            await self.off_loop(self.current.append, *trips)
        except OSError as error:
            self.cannot(error, "Redis is away, and clicks are being lost; the redirects go on.")
            return False
        if self.trouble:
            log.warning("The journal can be written again.")
            self.trouble = self._said = ""
        return True

    def cannot(self, error: OSError, so: str) -> None:
        """Tell the operator once that the disk does not do its part, and what comes of it."""
        self.trouble = error.strerror or type(error).__name__
        said = f"The journal in {self._folder} cannot be written ({self.trouble}): {so}"
        if said != self._said:
            log.error("%s", said)
        self._said = said

    def seal(self) -> None:
        """End the current journal; clicks have another writer from now on. To be called with the *turn*."""
        if self.current.clicks:
            self.sealed.append(self.current)
            self.current = self._new(self.current.room)

    def again(self) -> None:
        """Redis may have lost what it took lately: settle it anew."""
        for journal in reversed(self.settled):
            journal.rewind()
            self.sealed.appendleft(journal)
        self.settled.clear()

    async def look(self) -> None:
        """See how many bytes all journals take, and how much room that leaves for the current one."""
        self.size = await self.off_loop(self._size)
        self.current.room = self._limit - self.size

    async def orphans(self) -> AsyncGenerator[Journal]:
        """The journals whose owners are gone, one after the other, each locked; closed then, unless it is *settled*."""
        for path in await self.off_loop(self._paths):
            try:
                journal = await self.off_loop(Journal.adopt, path, self._instance)
            except FileNotFoundError:
                continue  # somebody else was faster
            except (Refused, OSError) as error:
                self.set_aside(path, error)
                continue
            if journal is not None:
                try:
                    yield journal
                finally:
                    if journal not in self.settled:
                        await self.off_loop(journal.close)

    def set_aside(self, path: Path, why: Exception) -> None:
        """What is in this journal cannot be counted now, which the operator is told once."""
        if path not in self._told:
            log.error("%s cannot be replayed: %s", path, why, exc_info=None if isinstance(why, _USUAL) else why)
            self._told.add(path)

    async def close(self) -> None:
        """What is in them is left to the next process."""
        for journal in self.settled:
            await self.off_loop(journal.close)  # the next process settles it again, which changes nothing
        for journal in (self.current, *self.sealed):
            if journal.clicks:
                log.warning("%s holds clicks that are counted when a shortener runs and Redis answers.", journal.path)
                await self.off_loop(journal.close)
            else:
                await self.off_loop(journal.delete)
        self._thread.shutdown(wait=False)

    def _new(self, room: int) -> Journal:
        return Journal(self._folder, self._instance, room)

    def _paths(self) -> list[Path]:
        try:
            return sorted(path for path in self._folder.iterdir() if path.suffix == SUFFIX)
        except OSError:
            return []

    def _size(self) -> int:
        size = 0
        for path in self._paths():
            try:
                size += path.stat().st_size
            except OSError:
                continue  # replayed meanwhile
        return size

    async def off_loop(self, work: Callable[[*Ts], T], *args: *Ts) -> T:
        """What *work* returns, done in the one thread that touches the journals."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *args)
