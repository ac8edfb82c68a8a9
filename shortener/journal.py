"""A journal: the clicks of one writer that Redis did not take, in a file that outlives the process (design §5).

Everything here blocks on the disk: call it off the event loop. ``OSError`` when the disk does not do its part. The file
is locked (flock) by the process that writes or replays it; the lock goes with the process, ``kill -9`` included.
"""

import errno
import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from grapevine.domain.errors import Refused
from grapevine.store.clicks import Batch
from shortener import frames
from shortener.frames import Mark, Trip

#: of one share and altogether in one trip, so that none takes Redis long. What a number means in a replay depends on
#: them: who changes them changes ``frames.MAGIC``, so that no replay begun before goes on after
MOST_OF_A_SHARE, MOST_OF_A_TRIP = 64, 512
#: bytes that one mark allows to be sent: it has to be on the disk before them
_STRETCH = 256 * 1024
SUFFIX = ".journal"

_sync = getattr(os, "fdatasync", os.fsync)  # macOS has no fdatasync


@dataclass(frozen=True, slots=True)
class Portion:
    """What goes to Redis at once in a replay; *since*: from when on it may have been settled already, None if not."""

    batches: tuple[Batch, ...]
    begin: int
    end: int
    since: float | None

    @property
    def size(self) -> int:
        return sum(len(batch.clicks) for batch in self.batches)


class Journal:
    """*room* is how many bytes it may still grow; *clicks* how many were written."""

    def __init__(self, folder: Path, instance: str, room: int) -> None:
        self.folder, self.instance, self.room = folder, instance, room
        self.writer = secrets.token_hex(5)
        self.clicks = 0
        self._file: int | None = None
        self._size = self._begin = 0
        self._mark = Mark()
        self._done = 0

    @property
    def path(self) -> Path:
        return self.folder / f"{self.writer}{SUFFIX}"

    def open(self) -> None:
        """Make the file, empty and locked, unless it is there."""
        if self._file is not None:
            return
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            head = frames.header(self.writer, self.instance)
            _write(file, head, 0)
            folder = os.open(self.folder, os.O_RDONLY)
            try:
                os.fsync(folder)  # else the file itself may be gone after a power loss
            finally:
                os.close(folder)
            if os.fstat(file).st_nlink == 0:  # swept away in the instant before it was locked
                raise OSError(errno.EAGAIN, "the file was taken away")
        except OSError:
            os.close(file)
            with suppress(OSError):
                self.path.unlink()
            raise
        self._file, self._size, self._begin, self._done = file, len(head), len(head), len(head)

    @classmethod
    def adopt(cls, path: Path, instance: str) -> Self | None:
        """The journal of a process that is gone, to be replayed; None when its owner lives, or never began it.

        ``Refused`` when it is not this Grapevine's.
        """
        file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        journal = cls(path.parent, instance, 0)
        journal.writer, journal._file = path.name.removesuffix(SUFFIX), file
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return None
        if os.fstat(file).st_nlink == 0:  # somebody else has replayed it
            journal.close()
            return None
        owner = frames.owner(journal._read)
        if owner is None:
            if os.fstat(file).st_size <= len(frames.header(journal.writer, instance)):
                journal.delete()  # its owner ended before a click was in it
                return None
            journal.close()
            raise Refused(f"{path} is no journal of this version, and is left alone.")
        journal.writer, whose, journal._begin = owner
        if whose != instance:
            journal.close()
            raise Refused(f"{path} holds clicks of another Grapevine, with another Redis, and is left alone.")
        journal._mark = frames.mark(journal._read) or Mark()
        journal._done = max(journal._begin, journal._mark.done)
        return journal

    def append(self, *trips: Trip) -> None:
        """Write trips and wait until they are on the disk, all or none."""
        if self._file is None or os.fstat(self._file).st_nlink == 0:
            self._renew()
        said = b"".join([frames.encode(trip) for trip in trips])
        if len(said) > self.room:
            raise OSError(errno.ENOSPC, "the journals have reached JOURNAL_LIMIT")
        if os.fstat(self._fd).st_size != self._size:
            os.ftruncate(self._fd, self._size)  # what an earlier failure left
        try:
            _write(self._fd, said, self._size)
        except OSError:
            with suppress(OSError):
                os.ftruncate(self._fd, self._size)
            raise
        self._size += len(said)
        self.room -= len(said)
        self.clicks += sum(trip.size for trip in trips)

    def _renew(self) -> None:
        """Begin the file, also anew when somebody has deleted it: what it held is still within reach."""
        held = self._read(self._begin, self._size - self._begin) if self._file is not None else b""
        self.close()
        self.open()
        _write(self._fd, held, self._size)
        self._size += len(held)

    def portion(self, now: float) -> Portion | None:
        """What is to be settled next, None when all is; a mark says on the disk that from *now* on it is being tried.

        What a portion holds depends on the file alone and on where it begins, so that the same number means the same
        clicks in every try of every process.
        """
        portion = self._portion(self._done)
        if portion is not None and portion.begin >= self._mark.until:
            mark = replace(self._mark, done=portion.begin, until=portion.begin + _STRETCH, at=now)
            mark = replace(mark, turn=mark.turn + 1)
            offset, said = frames.place(mark)
            _write(self._fd, said, offset)
            self._mark = mark
        return portion

    def settled(self, portion: Portion) -> None:
        self._done = portion.end

    @property
    def at_edge(self) -> bool:
        """Whether the next portion moves the mark, so that nothing before it is ever settled again."""
        return self._begin < self._done and self._mark.until <= self._done

    def rewind(self) -> None:
        """Begin at the mark again: what is settled changes nothing, and what Redis has lost since is settled anew."""
        self._done = max(self._begin, self._mark.done)

    def _portion(self, begin: int) -> Portion | None:
        since = self._mark.at if begin < self._mark.until else None
        clicks: dict[tuple[str, str], list[Batch]] = {}
        number, size, end = 0, 0, begin
        for trip, its_end in self._trips(begin):
            shares = [(batch.member, batch.share) for batch in trip.batches]
            full = size + trip.size > MOST_OF_A_TRIP or any(
                sum(len(batch.clicks) for batch in (*clicks.get(share, ()), more)) > MOST_OF_A_SHARE
                for share, more in zip(shares, trip.batches, strict=True)
            )
            if end > begin and (full or trip.sent is not None):
                break
            for share, batch in zip(shares, trip.batches, strict=True):
                clicks.setdefault(share, []).append(batch)
            number, size, end = max(number, trip.number), size + trip.size, its_end
            if trip.sent is not None:  # as it was sent, with nothing else
                since = trip.sent if since is None else min(since, trip.sent)
                break
        if end == begin:
            return None
        batches = tuple(
            Batch(mid, sid, self.writer, number, tuple(click for batch in some for click in batch.clicks))
            for (mid, sid), some in clicks.items()
        )
        return Portion(batches, begin, end, since)

    def _trips(self, begin: int) -> Iterator[tuple[Trip, int]]:
        if self._file is not None:
            yield from frames.trips(self._read, self.writer, max(begin, self._begin))

    def _read(self, offset: int, length: int) -> bytes:
        return os.pread(self._fd, length, offset)

    @property
    def _fd(self) -> int:
        assert self._file is not None  # noqa: S101 (for mypy: it is open)
        return self._file

    def close(self) -> None:
        """Give the file free, for whoever adopts it."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def delete(self) -> None:
        """Nothing in it is needed any more."""
        if self._file is not None:
            with suppress(FileNotFoundError):
                self.path.unlink()
            self.close()


def _write(file: int, said: bytes, offset: int) -> None:
    """Write all of *said*, down to the disk."""
    while said:
        written = os.pwrite(file, said, offset)
        said, offset = said[written:], offset + written
    _sync(file)
