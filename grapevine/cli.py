"""The ``grapevine`` command. It starts the programs as processes and imports none of them."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from cryptography.fernet import Fernet

from grapevine import demo, doctor, house, manifest, resume, status
from grapevine.console import prefixed, say
from grapevine.domain.errors import GrapevineError
from grapevine.settings import BotSettings, SettingsError, ShortenerSettings, StoreSettings, load
from grapevine.store.embedded import EmbeddedServer
from grapevine.store.secrets import data_secrets
from grapevine.supervisor import Program, Supervisor


def up() -> int:
    """Run everything with the settings of the environment and ``.env``."""
    problems = _problems()
    if problems:
        raise SettingsError("\n".join([*problems, *([house.NO_ENV] if house.lacks_env() else [])]))
    bot, shortener = load(BotSettings), load(ShortenerSettings)
    given: dict[str, str] = {}
    stages: list[list[Program]] = []
    server = None
    if bot.redis_url is None:
        server = EmbeddedServer.claim(bot.grapevine_data)
        stages.append([house.store(server)])
        given = data_secrets(bot.grapevine_data)
        if bot.encryption_keys:
            del given["ENCRYPTION_KEYS"]
        if shortener.visitor_secret:
            del given["VISITOR_SECRET"]
        given["REDIS_URL"] = server.url
    queue_url = bot.queue_url or bot.redis_url or given["REDIS_URL"]
    stages.append(
        [
            house.program("bot", given, house.healthz(bot.bot_host, bot.bot_port)),
            house.program("shortener", given, house.healthz(shortener.shortener_host, shortener.shortener_port)),
            house.program("worker", given, house.taking_jobs(queue_url)),
        ]
    )
    write = prefixed(sys.stdout)
    supervisor = Supervisor(stages, write)
    try:
        house.check_port("BOT_PORT", bot.bot_host, bot.bot_port)
        house.check_port("SHORTENER_PORT", shortener.shortener_host, shortener.shortener_port)
        return asyncio.run(supervisor.run(lambda: write("grapevine", "Everything is up. Ctrl-C stops it.")))
    finally:
        if server is not None:
            server.release()


def _problems() -> list[str]:
    """What is wrong with the settings, each sentence once."""
    found: dict[str, None] = {}
    for kind in house.PROGRAMS.values():
        try:
            load(kind)
        except SettingsError as error:
            found |= dict.fromkeys(str(error).splitlines())
    return list(found)


def _base_url() -> str:
    """The address that was set, also in ``.env``; empty when none was."""
    known = load(StoreSettings)
    return known.base_url if "base_url" in known.model_fields_set else ""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="grapevine", description="Employee advocacy inside Slack, self-hosted.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands.add_parser("up", help="run everything (and a Redis of its own where REDIS_URL is not set)")
    demo_ = commands.add_parser("demo", help="try everything on this machine, with a stand-in Slack and networks")
    demo_.add_argument(
        "--data",
        type=Path,
        default=Path("demo-data"),
        help="kept between runs, with DATA-playground (default: demo-data)",
    )
    demo_.add_argument("--fresh", action="store_true", help="empty the data first")
    demo_.add_argument("--port", type=int, default=8080, help="where to open it (default: 8080 or the next free one)")
    demo_.add_argument("--transport", choices=("socket", "http"), default="socket", help="how Slack reaches the bot")
    demo_.add_argument("--verbose", action="store_true", help="show what the programs say")
    commands.add_parser("doctor", help="check the settings and everything they lead to, and say what to mend")
    status_ = commands.add_parser("status", help="say how the work stands: what waits, is due, was done, is paused")
    status_.add_argument("--json", action="store_true", help="as one JSON object")
    resume_ = commands.add_parser("resume", help="end the pauses that networks asked for, and do what they put off")
    resume_.add_argument("network", nargs="?", default="", help="only this one's, for instance linkedin")
    commands.add_parser("key", help="make a key for ENCRYPTION_KEYS")
    manifest_ = commands.add_parser("manifest", help="print the manifest of the Slack app")
    manifest_.add_argument("--http", action="store_true", help="for HTTP instead of Socket Mode")
    manifest_.add_argument("--base-url", default="", help="the bot's public address, for HTTP (default: BASE_URL)")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when all is well, 1 when something failed, 2 when a setting or an argument is wrong."""
    parser = _parser()
    given = parser.parse_args(arguments)
    if given.command is None:
        parser.print_help()
        return 2
    try:
        if given.command == "up":
            return up()
        if given.command == "demo":
            return demo.run(given.data, given.port, given.transport, fresh=given.fresh, verbose=given.verbose)
        if given.command == "doctor":
            return asyncio.run(doctor.run())
        if given.command == "status":
            return asyncio.run(status.run(as_json=given.json))
        if given.command == "resume":
            return asyncio.run(resume.run(given.network))
        if given.command == "key":
            say(Fernet.generate_key().decode())
            return 0
        say(manifest.text((given.base_url or _base_url()) if given.http else None).rstrip("\n"))
        return 0
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    except GrapevineError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
