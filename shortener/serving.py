"""Web servers: what they have in common, and how they end. No access log (rule 24), no banner."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from shortener import logs
from shortener.answers import Answers
from shortener.connections import IDLE, Connections

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]

#: seconds: requests at hand when the server stops; a body that nobody reads
_GRACE, _LINGER = 10.0, 1.0
_BACKLOG = 1024


@dataclass(frozen=True, slots=True)
class Site:
    """*handler* answers any request, *answers* knows those to clicks."""

    handler: Handler
    #: headers that every response gets
    common: Mapping[str, str] = field(default_factory=dict)
    answers: Answers | None = None


@asynccontextmanager
async def served(site: Site, host: str, port: int, *, shared: bool = False) -> AsyncIterator[str]:
    """The address that *site* answers at, a *shared* one also for other processes; at the end requests at hand are
    finished.
    """
    server = web.Server(
        site.handler,
        request_factory=_requests(site.common),
        access_log=None,
        logger=logs.http,
        lingering_time=_LINGER,
        keepalive_timeout=IDLE,
    )
    connections = Connections(site.answers, server) if site.answers else None
    listening = await asyncio.get_running_loop().create_server(
        connections or server, host, port, reuse_port=shared or None, backlog=_BACKLOG
    )
    try:
        host, port = listening.sockets[0].getsockname()[:2]
        yield f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    finally:
        listening.close()
        if connections:
            await connections.close(_GRACE)
        server.pre_shutdown()
        await server.shutdown(_GRACE)
        await listening.wait_closed()


def _requests(common: Mapping[str, str]) -> Callable[..., web.BaseRequest]:
    """Makes requests whose answers carry no banner, also the answers that aiohttp gives by itself."""
    loop = asyncio.get_running_loop()

    class Request(web.BaseRequest):
        async def _prepare_hook(self, response: web.StreamResponse) -> None:
            response.headers.popall("Server", None)
            response.headers.update(common)

    return lambda message, payload, protocol, writer, task: Request(message, payload, protocol, writer, task, loop)
