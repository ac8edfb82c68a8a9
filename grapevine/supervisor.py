"""Runs the house's programs as processes: in order, restarted when they die, drained at the end, never orphaned.

Why not a library: docs/decisions/0003-supervisor.md.
"""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grapevine.leash import leashed

#: seconds before the first restart, doubled with each death, up to the longest
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
#: a program that ran for so many seconds starts again with the first pause
_STEADY = 60.0
#: a program that dies so often without ever having been ready will not come up by itself
_ATTEMPTS = 5
_ASK_EVERY = 0.2
#: seconds in which the output of a dead program is read to its end, which never comes if a grandchild holds it
_LAST_WORDS = 2.0


@dataclass(frozen=True)
class Program:
    """One process of the house. *ready* is asked until it says True; *grace* is its drain time in seconds."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=lambda: dict(os.environ), repr=False)
    cwd: Path | None = None
    ready: Callable[[], Awaitable[bool]] | None = None
    ready_within: float = 60.0
    grace: float = 30.0
    pass_fds: tuple[int, ...] = ()
    #: what it gets when the supervisor itself is killed
    death: signal.Signals = signal.SIGKILL


class Supervisor:
    """Runs *stages* one after the other (a stage starts when the one before is ready) and stops them in reverse.

    *write* gets each line of output with the name of the program that said it, or "grapevine" for the supervisor's own.
    """

    def __init__(
        self, stages: Sequence[Sequence[Program]], write: Callable[[str, str], None], first_pause: float = _FIRST_PAUSE
    ) -> None:
        self.stages, self.write, self.first_pause = stages, write, first_pause
        self.pids: dict[str, int] = {}
        self._stopping = asyncio.Event()
        self._at_once = asyncio.Event()
        self._failed = False

    def stop(self) -> None:
        """End everything in order; called again, end it at once."""
        if self._stopping.is_set():
            self._at_once.set()
        self._stopping.set()

    async def run(self, started: Callable[[], None] = lambda: None) -> int:
        """Run until ``stop``, SIGINT, SIGTERM or SIGHUP; 0 then, 1 when a program could not be brought up.

        *started* is called once, when every program is ready.
        """
        loop = asyncio.get_running_loop()
        signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        for number in signals:
            loop.add_signal_handler(number, self.stop)
        try:
            await self._run(started)
        finally:
            for number in signals:
                loop.remove_signal_handler(number)
        return 1 if self._failed else 0

    async def _run(self, started: Callable[[], None]) -> None:
        running: list[tuple[asyncio.Event, list[asyncio.Task[None]]]] = []
        for stage in self.stages:
            end = asyncio.Event()
            ready = [asyncio.Event() for _ in stage]
            tasks = [asyncio.create_task(self._keep(p, r, end)) for p, r in zip(stage, ready, strict=True)]
            running.append((end, tasks))
            await self._unless_stopping(*(one.wait() for one in ready))
            if self._stopping.is_set():
                break
        else:
            started()
            await self._stopping.wait()
        for end, tasks in reversed(running):
            end.set()
            await asyncio.gather(*tasks)

    async def _unless_stopping(self, *wanted: Coroutine[Any, Any, object]) -> None:
        """Wait for all of *wanted* or for the end, whichever is first."""
        either: list[asyncio.Future[Any]] = [asyncio.gather(*wanted), asyncio.create_task(self._stopping.wait())]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        for one in either:
            one.cancel()
        await asyncio.gather(*either, return_exceptions=True)

    async def _keep(self, program: Program, ready: asyncio.Event, end: asyncio.Event) -> None:
        """Start *program* again and again until *end*."""
        pause, deaths = self.first_pause, 0
        while not end.is_set():
            began = time.monotonic()
            said = await self._once(program, ready, end)
            if end.is_set():
                return
            deaths += 1
            if not ready.is_set() and deaths >= _ATTEMPTS:
                self.write("grapevine", f"{program.name} {said} {deaths} times and never came up: stopping.")
                self._failed = True
                self._stopping.set()
                return
            if time.monotonic() - began > _STEADY:
                pause = self.first_pause
            self.write("grapevine", f"{program.name} {said}; starting it again in {pause:g} s.")
            await _within(end.wait(), pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _once(self, program: Program, ready: asyncio.Event, end: asyncio.Event) -> str:
        """One life of *program*; how it ended."""
        process = await asyncio.create_subprocess_exec(
            *leashed(program.command, program.death),
            env=dict(program.env) | {"PYTHONUNBUFFERED": "1"},
            cwd=program.cwd,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            pass_fds=program.pass_fds,
            start_new_session=True,  # Ctrl-C in a terminal is for the supervisor, which stops them in order
        )
        self.pids[program.name] = process.pid
        asking = asyncio.create_task(self._ask(program, ready))
        reading = asyncio.create_task(self._forward(program.name, process))
        gone = asyncio.create_task(process.wait())
        ending = asyncio.create_task(end.wait())
        await asyncio.wait([gone, ending], return_when=asyncio.FIRST_COMPLETED)
        asking.cancel()
        ending.cancel()
        if not gone.done():
            await self._drain(program, process, gone)
        _signal_group(process.pid, signal.SIGKILL)  # what it left behind in its process group
        await asyncio.wait([reading], timeout=_LAST_WORDS)
        reading.cancel()
        await asyncio.gather(reading, asking, ending, return_exceptions=True)
        del self.pids[program.name]
        code = process.returncode
        return f"was ended by {signal.Signals(-code).name}" if code is not None and code < 0 else f"ended with {code}"

    async def _drain(self, program: Program, process: asyncio.subprocess.Process, gone: "asyncio.Task[int]") -> None:
        process.terminate()
        at_once = asyncio.create_task(self._at_once.wait())
        await asyncio.wait([gone, at_once], timeout=program.grace, return_when=asyncio.FIRST_COMPLETED)
        at_once.cancel()
        if not gone.done():
            self.write("grapevine", f"{program.name} did not end within {program.grace:g} s: killing it.")
            process.kill()
            await gone

    async def _ask(self, program: Program, ready: asyncio.Event) -> None:
        deadline = time.monotonic() + program.ready_within
        while program.ready is not None and not await program.ready():
            if time.monotonic() > deadline and not ready.is_set():
                self.write("grapevine", f"{program.name} runs but is not ready after {program.ready_within:g} s.")
                deadline = float("inf")
            await asyncio.sleep(_ASK_EVERY)
        if not ready.is_set():
            self.write("grapevine", f"{program.name} is {'ready' if program.ready else 'started'}.")
        ready.set()

    async def _forward(self, name: str, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None  # noqa: S101 (for mypy: it is a pipe)
        rest = b""
        while chunk := await process.stdout.read(65536):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self.write(name, line.decode(errors="replace").rstrip("\r"))
        if rest:
            self.write(name, rest.decode(errors="replace"))


def _signal_group(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS says EPERM for a group of zombies
        os.killpg(group, number)


async def _within(wanted: Awaitable[object], seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(wanted, seconds)
