"""A journal's bytes: a header, then frames, each with its length and checksum before it.

Any prefix of a file that begins with a whole header holds a prefix of its trips: a write that was cut short, zeros that
a file system left, garbage, all end the reading there. The header has two places for a mark that are written in turns,
so that a mark cut short leaves the one before.
"""

import json
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from grapevine.domain.clicks import Row
from grapevine.store.clicks import Batch, Click

#: bytes *length* from *offset*, fewer at the end
Read = Callable[[int, int], bytes]

MAGIC = b"grapevine journal 1\n"
_SLOTS, _SLOT = 32, struct.Struct("<QQQdI")
#: where the frames begin
START = 128
_FRAME = struct.Struct("<II")
#: a trip's clicks take a tenth of it
_LONGEST = 4 << 20


@dataclass(frozen=True, slots=True)
class Trip:
    """Batches of different shares that go to Redis together, all with the same *number*.

    *sent*: when that was tried and no answer came, so that they may have been settled; None when it was not.
    """

    number: int
    sent: float | None
    batches: tuple[Batch, ...]

    @property
    def size(self) -> int:
        return sum(len(batch.clicks) for batch in self.batches)


@dataclass(frozen=True, slots=True)
class Mark:
    """What lies before *done* is settled; what lies before *until* may have been, from the time *at* on."""

    turn: int = 0
    done: int = START
    until: int = START
    at: float = 0.0


def frame(payload: bytes) -> bytes:
    return _FRAME.pack(len(payload), crc32(payload)) + payload


def payload(read: Read, offset: int) -> tuple[bytes, int] | None:
    """The frame at *offset* and where the next one begins; None when there is no whole one."""
    head = read(offset, _FRAME.size)
    if len(head) < _FRAME.size:
        return None
    length, check = _FRAME.unpack(head)
    if not 0 < length <= _LONGEST:
        return None
    found = read(offset + _FRAME.size, length)
    if len(found) < length or crc32(found) != check:
        return None
    return found, offset + _FRAME.size + length


def header(writer: str, instance: str) -> bytes:
    """The first bytes of a file: whose numbers its trips carry, and which Grapevine's clicks they are."""
    return MAGIC.ljust(START, b"\0") + frame(json.dumps([writer, instance]).encode())


def owner(read: Read) -> tuple[str, str, int] | None:
    """Writer, instance, and where the trips begin; None when it is no journal, or one that was never finished."""
    found = payload(read, START) if read(0, len(MAGIC)) == MAGIC else None
    if found is None:
        return None
    writer, instance = json.loads(found[0])
    return writer, instance, found[1]


def encode(trip: Trip) -> bytes:
    batches = [[batch.member, batch.share, [_fields(click) for click in batch.clicks]] for batch in trip.batches]
    return frame(json.dumps([trip.number, trip.sent, batches], separators=(",", ":")).encode())


def trips(read: Read, writer: str, offset: int) -> Iterator[tuple[Trip, int]]:
    """The trips from *offset* on, each with the place where it ends."""
    while found := payload(read, offset):
        said, offset = found
        number, sent, batches = json.loads(said)
        yield Trip(number, sent, tuple(_batch(writer, number, *batch) for batch in batches)), offset


def place(mark: Mark) -> tuple[int, bytes]:
    """Where a mark is written, and its bytes."""
    said = _SLOT.pack(mark.turn, mark.done, mark.until, mark.at, 0)[:-4]
    return _SLOTS + mark.turn % 2 * _SLOT.size, said + struct.pack("<I", crc32(said))


def mark(read: Read) -> Mark | None:
    """The latest mark, None when nothing was tried yet."""
    found = []
    for turn in range(2):
        said = read(_SLOTS + turn * _SLOT.size, _SLOT.size)
        if len(said) == _SLOT.size and crc32(said[:-4]) == int.from_bytes(said[-4:], "little"):
            found.append(Mark(*_SLOT.unpack(said)[:-1]))
    return max(found, key=lambda one: one.turn, default=None)


def _fields(click: Click) -> list[Any]:
    # nothing else than what the store keeps: no address and no user agent gets as far as here (rule 24)
    return [click.row, click.network, click.account, click.at, click.tag, click.source]


def _batch(writer: str, number: int, mid: str, sid: str, clicks: list[list[Any]]) -> Batch:
    return Batch(mid, sid, writer, number, tuple(Click(row and Row(row), *rest) for row, *rest in clicks))
