"""``grapevine demo``: everything on one machine, with a stand-in Slack and stand-in networks, on short settings."""

import asyncio
import os
import shutil
import signal
import sys
import time
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from grapevine import house, manifest
from grapevine.console import prefixed, say
from grapevine.domain.errors import GrapevineError
from grapevine.playground.config import PlaygroundConfig
from grapevine.playground.linkedin_state import SCOPES as LINKEDIN_SCOPES
from grapevine.playground.memory import VOICE, forget
from grapevine.store.embedded import EmbeddedServer
from grapevine.store.secrets import data_secrets
from grapevine.supervisor import Program, Supervisor

_MARK = ".grapevine-demo"
#: weeks become minutes and days become seconds, so that one sitting shows what a month brings
_SHORT = {"REACTION_WINDOW": "280s", "REFRESH_INTERVAL": "20s", "DIGEST_INTERVAL": "20s", "QUIET_HOURS": "none"}
_SHOWN_AT_THE_END = 15


def run(data: Path, port: int, transport: str, *, fresh: bool = False, verbose: bool = False) -> int:
    """Run the demo until Ctrl-C; 0 then, 1 when something did not come up."""
    began = time.monotonic()
    data = data.resolve()
    server = _claimed(data, fresh=fresh)
    try:
        playground = house.free_port(port)
        bot = house.free_port(playground + 1)
        shortener = house.free_port(bot + 1)
        mastodon = house.free_port(shortener + 1)
        given = settings(data, server.url, playground, bot, shortener, mastodon, transport)
        stages = _stages(server, given, transport, playground, bot, shortener, mastodon)
        with (data / "demo.log").open("a", encoding="utf-8") as log:
            progress = _Progress(log if not verbose else None, expected=sum(map(len, stages)))
            say(f"Starting the demo; its data is kept in {data}.")

            def ready() -> None:
                took = time.monotonic() - began
                say(f"\nReady after {took:.1f} s. Open  http://127.0.0.1:{playground}  (Ctrl-C ends the demo)\n")

            code = asyncio.run(Supervisor(stages, progress).run(ready))
            if code:
                progress.explain()
            return code
    finally:
        server.release()


def memory_beside(data: Path) -> Path:
    """Where the stand-ins keep what they know: outside of Grapevine's data folder, as it is for the real ones."""
    return data.with_name(f"{data.name}-playground")


def settings(
    data: Path, redis: str, playground: int, bot: int, shortener: int, mastodon: int, transport: str
) -> dict[str, str]:
    """The settings of the demo's programs; the credentials open the playground and nothing else."""
    stand_in = PlaygroundConfig()
    address = f"http://127.0.0.1:{playground}"
    slack = (
        {"SLACK_APP_TOKEN": stand_in.app_token}
        if transport == "socket"
        else {"SLACK_SIGNING_SECRET": stand_in.signing_secret}
    )
    return {
        **data_secrets(data),
        **slack,
        **_SHORT,
        "REDIS_URL": redis,
        "GRAPEVINE_DATA": str(data),
        "SLACK_API_URL": f"{address}/slack/api/",
        "SLACK_BOT_TOKEN": stand_in.bot_token,
        "BASE_URL": f"http://127.0.0.1:{bot}",
        "SHORT_URL": f"http://127.0.0.1:{shortener}",
        "BOT_PORT": str(bot),
        "SHORTENER_PORT": str(shortener),
        "LINKEDIN_AUTH_URL": f"{address}/linkedin",
        "LINKEDIN_API_URL": f"{address}/linkedin-api",
        "LINKEDIN_CLIENT_ID": "playground-linkedin-id",
        "LINKEDIN_CLIENT_SECRET": "playground-linkedin-secret",
        "LINKEDIN_SCOPES": " ".join(LINKEDIN_SCOPES["community"]),
        "LINKEDIN_CALLS_PER_MEMBER": "0",  # a demo day has more than four thousand intervals
        "LINKEDIN_CALLS_PER_APP": "0",
        "X_API_URL": f"{address}/x",
        "X_API_KEY": "playground-x-key",
        "X_API_SECRET": "playground-x-secret",
        "FACEBOOK_AUTH_URL": f"{address}/facebook",
        "FACEBOOK_GRAPH_URL": f"{address}/facebook/graph",
        "FACEBOOK_APP_ID": "1002003004005",
        "FACEBOOK_APP_SECRET": "playground-facebook-secret",
        "MASTODON_SERVER": f"127.0.0.1:{mastodon}",
        "BLUESKY_URL": f"{address}/bluesky",
        "BLUESKY_APPVIEW_URL": f"{address}/bluesky",
        "BLUESKY_PLC_URL": f"{address}/bluesky/plc",
        "TRUSTED_PROXIES": "127.0.0.1",
        "ALLOW_PRIVATE_ADDRESSES": "true",
        "NO_PROXY": "127.0.0.1,localhost",
    }


def _stages(
    server: EmbeddedServer,
    given: Mapping[str, str],
    transport: str,
    playground: int,
    bot: int,
    shortener: int,
    mastodon: int,
) -> list[list[Program]]:
    known = frozenset(name.upper() for kind in house.PROGRAMS.values() for name in kind.model_fields)
    # nothing of a real installation reaches the demo: neither its environment nor, in another folder, its .env
    base = {name: value for name, value in os.environ.items() if name.upper() not in known}
    page = f"http://127.0.0.1:{playground}"
    stand_in = Program(
        "playground",
        [
            *(sys.executable, "-P", "-m", "grapevine.playground"),
            *("--port", str(playground)),
            *("--mastodon-port", str(mastodon)),
            *("--events-url", f"http://127.0.0.1:{bot}/slack/events"),
            *("--short-url", f"http://127.0.0.1:{shortener}"),
            *("--transport", transport),
            *("--manifest", str(manifest.source())),
            *("--data", str(memory_beside(server.data))),
        ],
        env=base | {"PYTHONPATH": str(house.ROOT)},
        cwd=server.data,
        ready=house.answering(page),
        grace=5.0,
        death=signal.SIGTERM,  # it writes down what it knows
    )

    async def heard() -> bool:
        """The bot is up, and the stand-in Slack reaches it."""
        return bool(
            await house.healthz("127.0.0.1", bot)() and (await house.asked(f"{page}/ui/bootstrap")).get("connected")
        )

    programs = [
        house.program("bot", given, heard, base=base, cwd=server.data),
        house.program("shortener", given, house.healthz("127.0.0.1", shortener), base=base, cwd=server.data),
        house.program("worker", given, house.taking_jobs(server.url), base=base, cwd=server.data),
    ]
    return [[house.store(server), stand_in], programs]


class _Progress:
    """Shows what became ready, keeps what was said; *log* is None when everything is to be shown."""

    def __init__(self, log: TextIO | None, expected: int) -> None:
        self._log, self._expected, self._ready = log, expected, 0
        self._last: deque[str] = deque(maxlen=_SHOWN_AT_THE_END)
        self._show = prefixed(sys.stdout)

    def __call__(self, name: str, line: str) -> None:
        if self._log is None:
            self._show(name, line)
            return
        self._log.write(f"{name:<10} | {line}\n")
        self._log.flush()
        if name != "grapevine":
            self._last.append(f"{name:<10} | {line}")
        elif line.endswith((" is ready.", " is started.")):
            self._ready += 1
            say(f"  {self._ready}/{self._expected}  {line}")
        else:
            say(f"  {line}")
        if line.startswith(VOICE):
            say(f"  {line}")

    def explain(self) -> None:
        """The last lines before the end, where they were not shown already."""
        if self._log is not None:
            say("The last that was said (all of it is in demo.log):")
            for line in self._last:
                say(f"    {line}")


def _claimed(data: Path, *, fresh: bool) -> EmbeddedServer:
    """The demo's own folder, emptied when it is to be *fresh*; nobody else's folder is touched.

    What the stand-ins know is of no use without it, and goes with it.
    """
    new = not (data / _MARK).exists()
    if new and data.exists() and any(data.iterdir()):
        raise GrapevineError(f"{data} is not a folder of the demo: choose another with --data.")
    server = EmbeddedServer.claim(data)
    if fresh or new:
        try:
            forget(memory_beside(data))
        except GrapevineError:
            if new:
                shutil.rmtree(data)
            server.release()
            raise
    if fresh:
        for entry in data.iterdir():
            if entry.is_dir():
                shutil.rmtree(entry)
            elif entry.suffix != ".lock":  # held by us
                entry.unlink()
        server.release()
        server = EmbeddedServer.claim(data)
    (data / _MARK).touch()
    return server
