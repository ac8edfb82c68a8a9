"""The supervisor, with real processes."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from grapevine.supervisor import Program, Supervisor
from tests.processes import alive, python, said, until

POLITE = """
import pathlib, signal, sys, time
name, journal = sys.argv[1], pathlib.Path(sys.argv[2])
def note(word):
    with journal.open("a") as file: file.write(f"{word} {name}\\n")
def end(*_):
    note("end"); sys.exit(0)
signal.signal(signal.SIGTERM, end)
note("start"); print(f"{name} is up", flush=True); time.sleep(60)
"""
STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
HOUSE = """
import asyncio, sys
from grapevine.supervisor import Program, Supervisor
sleep = [sys.executable, "-c", "import os, time; print(os.getpid(), flush=True); time.sleep(60)"]
polite = [sys.executable, "-c", (
    "import signal, sys, time; signal.signal(15, lambda *_: sys.exit(0)); print('up', flush=True); time.sleep(60)"
)]
command = polite if sys.argv[1] == "polite" else sleep
programs = [Program(f"p{number}", command) for number in range(2)]
def write(name, line):
    if name != "grapevine": print(line, flush=True)
sys.exit(asyncio.run(Supervisor([programs], write).run()))
"""


class Log:
    """What was written, and the moment it is."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []
        self._more = asyncio.Event()

    def __call__(self, name: str, line: str) -> None:
        self.lines.append((name, line))
        self._more.set()

    async def has(self, condition: Callable[[list[tuple[str, str]]], bool]) -> None:
        async with asyncio.timeout(15):
            while not condition(self.lines):
                self._more.clear()
                await self._more.wait()


def polite(name: str, journal: Path) -> Program:
    return Program(name, [sys.executable, "-c", POLITE, name, str(journal)])


async def test_programs_start_in_order_say_their_lines_and_stop_in_reverse(tmp_path: Path) -> None:
    log, journal = Log(), tmp_path / "journal"

    async def started() -> bool:
        return "start store" in (journal.read_text() if journal.exists() else "")

    store = Program("store", polite("store", journal).command, ready=started)
    house = Supervisor([[store], [polite("bot", journal)]], log)
    task = asyncio.create_task(house.run())
    await log.has(lambda lines: ("bot", "bot is up") in lines)
    house.stop()
    assert await task == 0
    assert journal.read_text().splitlines() == ["start store", "start bot", "end bot", "end store"]


async def test_what_dies_is_started_again_with_growing_pauses() -> None:
    log = Log()
    crash = Program("bot", [sys.executable, "-c", "print('hello', flush=True); raise SystemExit(3)"])
    house = Supervisor([[crash]], log, first_pause=0.05)
    task = asyncio.create_task(house.run())
    await log.has(lambda lines: lines.count(("bot", "hello")) >= 4)
    house.stop()
    assert await task == 0
    said_itself = [line for name, line in log.lines if name == "grapevine" and "again" in line]
    pauses = [0.05, 0.1, 0.2]
    assert said_itself[:3] == [f"bot ended with 3; starting it again in {pause:g} s." for pause in pauses]


async def test_a_program_killed_with_kill_9_comes_back() -> None:
    log = Log()
    sleeper = Program("bot", [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"])
    house = Supervisor([[sleeper]], log, first_pause=0.05)
    task = asyncio.create_task(house.run())
    await log.has(lambda lines: ("bot", "up") in lines)
    os.kill(house.pids["bot"], signal.SIGKILL)
    await log.has(lambda lines: lines.count(("bot", "up")) == 2)
    house.stop()
    assert await task == 0
    assert ("grapevine", "bot was ended by SIGKILL; starting it again in 0.05 s.") in log.lines


async def test_a_program_that_never_comes_up_ends_the_house_with_1() -> None:
    async def never() -> bool:
        return False

    log = Log()
    broken = Program("bot", [sys.executable, "-c", "raise SystemExit(2)"], ready=never)
    assert await Supervisor([[broken]], log, first_pause=0.01).run() == 1
    assert log.lines[-1] == ("grapevine", "bot ended with 2 5 times and never came up: stopping.")


async def test_a_program_that_ignores_its_end_is_killed_after_its_grace() -> None:
    log = Log()
    house = Supervisor([[Program("worker", [sys.executable, "-c", STUBBORN], grace=0.3)]], log)
    task = asyncio.create_task(house.run())
    await log.has(lambda lines: ("worker", "up") in lines)
    pid = house.pids["worker"]
    house.stop()
    assert await task == 0
    assert not alive(pid)
    assert ("grapevine", "worker did not end within 0.3 s: killing it.") in log.lines


async def test_asked_twice_to_stop_the_house_does_not_wait_for_the_grace() -> None:
    log = Log()
    house = Supervisor([[Program("worker", [sys.executable, "-c", STUBBORN], grace=3600)]], log)
    task = asyncio.create_task(house.run())
    await log.has(lambda lines: ("worker", "up") in lines)
    house.stop()
    house.stop()
    async with asyncio.timeout(10):
        assert await task == 0


async def test_stopping_while_a_stage_is_not_ready_yet_ends_what_runs(tmp_path: Path) -> None:
    async def never() -> bool:
        return False

    log, journal = Log(), tmp_path / "journal"
    slow = Program("store", polite("store", journal).command, ready=never)
    house = Supervisor([[slow], [polite("bot", journal)]], log)
    task = asyncio.create_task(house.run())
    await log.has(lambda lines: ("store", "store is up") in lines)
    house.stop()
    assert await task == 0
    assert journal.read_text().splitlines() == ["start store", "end store"]


async def test_very_long_and_unfinished_lines_are_passed_on() -> None:
    log = Log()
    house = Supervisor([[Program("bot", [sys.executable, "-c", "print('x' * 300_000, end='')"])]], log)
    task = asyncio.create_task(house.run())
    await log.has(lambda lines: ("bot", "x" * 300_000) in lines)
    house.stop()
    assert await task == 0


async def test_a_program_inherits_the_descriptors_it_is_given() -> None:
    log = Log()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        code = f"import os; os.write({theirs.fileno()}, b'hello')"
        program = Program("bot", [sys.executable, "-c", code], pass_fds=(theirs.fileno(),))
        house = Supervisor([[program]], log)
        task = asyncio.create_task(house.run())
        ours.setblocking(False)
        assert await asyncio.get_running_loop().sock_recv(ours, 5) == b"hello"
        house.stop()
        assert await task == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ctrl_c_and_sigterm_stop_the_house_cleanly(number: signal.Signals) -> None:
    with python(HOUSE, "polite") as house:
        assert [said(house), said(house)] == ["up", "up"]
        house.send_signal(number)
        assert house.wait(10) == 0


def test_after_kill_9_of_the_supervisor_no_program_is_left() -> None:
    with python(HOUSE, "sleep") as house:
        programs = [int(said(house)), int(said(house))]
        assert all(alive(pid) for pid in programs)
        house.kill()
        until(lambda: not any(alive(pid) for pid in programs), within=5)
