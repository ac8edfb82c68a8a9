"""A leashed program ends with the one who started it."""

import os
import signal
import subprocess
import sys

import pytest

from grapevine.leash import leashed
from tests.processes import alive, python, said, until

OWNER = """
import subprocess, sys
from grapevine.leash import leashed
command = leashed([sys.executable, "-c", "import os, time; print(os.getpid(), flush=True); time.sleep(60)"])
subprocess.run(command if sys.argv[1] == "kernel" else [sys.executable, "-c", (
    "import sys; sys.path.insert(0, '.'); from grapevine.leash import main; main(sys.argv[1:], stay=True)"
), *command[4:]])
"""


@pytest.mark.parametrize("way", ["kernel", "watching"])
def test_a_leashed_program_dies_when_its_owner_is_killed(way: str) -> None:
    if way == "kernel" and sys.platform != "linux":
        pytest.skip("only Linux's kernel offers it")
    with python(OWNER, way) as owner:
        program = int(said(owner))
        assert alive(program)
        owner.kill()
        until(lambda: not alive(program), within=5)


def test_a_leashed_program_keeps_its_exit_code_and_hears_signals() -> None:
    assert subprocess.run(leashed([sys.executable, "-c", "raise SystemExit(7)"]), check=False).returncode == 7
    code = "import signal, sys; signal.signal(15, lambda *_: sys.exit(9)); print('up', flush=True); signal.pause()"
    with subprocess.Popen(leashed([sys.executable, "-c", code]), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 9


def test_a_program_whose_owner_is_already_gone_is_not_started() -> None:
    command = leashed([sys.executable, "-c", "print('started')"])
    command[4] = str(os.getppid())  # somebody who is not the parent
    done = subprocess.run(command, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (1, b"")
