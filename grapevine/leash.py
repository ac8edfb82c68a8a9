"""Start a program that cannot outlive the one who started it, not even when that one is killed with kill -9.

Run as a file, before the program: ``python -I -S leash.py OWNER SIGNAL PROGRAM ARGUMENT…``. On Linux it asks the kernel
to send the signal when its parent is gone (prctl(2), PR_SET_PDEATHSIG, which outlives execve) and becomes the program:
no process is added. Elsewhere it stays as the program's parent, passes signals on, and looks twice a second whether
its own parent is still there. Standard library only: ``-S`` leaves nothing else to import.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from types import FrameType

_PR_SET_PDEATHSIG = 1
_LOOK_EVERY = 0.5


def leashed(command: Sequence[str], death: signal.Signals = signal.SIGKILL) -> list[str]:
    """*command*, to be started by this process from a thread that lives on (Linux counts the thread as the parent)."""
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), str(int(death)), *command]


def die_with_parent(death: signal.Signals = signal.SIGKILL) -> bool:
    """Ask the kernel to send *death* to this process when its parent ends; False where no kernel offers that."""
    if sys.platform != "linux":
        return False
    return bool(ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(death), 0, 0, 0) == 0)


def _stay(owner: int, death: int, command: Sequence[str]) -> int:
    # close_fds: a descriptor that the caller passed on, such as a lock, belongs to the program
    child = subprocess.Popen(command, close_fds=False)  # noqa: S603 (the command is the caller's own)

    def pass_on(number: int, _: FrameType | None) -> None:
        child.send_signal(number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, pass_on)
    while child.poll() is None:
        if os.getppid() != owner:
            child.send_signal(death)
        time.sleep(_LOOK_EVERY)
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


def main(arguments: Sequence[str], *, stay: bool = sys.platform != "linux") -> None:
    owner, death, command = int(arguments[0]), signal.Signals(int(arguments[1])), arguments[2:]
    if not stay:
        stay = not die_with_parent(death)
    if os.getppid() != owner:
        sys.exit(1)  # the owner died before the kernel knew whom to tell
    if stay:
        sys.exit(_stay(owner, death, command))
    os.execvp(command[0], list(command))  # noqa: S606 (becoming the program is the point)


if __name__ == "__main__":
    main(sys.argv[1:])
