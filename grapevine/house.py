"""The programs of the house as the supervisor runs them: how each is started, what it may know, when it is ready."""

import asyncio
import errno
import os
import signal
import socket
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import aiohttp
from pydantic_settings import BaseSettings

from grapevine.domain.errors import GrapevineError
from grapevine.settings import BotSettings, ShortenerSettings, WorkerSettings
from grapevine.store.checkup import works
from grapevine.store.embedded import EmbeddedServer
from grapevine.supervisor import Program

ROOT = Path(__file__).parent.parent
PROGRAMS: Mapping[str, type[BaseSettings]] = {
    "bot": BotSettings,
    "shortener": ShortenerSettings,
    "worker": WorkerSettings,
}
NO_ENV = (
    "There is no .env in this folder: copy .env.example to .env and fill it in (the README says with what). "
    "`grapevine demo` needs none."
)
_MODULES = {"bot": "bot", "shortener": "shortener", "worker": "workers"}
#: seconds: a worker finishes the job at hand, the others the requests at hand
_GRACE = {"bot": 20.0, "shortener": 20.0, "worker": 60.0}


def secrets_of(kind: type[BaseSettings]) -> frozenset[str]:
    """The names of the secret settings of one program."""
    return frozenset(name.upper() for name, field in kind.model_fields.items() if "SecretStr" in repr(field.annotation))


def environment(kind: type[BaseSettings], given: Mapping[str, str], base: Mapping[str, str]) -> dict[str, str]:
    """*base* and *given* without the secrets that are another program's."""
    others = frozenset[str]().union(*(secrets_of(other) for other in PROGRAMS.values())) - secrets_of(kind)
    return {name: value for name, value in {**base, **given}.items() if name.upper() not in others}


def program(
    name: str,
    given: Mapping[str, str],
    ready: Callable[[], Awaitable[bool]] | None,
    *,
    base: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Program:
    """The bot, the shortener or the worker; *given* are settings on top of the environment (*base*)."""
    env = environment(PROGRAMS[name], given, os.environ if base is None else base)
    # found from any working directory, installed or not
    env["PYTHONPATH"] = os.pathsep.join(part for part in (str(ROOT), env.get("PYTHONPATH", "")) if part)
    # -P: a folder named bot in the working directory is not ours
    command = [sys.executable, "-P", "-m", _MODULES[name]]
    return Program(name, command, env=env, cwd=cwd, ready=ready, grace=_GRACE[name])


def store(server: EmbeddedServer) -> Program:
    """The embedded server: ready when it answers and has read its file; SIGTERM lets it write what it has."""

    async def ready() -> bool:
        return await asyncio.to_thread(server.answers)

    return Program(
        "redis",
        server.command,
        cwd=server.data,
        ready=ready,
        pass_fds=(server.lock.fileno(),),
        death=signal.SIGTERM,
    )


async def asked(url: str) -> dict[str, Any]:
    """The JSON object that *url* answers with 200, else an empty one."""
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as session,
            session.get(url) as answer,
        ):
            found = await answer.json(content_type=None) if answer.status == 200 else {}
            return found if isinstance(found, dict) else {}
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
        return {}


def answering(url: str) -> Callable[[], Awaitable[bool]]:
    """Whether *url* answers 200."""

    async def ready() -> bool:
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as session,
                session.get(url) as answer,
            ):
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False

    return ready


def healthz(host: str, port: int) -> Callable[[], Awaitable[bool]]:
    """Whether the program that listens there is ready."""
    return answering(f"{local(host, port)}/healthz")


def taking_jobs(queue_url: str) -> Callable[[], Awaitable[bool]]:
    """Whether a worker of this run, and not only one of the last, takes jobs."""
    since = time.time()

    async def ready() -> bool:
        return await works(queue_url, since)

    return ready


def local(host: str, port: int) -> str:
    """The address at which this machine reaches what listens on *host*."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}.get(host, host)  # noqa: S104 (asked for, not bound)
    return f"http://{host}:{port}"


def free_port(preferred: int, taken: frozenset[int] = frozenset()) -> int:
    """*preferred* on 127.0.0.1, else the next one that is free."""
    for port in (*range(preferred, min(preferred + 100, 65536)), 0):
        if port in taken:
            continue
        with socket.socket() as probe:
            if os.name == "posix":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port in TIME_WAIT is free
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no port is free on 127.0.0.1")


def check_port(setting: str, host: str, port: int) -> None:
    """``GrapevineError`` with a sentence unless this machine lets us listen there; *setting* names the port."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        with socket.socket(family) as probe:
            if os.name == "posix":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            said = f"port {port} of {host} is in use by another program. Stop that one, or choose another port."
        else:
            said = f"Grapevine cannot listen on port {port} of {host} ({error.strerror}). Choose another one."
        raise GrapevineError(f"{setting}: {said}") from error


def lacks_env() -> bool:
    """Whether there is no ``.env`` in the working directory, from which settings are read."""
    return not Path(".env").exists()
