"""A Redis of the test's own."""

import os
import signal
from collections.abc import Mapping
from pathlib import Path

from redis import Redis

from grapevine.store.embedded import EmbeddedServer


class Server:
    """It may hang, be killed, and have lost what came after some moment, as if the disk had not got it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self._server = EmbeddedServer.start(data)
        self.url = self._server.url
        self._find()

    def _find(self) -> None:
        with Redis.from_url(self.url, decode_responses=True) as redis:
            self.pid = int(redis.info("server")["process_id"])

    def sizes(self) -> dict[Path, int]:
        """How much is in its append-only files."""
        files = (path for path in self.data.rglob("*.aof*") if path.is_file() and "manifest" not in path.name)
        return {path: path.stat().st_size for path in files}

    def hang(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def kill(self, keeping: Mapping[Path, int] | None = None) -> None:
        """Kill it; it keeps no more in its files than was there at some moment, if that is given."""
        os.kill(self.pid, signal.SIGKILL)
        self._server.stop()
        if keeping is not None:
            for path, size in self.sizes().items():
                os.truncate(path, min(size, keeping.get(path, 0)))

    def restart(self) -> None:
        self._server = EmbeddedServer.start(self.data)
        assert self._server.url == self.url
        self._find()

    def stop(self) -> None:
        self._server.stop()
