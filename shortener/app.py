"""The web application: routes, and what every answer has in common."""

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable

from aiohttp import web

from grapevine.settings import ShortenerSettings
from grapevine.store import Store
from shortener import pages
from shortener.agents import Agents
from shortener.clicks import Clicks
from shortener.health import Health
from shortener.links import Links
from shortener.metrics import Metrics
from shortener.redirects import Redirects
from shortener.shares import ShareKeys
from shortener.visitors import Visitors

log = logging.getLogger(__name__)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

#: seconds in which clicks may still reach Redis when the shortener stops
_DRAIN = 5.0


def application(
    settings: ShortenerSettings,
    store: Store,
    secret: str,
    instance: str,
    clock: Callable[[], float] = time.time,
) -> tuple[web.Application, web.Application]:
    """The shortener over *store*, counting with *secret*, and what its operator sees on a port of its own.

    *instance* is what ``/healthz`` calls itself.
    """
    clicks = Clicks(store.clicks, clock=clock)
    redirects = Redirects(
        Links(store.links),
        ShareKeys(store.clicks, secret),
        clicks,
        Visitors(settings.trusted_proxies, settings.company_networks, settings.forwarded_header),
        Agents(),
        referrer_policy=settings.referrer_policy,
        clock=clock,
    )
    health = Health(store, clicks, instance)
    metrics = Metrics(clicks, health)
    app = web.Application(middlewares=[_say_sorry])
    app.on_response_prepare.append(_common(encrypted=settings.short_url.startswith("https://")))
    app.cleanup_ctx.append(_settling(clicks))
    operators = web.Application(middlewares=[_say_sorry])
    operators.on_response_prepare.append(_common(encrypted=False))
    for each in (app, operators):
        each.router.add_get("/healthz", health.alive)
        each.router.add_get("/readyz", health.ready)
    operators.router.add_get("/metrics", metrics.show)
    app.router.add_get("/robots.txt", health.robots)
    app.router.add_get("/favicon.ico", health.favicon)
    app.router.add_route("*", r"/{slug:[A-Za-z0-9_-]+}", _timed(redirects.follow, metrics))
    app.router.add_route("*", r"/{slug:[A-Za-z0-9_-]+}+", redirects.preview)
    app.router.add_route("*", "/{other:.*}", _missing)
    return app, operators


def _timed(handler: Callable[[web.Request], Awaitable[web.Response]], metrics: Metrics) -> Handler:
    async def timed(request: web.Request) -> web.Response:
        began = time.perf_counter()
        response = await handler(request)
        metrics.answered(response.status, time.perf_counter() - began)
        return response

    return timed


async def _missing(request: web.Request) -> web.StreamResponse:
    return pages.missing(request)


@web.middleware
async def _say_sorry(request: web.Request, handler: Handler) -> web.StreamResponse:
    """An error of ours: a sentence with an id for the person, the id and the trace for the operator; no address."""
    try:
        return await handler(request)
    except web.HTTPException:
        raise
    except Exception:
        name = secrets.token_hex(4)
        log.exception("Error %s", name)
        return web.Response(status=500, text=f"Something went wrong here. Tell the operator this number: {name}\n")


def _common(*, encrypted: bool) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    async def prepare(_: web.Request, response: web.StreamResponse) -> None:
        response.headers.popall("Server", None)
        if encrypted:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"

    return prepare


def _settling(clicks: Clicks) -> Callable[[web.Application], AsyncIterator[None]]:
    async def running(_: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(clicks.run())
        yield
        await clicks.drain(_DRAIN)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    return running
