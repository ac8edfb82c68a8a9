"""Servers that others wrote, started for tests and gone after them; a skip says in one sentence what is missing."""

import json
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.processes import ROOT, until
from tests.second_opinion.acme import Acme
from tests.store.servers import server

_INSTALLED = Path(os.environ.get("SECOND_OPINION") or ROOT / ".second-opinion")
_SCRIPT = Path(__file__).parent / "bluesky.mjs"


@dataclass
class Bluesky:
    """Bluesky's own servers. *appview* is None without PostgreSQL; *own* is Bea's own password, *did* her account."""

    pds: str
    plc: str
    appview: str | None
    did: str
    own: str
    _process: subprocess.Popen[str]

    def do(self, what: str, **about: str) -> Any:
        """What people do there: see bluesky.mjs."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": what, **about}) + "\n")
        self._process.stdin.flush()
        said = _said(self._process)
        assert "error" not in said, said["error"]
        return said["found"]


@contextmanager
def bluesky(acme: Acme) -> Iterator[Bluesky]:
    node = shutil.which("node")
    if node is None or not (_INSTALLED / "node_modules" / "@atproto" / "dev-env").is_dir():
        pytest.skip("Bluesky's own servers are not installed: `make second-opinion` does it, and needs node and npm")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        env = {"PATH": os.environ["PATH"], "HOME": str(folder)}
        env |= {"ACME": str(acme.port), "NODE_EXTRA_CA_CERTS": str(acme.certificate)}
        if (database := stack.enter_context(postgres())) is not None:
            port = free_port()
            stack.enter_context(server(folder / "redis", port))
            env |= {"DB_POSTGRES_URL": database, "REDIS_HOST": f"127.0.0.1:{port}"}
        command = [node, str(_SCRIPT), str(_INSTALLED.absolute())]
        pipe = subprocess.PIPE
        process = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env=env, cwd=folder, text=True
        )
        try:
            told = _said(process)
            yield Bluesky(told["pds"], told["plc"], told["appview"], told["did"], told["own"], process)
        finally:
            process.kill()
            process.communicate()


def _said(process: subprocess.Popen[str]) -> Any:
    """The next line of JSON; the servers may log others."""
    assert process.stdout is not None
    late = threading.Timer(60, process.kill)
    late.start()
    try:
        while line := process.stdout.readline():
            if line.startswith("{"):
                return json.loads(line)
    finally:
        late.cancel()
    raise AssertionError("Bluesky's servers fell silent: does `node --version` say 20 or 22?")


@contextmanager
def mastodon() -> Iterator[str]:
    """The address of mastodon_mock: https://mastodon-mock.readthedocs.io/."""
    installed = _INSTALLED.absolute() / "mastodon"
    if not (installed / "mastodon_mock").is_dir():
        pytest.skip("mastodon_mock is not installed: `make second-opinion` does it")
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [sys.executable, "-m", "mastodon_mock", "serve", "--in-memory", "--host", "127.0.0.1", "--port", str(port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.environ["PATH"], "HOME": folder, "PYTHONPATH": str(installed)},
            cwd=folder,
        )
        try:
            _accepting(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()
            process.wait()


@contextmanager
def postgres() -> Iterator[str | None]:
    """The address of a PostgreSQL server, None where it is not installed. It refuses to run as root."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda place: int(place.parent.name))
    path = os.pathsep.join([os.environ["PATH"], *map(str, reversed(places))])
    initdb, binary = shutil.which("initdb", path=path), shutil.which("postgres", path=path)
    root = os.geteuid() == 0
    if initdb is None or binary is None or (root and shutil.which("runuser") is None):
        yield None
        return
    as_user = ["runuser", "-u", "postgres", "--"] if root else []
    folder = Path(tempfile.mkdtemp())
    try:
        if root:
            os.chown(folder, pwd.getpwnam("postgres").pw_uid, -1)
        data, port = folder / "data", free_port()
        making = [*as_user, initdb, "-D", str(data), "-A", "trust", "-U", "postgres", "--no-sync"]
        subprocess.run(making, check=True, stdout=subprocess.DEVNULL, cwd=folder)
        options = ["-p", str(port), "-k", str(folder), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]
        running = subprocess.Popen(
            [*as_user, binary, "-D", str(data), *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=folder,
        )
        try:
            _accepting(port)
            yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
        finally:
            running.terminate()
            running.wait(20)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _accepting(port: int) -> None:
    def there() -> bool:
        with socket.socket() as door:
            return door.connect_ex(("127.0.0.1", port)) == 0

    until(there)


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port: int = door.getsockname()[1]
        return port
