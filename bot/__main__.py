"""``python -m bot``: the composition root of the Slack app."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor

import uvloop
from aiohttp import web

from bot.announcing import Announcer
from bot.app import build
from bot.connecting import Connecting
from bot.downloads import Downloads
from bot.installations import install_flow
from bot.line import Line
from bot.logs import configure
from bot.pages import Pages
from bot.slack import Slack
from bot.web import application
from grapevine.domain.errors import GrapevineError
from grapevine.networks import offered
from grapevine.settings import BotSettings, SettingsError, is_loopback, load
from grapevine.store import Store
from grapevine.store.embedded import EmbeddedServer
from grapevine.store.queue import Jobs
from grapevine.store.secrets import data_secrets

log = logging.getLogger("bot")

#: seconds that listeners get to finish at the end
_DRAIN = 10.0
#: Bolt reads these by itself and mixes them with what it is given; nobody who is started from here needs them
_BOLTS_OWN = ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET")
_PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")


def main() -> None:
    try:
        settings = load(BotSettings)
        configure(settings.log_level)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(settings))
    except (SettingsError, GrapevineError) as error:
        sys.exit(str(error))


def locations(settings: BotSettings) -> tuple[str, str, tuple[str, ...]]:
    """Where the store and the queue are, and the keys of the tokens; ``SettingsError`` says what is missing."""
    keys = tuple(key.get_secret_value() for key in settings.encryption_keys)
    url = settings.redis_url
    if url is not None:
        if not keys:
            raise SettingsError(
                "ENCRYPTION_KEYS: set it beside REDIS_URL, to one key or several, made with `python -c "
                "'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'`."
            )
        return url, settings.queue_url or url, keys
    joined = EmbeddedServer.join(settings.grapevine_data)
    if joined is None:
        raise SettingsError(
            f"REDIS_URL: set it, or start `grapevine up` first, which runs a server in {settings.grapevine_data}."
        )
    made = data_secrets(settings.grapevine_data)["ENCRYPTION_KEYS"]
    return joined, settings.queue_url or joined, keys or tuple(made.replace(",", " ").split())


async def serve(settings: BotSettings) -> None:
    """Run until SIGINT or SIGTERM."""
    for name in _BOLTS_OWN:
        os.environ.pop(name, None)
    if is_loopback(settings.slack_api_url):  # the playground: slack_sdk does not know NO_PROXY
        for name in _PROXIES:
            os.environ.pop(name, None)
    url, queue_url, keys = locations(settings)
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(32))  # networks are spoken to in threads, and some are slow
    end = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end.set)
    store = Store.open(url, encryption_keys=keys, window=settings.reaction_window, interval=settings.refresh_interval)
    jobs = Jobs(queue_url)
    slack = Slack(settings, store)
    try:
        await _run(settings, store, jobs, slack, end)
    finally:
        await slack.close()
        await store.close()
        jobs.close()


async def _run(settings: BotSettings, store: Store, jobs: Jobs, slack: Slack, end: asyncio.Event) -> None:
    networks = offered(settings)
    app = build(settings, store, jobs, networks, slack, install_flow(settings, store, slack.client))
    token = settings.slack_app_token
    line = Line(app, token.get_secret_value(), slack.app_client(token.get_secret_value())) if token else None

    async def health() -> dict[str, bool]:
        try:
            stored = await store.redis.ping()
        except Exception:  # noqa: BLE001 – whatever it is, the store does not answer
            stored = False
        return {"store": bool(stored), "slack": line is None or await line.is_up()}

    pages = Pages(settings.base_url)
    connecting = Connecting(settings, store, networks, Announcer(slack, store, networks, settings), pages)
    served = application(
        app, connecting, Downloads(settings.base_url, store, pages), pages, health, slack_over_http=line is None
    )
    runner = web.AppRunner(served, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, settings.bot_host, settings.bot_port)
        await site.start()
        log.info("Listening on http://%s:%s", settings.bot_host, settings.bot_port)
        holding = asyncio.create_task(line.run()) if line else None
        await end.wait()
        if holding:
            holding.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await holding
    finally:
        await runner.cleanup()
        await _drain()


async def _drain() -> None:
    """Let listeners that Slack has been answered for finish what they do."""
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    if others:
        await asyncio.wait(others, timeout=_DRAIN)


if __name__ == "__main__":
    main()
