"""``python -m bot``: the composition root of the Slack app."""

import asyncio
import logging
import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import uvloop
from cryptography.fernet import Fernet

from bot.logs import configure
from bot.running import Bot
from grapevine.domain.errors import GrapevineError
from grapevine.networks import linkedin_versions, offered
from grapevine.settings import BotSettings, SettingsError, load
from grapevine.store import Store
from grapevine.store.embedded import EmbeddedServer
from grapevine.store.queue import Jobs
from grapevine.store.secrets import data_secrets
from grapevine.written import is_loopback

log = logging.getLogger("bot")

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
            raise SettingsError("ENCRYPTION_KEYS: set it beside REDIS_URL, to a key as `grapevine key` prints it.")
        return url, settings.queue_url or url, _checked(keys)
    joined = EmbeddedServer.join(settings.grapevine_data)
    if joined is None:
        raise SettingsError(
            f"REDIS_URL: set it, or start `grapevine up` first, which runs a server in {settings.grapevine_data}."
        )
    made = data_secrets(settings.grapevine_data)["ENCRYPTION_KEYS"]
    return joined, settings.queue_url or joined, _checked(keys or tuple(made.replace(",", " ").split()))


def _checked(keys: tuple[str, ...]) -> tuple[str, ...]:
    try:
        for key in keys:
            Fernet(key)
    except ValueError:
        raise SettingsError("ENCRYPTION_KEYS: each should be a key as `grapevine key` prints it.") from None
    return keys


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
    store = Store.open(
        url,
        encryption_keys=keys,
        window=settings.reaction_window,
        interval=settings.refresh_interval,
        quiet_hours=settings.quiet_hours,
    )
    jobs = Jobs(queue_url)
    if settings.linkedin_client_id and (said := linkedin_versions.advice(settings.linkedin_version, time.time())):
        log.warning("%s", said)
    bot = Bot(settings, store, jobs, offered(settings, settings.base_url, keys))
    try:
        await bot.slack.check()
        async with bot:
            log.info("Serving on %s", bot.address)
            await end.wait()
    finally:
        await bot.slack.close()
        await store.close()
        jobs.close()


if __name__ == "__main__":
    main()
