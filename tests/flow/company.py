"""The company's website, which links lead to; it remembers which addresses were asked for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from socket import socket

from aiohttp import web


class Company:
    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: list[str] = []

    async def page(self, request: web.Request) -> web.Response:
        self.asked.append(str(request.rel_url))
        return web.Response(text="<!doctype html><title>News</title><h1>We pick grapes</h1>", content_type="text/html")


@asynccontextmanager
async def company() -> AsyncIterator[Company]:
    """At localhost: the same machine as the demo, another name than its short links'."""
    with socket() as door:
        door.bind(("127.0.0.1", 0))
        made = Company(f"http://localhost:{door.getsockname()[1]}")
        app = web.Application()
        app.router.add_get("/{path:.*}", made.page)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            await web.SockSite(runner, door).start()
            yield made
        finally:
            await runner.cleanup()
