"""What redirects are compared with: an aiohttp app on uvloop that answers 302 and stores nothing."""

import asyncio
import sys

import uvloop
from aiohttp import web


async def follow(_: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": "https://example.com/"})


async def main(port: int) -> None:
    app = web.Application()
    app.router.add_get("/{slug}", follow)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
