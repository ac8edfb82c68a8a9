"""A slash command to its acknowledgement, at 100 commands a second over signed HTTP (design §8).

``python -m benchmarks.command [--quick] [--json]``; needs a Redis server. The bot runs as it does in production, in a
process of its own; the stand-in Slack types the commands at their times, whether earlier ones were answered or not, and
takes the answers that follow. The time ends with the acknowledgement. The figures are the medians of several turns:
what else the machine does for a moment would be all that one 99th percentile tells.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from statistics import median, quantiles

import uvloop
from cryptography.fernet import Fernet

from benchmarks.redirect import free_port, running
from grapevine.playground.app import Playground
from grapevine.playground.config import Manifest, PlaygroundConfig
from grapevine.store.embedded import EmbeddedServer

RATE, REACH = 100, 100.0
#: what people type: most want to share or to look
COMMANDS = ("help", "insights", "share https://blog.example.com/news", "insights", "settings", "leaderboard")
MANIFEST = Path(__file__).parent.parent / "manifest.yml"


async def measure(turns: int, seconds: int) -> list[list[float]]:
    """Milliseconds to each acknowledgement, turn by turn."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    config = replace(
        PlaygroundConfig(), manifest=Manifest.read(MANIFEST), transport="http", events_url=f"{url}/slack/events"
    )
    with tempfile.TemporaryDirectory() as folder:
        server = await asyncio.to_thread(EmbeddedServer.start, Path(folder))
        try:
            async with Playground(config) as pg:
                env = {
                    "SLACK_BOT_TOKEN": pg.bot_token,
                    "SLACK_SIGNING_SECRET": pg.signing_secret,
                    "SLACK_API_URL": pg.slack_api_url,
                    "BASE_URL": url,
                    "BOT_PORT": str(port),
                    "REDIS_URL": server.url,
                    "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
                    "LOG_LEVEL": "WARNING",
                }
                with ExitStack() as stack:
                    # it asks the stand-in, which this loop serves, before it listens
                    bot = running(port, "-m", "bot", **env)
                    await asyncio.to_thread(stack.enter_context, bot)
                    try:
                        return [await _type(pg, seconds) for _ in range(turns)]
                    finally:
                        await asyncio.to_thread(stack.close)
        finally:
            await asyncio.to_thread(server.stop)


async def _type(pg: Playground, seconds: int) -> list[float]:
    users = [user.id for user in pg.workspace.users.values() if not user.is_bot]
    for user in users:  # the first command of each person joins them
        await _command(pg, user, "help")
    loop = asyncio.get_running_loop()
    began, tasks = loop.time(), []
    who, what = cycle(users), cycle(COMMANDS)
    for number in range(RATE * seconds):
        await asyncio.sleep(began + number / RATE - loop.time())
        tasks.append(asyncio.create_task(_command(pg, next(who), next(what))))
    return [await task for task in tasks]


async def _command(pg: Playground, user: str, text: str) -> float:
    began = time.perf_counter()
    outcome = await pg.command(user, "/grapevine", text)
    if not outcome.ok:
        sys.exit(f"/grapevine {text} was not acknowledged: {outcome.error}")
    return (time.perf_counter() - began) * 1000


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="three short turns instead of seven")
    parser.add_argument("--json", action="store_true", help="one object a line")
    options = parser.parse_args(arguments)
    turns = uvloop.run(measure(*((3, 4) if options.quick else (7, 6))))
    middle, most = median(map(median, turns)), median(quantiles(times, n=100)[-1] for times in turns)
    longest = max(map(max, turns))
    if not options.json:
        count = sum(map(len, turns))
        print(f"{count:,} commands in {len(turns)} turns, {RATE} a second, milliseconds to the acknowledgement:")
        print(f"median {middle:.1f}   p99 {most:.1f} (reach {REACH:.0f})   longest of all {longest:.1f}")
        return
    for name, value in (("median", middle), ("p99", most), ("longest", longest)):
        print(json.dumps({"name": f"command {name}", "value": round(value, 2), "unit": "ms"}))


if __name__ == "__main__":
    main()
