"""Runs a publication again and again and is killed (kill -9) each time at another point of its way.

``python -m tests.workers.mortal NETWORK MEMBER SHARE…``: the n-th share is published by a process that dies around its
n-th word to or from the outside (Redis, the network, Slack): before it is said, or after it was answered. Says for
each share whether it died.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import aiohttp
import requests
from redis.asyncio.connection import AbstractConnection

from grapevine.settings import WorkerSettings, load
from tests.processes import ROOT
from workers import publishing
from workers.job import opener


class Death:
    """Comes at the n-th call."""

    def __init__(self, at: int) -> None:
        self.left = at

    def comes(self) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def called(*args: Any, **options: Any) -> Any:
            self.comes()
            answer = function(*args, **options)
            self.comes()
            return answer

        return called

    def around_waiting(self, function: Callable[..., Any]) -> Callable[..., Any]:
        async def called(*args: Any, **options: Any) -> Any:
            self.comes()
            answer = await function(*args, **options)
            self.comes()
            return answer

        return called


async def killed(env: Mapping[str, str], network: str, mid: str, sids: Sequence[str]) -> list[str]:
    """Start it, with the settings in *env*: each share's fate."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.workers.mortal", network, mid, *sids),
        env={**os.environ, **env},
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    return said.decode().split("\n")[:-1]


async def run(network: str, mid: str, sid: str) -> None:
    settings = load(WorkerSettings)
    keys = tuple(key.get_secret_value() for key in settings.encryption_keys)
    async with opener(settings, settings.redis_url or "", keys)() as tools:
        wanted = ("store", "networks", "slack", "settings", "now")
        await publishing.publish(mid, sid, network, **{name: tools[name] for name in wanted})


def main() -> None:
    network, mid, *sids = sys.argv[1:]
    for number, sid in enumerate(sids, 1):
        child = os.fork()
        if child == 0:
            death = Death(number)
            publishing.LEASE = 0.5
            AbstractConnection.send_packed_command = death.around_waiting(  # type: ignore[method-assign]
                AbstractConnection.send_packed_command
            )
            requests.Session.send = death.around(requests.Session.send)  # type: ignore[method-assign]
            aiohttp.ClientSession._request = death.around_waiting(  # type: ignore[method-assign]
                aiohttp.ClientSession._request
            )
            asyncio.run(run(network, mid, sid))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        fate = "died" if os.WIFSIGNALED(status) else f"ended with {os.waitstatus_to_exitcode(status)}"
        sys.stdout.write(f"{fate}\n")


if __name__ == "__main__":
    main()
