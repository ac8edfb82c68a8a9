"""``python -m shortener`` as a process of its own, asked and watched from outside."""

import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.processes import ROOT


def environment(**settings: str) -> dict[str, str]:
    known = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    return {**known, "PYTHONPATH": str(ROOT), "SHORTENER_PORT": "0", **settings}


@contextmanager
def program(cwd: Path, **settings: str) -> Iterator[tuple[subprocess.Popen[bytes], str, Path]]:
    """The running program, its address, and the file that it logs to."""
    logs = cwd / "shortener.log"
    with logs.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "shortener"], cwd=cwd, env=environment(**settings), stdout=file, stderr=file
        )
    try:
        deadline = time.monotonic() + 20
        while not (found := re.search(r"links are served on (\S+)", logs.read_text())):
            assert process.poll() is None, logs.read_text()
            assert time.monotonic() < deadline, "it did not come up in time"
            time.sleep(0.02)
        yield process, found[1], logs
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def refused(cwd: Path, *arguments: str, **settings: str) -> str:
    """What the program says when it does not start."""
    command = [sys.executable, "-P", "-m", "shortener", *arguments]
    done = subprocess.run(command, cwd=cwd, env=environment(**settings), capture_output=True, text=True, timeout=30)
    assert done.returncode == 1, done
    assert "Traceback" not in done.stderr
    return done.stderr


class Unfollowed(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def ask(url: str, headers: Mapping[str, str]) -> int:
    opener = urllib.request.build_opener(Unfollowed)
    try:
        with opener.open(urllib.request.Request(url, headers=dict(headers)), timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
