"""A web app on a free port of this machine."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from aiohttp import web

from grapevine.playground.app import LARGEST_REQUEST


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    """Its address, without a slash at the end; whoever still waits for an answer at the end is left after a second."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def mounted(apps: Mapping[str, web.Application]) -> web.Application:
    """One app that has others under their prefixes; it takes as much as the demo, and each says no by itself."""
    parent = web.Application(client_max_size=LARGEST_REQUEST)
    for prefix, app in apps.items():
        parent.add_subapp(prefix, app)
    return parent
