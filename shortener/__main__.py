"""``python -m shortener``: reads the settings, opens the store, serves until SIGTERM."""

import argparse
import asyncio
import gc
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import uvloop

from grapevine.domain.errors import GrapevineError, Refused, TryLater
from grapevine.domain.visitors import fingerprint
from grapevine.settings import SettingsError, ShortenerSettings, load
from grapevine.store import Store
from grapevine.store.connection import connect
from grapevine.store.embedded import EmbeddedServer
from grapevine.store.secrets import data_secrets
from shortener import crew, logs
from shortener.app import shortener
from shortener.health import until_answering
from shortener.serving import served

log = logging.getLogger("shortener")

#: seconds: an answer of Redis, and Redis at the start
_ANSWER, _START = 0.25, 15.0
#: new objects after which the garbage collector looks at them
_GARBAGE = 50_000


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m shortener", description="The web server that short links lead to.")
    parser.add_argument(
        "--accept-new-visitor-secret",
        action="store_true",
        default=os.environ.get("ACCEPT_NEW_VISITOR_SECRET", "") in ("1", "true", "yes"),
        help="count with a VISITOR_SECRET other than before: visitors of open shares count anew",
    )
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)  # of several, on a port that they share
    arguments = parser.parse_args()
    try:
        settings = load(ShortenerSettings)
        logs.set_up(settings.log_level)
        url, secret = _redis_and_secret(settings)
        accept = arguments.accept_new_visitor_secret
        if settings.shortener_processes == 1 or arguments.one:
            uvloop.run(serve(settings, url, secret, accept=accept, shared=arguments.one))
        else:
            sys.exit(asyncio.run(several(settings, url, secret, accept=accept)))
    except (SettingsError, GrapevineError) as error:
        sys.exit(str(error))


def _redis_and_secret(settings: ShortenerSettings) -> tuple[str, str]:
    secret = settings.visitor_secret.get_secret_value() if settings.visitor_secret else None
    if settings.redis_url is not None:
        if secret is None:
            raise SettingsError("VISITOR_SECRET should be set: `openssl rand -base64 32` makes one. Keep it for ever.")
        return settings.redis_url, secret
    url = EmbeddedServer.join(settings.grapevine_data)
    if url is None:
        raise Refused(
            f"REDIS_URL is not set, and no server runs for the data folder {settings.grapevine_data}: "
            "start everything with `grapevine up`, or set REDIS_URL."
        )
    return url, secret or data_secrets(settings.grapevine_data)["VISITOR_SECRET"]


@asynccontextmanager
async def opened(settings: ShortenerSettings, url: str, secret: str, *, accept: bool) -> AsyncIterator[Store]:
    """The store, which answers and whose visitors were counted with this secret."""
    store = Store(connect(url, timeout=_ANSWER), visitor_cap=settings.visitor_cap)
    try:
        if not await until_answering(store, _START):
            raise TryLater("Redis does not answer: is it running, and does REDIS_URL fit?")
        if not await store.identity.counts_with(fingerprint(secret), accept=accept):
            raise Refused(
                "VISITOR_SECRET is not the one that visitors were counted with so far: set that one again, or start "
                "once with --accept-new-visitor-secret; everybody who clicked an open share counts anew then."
            )
        yield store
    finally:
        await store.close()


async def several(settings: ShortenerSettings, url: str, secret: str, *, accept: bool) -> int:
    """Serve from several processes; what would keep each of them from starting is said once."""
    async with opened(settings, url, secret, accept=accept):
        pass
    return await crew.lead(settings)


async def serve(settings: ShortenerSettings, url: str, secret: str, *, accept: bool, shared: bool = False) -> None:
    """Serve until SIGTERM or SIGINT, then finish what is at hand. *shared*: others serve on the same port."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with opened(settings, url, secret, accept=accept) as store, AsyncExitStack() as stack:
        enter, host = stack.enter_async_context, settings.shortener_host
        parts = await enter(shortener(settings, store, secret, await store.identity.id()))
        if settings.shortener_metrics_port is not None:
            address = await enter(served(parts.operator, host, settings.shortener_metrics_port))
            log.info("Metrics are served on %s/metrics", address)
        _settle_down()
        address = await enter(served(parts.readers, host, settings.shortener_port, shared=shared))
        log.info("Short links are served on %s", address)
        await stop.wait()


def _settle_down() -> None:
    """What was made so far stays: the garbage collector need not look at it with each click, nor look so often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GARBAGE, 10, 10)


if __name__ == "__main__":
    main()
