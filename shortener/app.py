"""The shortener put together: which request goes where, and what every answer has in common.

It stands on aiohttp's low-level server: three kinds of paths need no router, and every answer, also the one to what
is no HTTP, passes through one place.
"""

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from grapevine.settings import ShortenerSettings
from grapevine.store import Store
from shortener import logs, pages
from shortener.agents import Agents
from shortener.clicks import Clicks
from shortener.health import Health
from shortener.links import Links
from shortener.metrics import Metrics
from shortener.redirects import Redirects
from shortener.shares import ShareKeys
from shortener.visitors import Visitors

log = logging.getLogger(__name__)
Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]

#: seconds: clicks on their way when the shortener stops; requests at hand then; a body that nobody reads
_DRAIN, _GRACE, _LINGER = 5.0, 10.0, 1.0


@dataclass(frozen=True, slots=True)
class Shortener:
    """*readers* answers those who follow links, *operator* whoever looks after it, on a port of its own."""

    readers: Handler
    operator: Handler
    #: what every answer tells besides
    common: Mapping[str, str]


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
    clicks = Clicks(store.clicks, clock=clock)
    links = Links(store.links)
    redirects = Redirects(
        links,
        ShareKeys(store.clicks, secret),
        clicks,
        Visitors(settings.trusted_proxies, settings.company_networks, settings.forwarded_header),
        Agents(),
        referrer_policy=settings.referrer_policy,
        clock=clock,
    )
    health = Health(store, clicks, instance)
    metrics = Metrics(clicks, health)
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

    async def tell(request: web.BaseRequest) -> web.StreamResponse:
        return await operators.get(request.path, _missing)(request)

    encrypted = settings.short_url.startswith("https://")
    common = {"Strict-Transport-Security": "max-age=31536000"} if encrypted else {}
    await links.look()
    tasks = [asyncio.create_task(clicks.run()), asyncio.create_task(links.watch())]
    try:
        yield Shortener(_sorry(answer), _sorry(tell), common)
    finally:
        await clicks.drain(_DRAIN)
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


@asynccontextmanager
async def served(handler: Handler, common: Mapping[str, str], host: str, port: int) -> AsyncIterator[str]:
    """The address that *handler* answers at; at the end requests at hand are finished. No access log (rule 24)."""
    server = web.Server(
        handler, request_factory=_requests(common), access_log=None, logger=logs.http, lingering_time=_LINGER
    )
    runner = web.ServerRunner(server, shutdown_timeout=_GRACE)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        host, port = runner.addresses[0][:2]
        yield f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    finally:
        await runner.cleanup()


def _requests(common: Mapping[str, str]) -> Callable[..., web.BaseRequest]:
    """Makes requests whose answers carry no banner, also the answers that aiohttp gives by itself."""
    loop = asyncio.get_running_loop()

    class Request(web.BaseRequest):
        async def _prepare_hook(self, response: web.StreamResponse) -> None:
            response.headers.popall("Server", None)
            response.headers.update(common)

    return lambda message, payload, protocol, writer, task: Request(message, payload, protocol, writer, task, loop)


def _sorry(handler: Handler) -> Handler:
    """An error of ours: a sentence with an id for the person, the id and the trace for the operator; no address."""

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        try:
            return await handler(request)
        except Exception:
            name = secrets.token_hex(4)
            log.exception("Error %s", name)
            return web.Response(status=500, text=f"Something went wrong here. Tell the operator this number: {name}\n")

    return answer


async def _missing(request: web.BaseRequest) -> web.StreamResponse:
    return pages.missing(request)
