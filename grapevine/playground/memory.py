"""What the stand-in Slack and networks know from one run to the next: one JSON file in a folder of its own.

It is theirs and not Grapevine's: tokens stand in it, as they do at the real ones, and no data folder of ours holds it.
"""

import asyncio
import base64
import contextlib
import fcntl
import hashlib
import json
import os
import re
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Protocol

from aiohttp import web

from grapevine.domain.errors import GrapevineError
from grapevine.playground.config import JSON

#: what every sentence about the memory begins with
VOICE = "What the stand-in Slack and networks know"
_FILE, _DRAFT, _LOCK = "memory.json", "memory.json.new", "memory.lock"
_VERSION = 4
#: seconds from a change to the file, at least; and how much longer than the writing itself, where that takes long
_SOON, _TIMES_LONGER = 0.2, 5
#: seconds that a playground gets to end whose folder another one wants
_PATIENCE = 8.0
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class Room(Protocol):
    """A state that outlasts a restart."""

    def remember(self) -> JSON: ...

    def recall(self, remembered: JSON) -> None:
        """KeyError, TypeError, ValueError or AttributeError when it is not what `remember` gave."""


class Memory:
    """The memory of *rooms* in *folder*; *addresses* are the playground's own, which may be others in the next run.

    It never stands in the way: what cannot be read is put aside, what cannot be written is said, and all goes on.
    """

    def __init__(self, folder: Path, rooms: Mapping[str, Room], addresses: Sequence[str]) -> None:
        self.folder, self.rooms, self.addresses = folder.absolute(), rooms, list(addresses)
        self._lock: IO[str] | None = None
        self._changed, self._ending = asyncio.Event(), asyncio.Event()
        self._written, self._pause, self._silenced = b"", _SOON, False

    def open(self) -> None:
        """Own the folder and recall what is in it; ``GrapevineError`` when another playground has it."""
        try:
            self._lock = _owned(self.folder)
            self._recall()
        except OSError as error:
            _say(f"cannot be kept in {self.folder} ({error.strerror}): it ends with this run.")
            self.close()

    def attach(self, app: web.Application) -> None:
        """Watch *app* for changes and write them down, also at its end."""
        self.watch(app)
        if self._lock is not None:
            app.cleanup_ctx.append(self._running)

    def watch(self, app: web.Application) -> None:
        """Write down what is changed through *app*, which belongs to the one that is attached."""
        if self._lock is not None:
            app.middlewares.append(self._watch)

    def close(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    # -- reading

    def _recall(self) -> None:
        blank = {name: room.remember() for name, room in self.rooms.items()}
        try:
            text = (self.folder / _FILE).read_text(encoding="utf-8")
            kept = json.loads(text)
            if int(kept["version"]) != _VERSION:
                self._put_aside("was written by another version of the playground")
                return
            kept = json.loads(self._moved(text, kept["addresses"]))
            for name, room in self.rooms.items():
                room.recall(kept["rooms"][name])
        except FileNotFoundError:
            return
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
            for name, room in self.rooms.items():
                room.recall(blank[name])
            self._put_aside("is damaged")

    def _moved(self, text: str, before: Sequence[str]) -> str:
        """Where the addresses of before stood, those of now."""
        now = {old: new for old, new in zip(before, self.addresses, strict=True) if old != new}
        if not now:
            return text
        return re.sub(f"(?:{'|'.join(map(re.escape, now))})(?![0-9])", lambda found: now[found[0]], text)

    def _put_aside(self, why: str) -> None:
        aside = self.folder / f"memory-{datetime.now(UTC):%Y%m%d-%H%M%S}.json"
        (self.folder / _FILE).replace(aside)
        _say(f"{why}: it was put aside as {aside}, and they begin anew. Connect your accounts again.")

    # -- writing

    @web.middleware
    async def _watch(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        try:
            return await handler(request)
        finally:
            if request.method not in _SAFE_METHODS:
                self._changed.set()

    async def _running(self, _: web.Application) -> AsyncIterator[None]:
        keeping = asyncio.create_task(self._keep())
        yield
        self._ending.set()
        self._changed.set()  # whatever the last requests did
        await keeping
        self.close()

    async def _keep(self) -> None:
        while self._changed.is_set() or not self._ending.is_set():
            await self._changed.wait()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._pause):
                    await self._ending.wait()
            self._changed.clear()
            await self._write()

    async def _write(self) -> None:
        began = time.monotonic()
        rooms = {name: room.remember() for name, room in self.rooms.items()}
        text = json.dumps({"version": _VERSION, "addresses": self.addresses, "rooms": rooms}).encode()
        digest = hashlib.sha256(text).digest()
        if digest == self._written:
            return
        try:
            await asyncio.to_thread(self._put, text)
        except OSError as error:
            if not self._silenced:
                _say(f"cannot be written to {self.folder} ({error.strerror}): it may end with this run.")
            self._silenced = True
        else:
            self._written, self._silenced = digest, False
        self._pause = max(_SOON, _TIMES_LONGER * (time.monotonic() - began))

    def _put(self, text: bytes) -> None:
        draft = self.folder / _DRAFT
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.folder / _FILE)


def forget(folder: Path) -> None:
    """Remove what is remembered in *folder*; ``GrapevineError`` when a playground that runs has it."""
    if not folder.exists():
        return
    with _owned(folder):
        for path in (*folder.glob("memory-*.json"), folder / _FILE, folder / _DRAFT):
            path.unlink(missing_ok=True)


def packed(content: bytes) -> str:
    """Bytes as JSON can hold them."""
    return base64.b64encode(content).decode()


def unpacked(text: str) -> bytes:
    """The bytes that were `packed`; ValueError when none were."""
    return base64.b64decode(text, validate=True)


def _owned(folder: Path) -> IO[str]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.fdopen(os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+")
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                lock.close()
                raise GrapevineError(
                    f"Another playground keeps its memory in {folder}: stop that one, or choose another with --data."
                ) from None
            time.sleep(0.05)
        else:
            return lock


def _say(sentence: str) -> None:
    sys.stdout.write(f"{VOICE} {sentence}\n")
    sys.stdout.flush()
