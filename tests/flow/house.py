"""The whole house as a person starts it: ``grapevine demo`` with a data folder of its own, real programs and all."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from grapevine.house import free_port
from grapevine.store.secrets import data_secrets
from tests.processes import ROOT, until

#: ports are looked for from here on; another test run looks elsewhere
_PORTS = 20000 + os.getpid() % 1000 * 10


class House:
    """A running demo. *url* is the page's address; ``said`` is all that stood on its standard output."""

    def __init__(self, process: "subprocess.Popen[str]", data: Path) -> None:
        self.process, self.data = process, data
        self.url = ""
        self._lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def said(self) -> str:
        return "".join(self._lines)

    @property
    def log(self) -> str:
        path = self.data / "demo.log"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    @property
    def short_url(self) -> str:
        """What short links begin with, as the shortener said."""
        said = re.search(r"Short links are served on (http://\S+)", self.log)
        assert said
        return said[1]

    @property
    def redis_url(self) -> str:
        return f"unix://{self.data}/redis.sock?db=0"

    @property
    def secrets(self) -> Mapping[str, str]:
        return data_secrets(self.data)

    def wait_until_ready(self, within: float) -> None:
        until(lambda: "Open  http" in self.said or self.process.poll() is not None, within)
        opened = re.search(r"Open  (http://127\.0\.0\.1:\d+)", self.said)
        assert opened, f"the demo did not come up:\n{self.said}\n{self.log[-4000:]}"
        self.url = opened[1]

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

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            self._lines.extend(lines)


@contextmanager
def house(data: Path, *options: str, within: float = 60.0) -> Iterator[House]:
    """``grapevine demo`` on free ports; ended, whatever happens in the block."""
    command = [sys.executable, "-P", "-m", "grapevine.cli", "demo"]
    command += ["--data", str(data), "--port", str(free_port(_PORTS)), *options]
    process = subprocess.Popen(
        command,
        cwd=data.parent,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    running = House(process, data)
    try:
        running.wait_until_ready(within)
        yield running
    finally:
        try:
            running.stop()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
