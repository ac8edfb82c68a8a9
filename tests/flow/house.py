"""The whole house as a person starts it, real programs and all, with a data folder of its own."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from grapevine.house import free_port
from grapevine.store.secrets import data_secrets
from tests.processes import ROOT, until

#: ports are looked for from here on; another test run looks elsewhere
_PORTS = 20000 + os.getpid() % 1000 * 10


class House:
    """``grapevine`` with its programs. *data* is its folder; ``said`` is all that stood on its standard output."""

    def __init__(self, process: "subprocess.Popen[str]", data: Path) -> None:
        self.process, self.data = process, data
        self._lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def said(self) -> str:
        return "".join(self._lines)

    @property
    def log(self) -> str:
        """What the demo's programs said."""
        path = self.data / "demo.log"
        return path.read_text(encoding="utf-8") if path.exists() else self.said

    @property
    def url(self) -> str:
        """The address of the demo's page."""
        return self._found(r"Open  (http://127\.0\.0\.1:\d+)", self.said)

    @property
    def short_url(self) -> str:
        """What short links begin with, as the shortener said when it started last."""
        return self._found(r".*Short links are served on (http://\S+)", self.log)

    @property
    def redis_url(self) -> str:
        return f"unix://{self.data}/redis.sock?db=0"

    @property
    def secrets(self) -> Mapping[str, str]:
        return data_secrets(self.data)

    def wait_until(self, ready: str, within: float) -> None:
        until(lambda: ready in self.said or self.process.poll() is not None, within)
        assert ready in self.said, f"it did not come up:\n{self.said}\n{self.log[-4000:]}"

    def pids(self) -> list[int]:
        """Every process of the house, its own first."""
        found, left = [self.process.pid], [self.process.pid]
        while left:
            children = Path(f"/proc/{left.pop()}/task").glob("*/children")
            more = [int(pid) for path in children for pid in path.read_text().split()]
            found += more
            left += more
        return found

    def stop(self, by: signal.Signals = signal.SIGINT, within: float = 40.0) -> int:
        """Ask it to end; the code that it ended with."""
        if self.process.poll() is None:
            self.process.send_signal(by)
        code = self.process.wait(within)
        self._reader.join(5)
        return code

    def kill(self) -> None:
        """Every process at once, without a word."""
        for pid in self.pids():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.stop()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                self._lines.append(line)

    @staticmethod
    def _found(pattern: str, text: str) -> str:
        found = re.findall(pattern, text)
        assert found, f"{pattern} is nowhere in:\n{text}"
        return str(found[-1])


@contextmanager
def demo(data: Path, *options: str, within: float = 60.0) -> Iterator[House]:
    """``grapevine demo`` on free ports."""
    command = ["-m", "grapevine.cli", "demo", "--data", str(data), "--port", str(free_port(_PORTS)), *options]
    with running(command, {}, data, "Open  http", within) as house:
        yield house


@contextmanager
def up(data: Path, settings: Mapping[str, str], within: float = 60.0) -> Iterator[House]:
    """``grapevine up`` on free ports, with a Redis of its own."""
    bot = free_port(_PORTS)
    ports = {"BOT_PORT": str(bot), "SHORTENER_PORT": str(free_port(bot + 1))}
    given = {"GRAPEVINE_DATA": str(data), **ports, **settings}
    with running(["-m", "grapevine.cli", "up"], given, data, "Everything is up.", within) as house:
        yield house


@contextmanager
def running(
    command: Sequence[str], settings: Mapping[str, str], data: Path, ready: str, within: float
) -> Iterator[House]:
    """What *command* makes of Python; it has said *ready* when the block begins, and ends, whatever happens in it."""
    process = subprocess.Popen(
        [sys.executable, "-P", *command],
        cwd=data.parent,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    house = House(process, data)
    try:
        house.wait_until(ready, within)
        yield house
    finally:
        try:
            house.stop()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
