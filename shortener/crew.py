"""Several shorteners on one port: each listens for itself (SO_REUSEPORT), and the kernel deals out the connections.

Each has its own connection to Redis, its own journal, and its own metrics port: the first SHORTENER_METRICS_PORT, the
others the ports after it. The kernel deals evenly on Linux: https://lwn.net/Articles/542629/
"""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from grapevine.domain.errors import Refused
from grapevine.settings import ShortenerSettings
from grapevine.supervisor import Program, Supervisor

#: seconds for what is at hand; `grapevine up` gives us 20
_GRACE = 18.0


async def lead(settings: ShortenerSettings) -> int:
    """Keep the processes running; 0 when asked to stop, 1 when one of them does not come up."""
    with _held(settings.shortener_host, settings.shortener_port) as port:
        command = [sys.executable, *(["-P"] if sys.flags.safe_path else []), "-m", "shortener", "--one"]
        programs = [
            Program(f"shortener {number + 1}", command, env=_environment(settings, port, number), grace=_GRACE)
            for number in range(settings.shortener_processes)
        ]
        return await Supervisor([programs], lambda _, line: print(line, flush=True)).run()  # noqa: T201 (their own lines)


def _environment(settings: ShortenerSettings, port: int, number: int) -> dict[str, str]:
    given = {**os.environ, "SHORTENER_PORT": str(port)}
    if settings.shortener_metrics_port:
        given["SHORTENER_METRICS_PORT"] = str(settings.shortener_metrics_port + number)
    return given


@contextmanager
def _held(host: str, port: int) -> Iterator[int]:
    """The port, found free and kept for us: who does not share it with us cannot have it meanwhile."""
    if not hasattr(socket, "SO_REUSEPORT"):
        raise Refused("SHORTENER_PROCESSES should be 1 on this system: its processes cannot share a port.")
    family, kind, protocol, _, address = socket.getaddrinfo(
        host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    with socket.socket(family, kind, protocol) as plug:
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        try:
            plug.bind(address)
        except OSError as error:
            raise Refused(f"SHORTENER_PORT {port} cannot be had: {error.strerror}.") from error
        yield int(plug.getsockname()[1])  # bound, and not listening: the kernel sends nobody here
