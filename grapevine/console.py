"""What a person at the terminal sees of several programs: each line with the name of who said it."""

import sys
import threading
from collections.abc import Callable
from typing import TextIO

_COLOURS = (36, 33, 32, 35, 34)


def say(text: str = "") -> None:
    """One line for the person at the terminal, at once."""
    _written(sys.stdout, text + "\n")


def _written(stream: TextIO, text: str) -> None:
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        pass  # nobody looks any more; the programs go on


def prefixed(stream: TextIO, width: int = 10) -> Callable[[str, str], None]:
    """A writer of ``name | line``, coloured by name on a terminal."""
    colours: dict[str, int] = {}
    lock = threading.Lock()

    def write(name: str, line: str) -> None:
        head = f"{name:<{width}} |"
        with lock:
            if stream.isatty():
                colour = colours.setdefault(name, _COLOURS[len(colours) % len(_COLOURS)])
                head = f"\x1b[{colour}m{head}\x1b[0m"
            _written(stream, f"{head} {line}\n")

    return write
