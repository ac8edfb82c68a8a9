"""The shortener put together: which request goes where, and what every answer has in common.

Clicks are answered by ``connections``, all else by aiohttp's low-level server: three kinds of paths need no router,
and every answer, also the one to what is no HTTP, passes through one place.
"""

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from grapevine.settings import ShortenerSettings
from grapevine.store import Store
from shortener import pages
from shortener.agents import Agents
from shortener.answers import SORRY, Answers
from shortener.browsers import Browsers
from shortener.clicks import Clicks
from shortener.health import Health
from shortener.journals import Journals
from shortener.links import Links
from shortener.metrics import Metrics
from shortener.patience import Breaker
from shortener.recovery import Recovery
from shortener.redirects import Redirects
from shortener.serving import Handler, Site
from shortener.shares import ShareKeys
from shortener.visitors import Visitors

log = logging.getLogger(__name__)

#: seconds for clicks on their way when the shortener stops
_DRAIN = 5.0


@dataclass(frozen=True, slots=True)
class Shortener:
    """*readers* answers those who follow links, *operator* whoever looks after it, on a port of its own."""

    readers: Site
    operator: Site


@asynccontextmanager
async def shortener(
    settings: ShortenerSettings,
    store: Store,
    secret: str,
    instance: str,
    clock: Callable[[], float] = time.time,
) -> AsyncIterator[Shortener]:
    """The shortener over *store*, counting with *secret*; at the end it waits for the clicks on their way.

    *instance* is what ``/healthz`` calls itself.
    """
    encrypted = settings.short_url.startswith("https://")
    common = {"Strict-Transport-Security": "max-age=31536000"} if encrypted else {}
    breaker, journals = Breaker(), Journals(settings.journals, instance, settings.journal_limit)
    clicks = Clicks(store.clicks, breaker, journals, clock=clock)
    recovery = Recovery(store.clicks, breaker, journals, clicks, clock)
    links = Links(store.links, breaker)
    visitors = Visitors(settings.trusted_proxies, settings.company_networks, settings.forwarded_header)
    redirects = Redirects(
        links,
        ShareKeys(store.clicks, secret, breaker),
        clicks,
        visitors,
        Browsers(Agents()),
        referrer_policy=settings.referrer_policy,
        common=common,
        clock=clock,
    )
    health = Health(store, breaker, journals, instance)
    metrics = Metrics(clicks, breaker, journals, recovery, health)
    machines: dict[str, Handler] = {"/healthz": health.alive, "/readyz": health.ready}
    operators = {**machines, "/metrics": metrics.show}
    readers = {**machines, "/robots.txt": health.robots, "/favicon.ico": health.favicon}

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        path = request.path
        if path in readers:
            return await readers[path](request)
        if path.endswith("+"):
            return await redirects.preview(request, path[1:-1])
        began = time.perf_counter()
        response = await redirects.follow(request, path[1:])
        metrics.answered(response.status, time.perf_counter() - began)
        return response

    async def once(request: web.BaseRequest) -> web.StreamResponse:
        response = await _sorry(answer)(request)
        response.force_close()  # who comes with a click next is answered faster on a connection of their own
        return response

    async def tell(request: web.BaseRequest) -> web.StreamResponse:
        return await operators.get(request.path, _missing)(request)

    await journals.start()
    await links.look()
    tasks = [asyncio.create_task(work) for work in (clicks.run(), recovery.run(), links.watch())]
    try:
        yield Shortener(Site(once, common, Answers(redirects, metrics, visitors.telling)), Site(_sorry(tell)))
    finally:
        await clicks.drain(_DRAIN)
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await journals.close()


def _sorry(handler: Handler) -> Handler:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        try:
            return await handler(request)
        except Exception:
            name = secrets.token_hex(4)
            log.exception("Error %s", name)
            return web.Response(status=500, text=SORRY.format(name))

    return answer


async def _missing(request: web.BaseRequest) -> web.StreamResponse:
    return pages.missing(request)
