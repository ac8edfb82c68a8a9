"""The bot's web server: Slack's requests where HTTP is the transport, the connect pages, the health check."""

from collections.abc import Awaitable, Callable

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp

from bot.connecting import Connecting
from bot.downloads import Downloads
from bot.guard import sentence
from bot.health import Health
from bot.pages import Pages

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def application(
    app: AsyncApp, connecting: Connecting, downloads: Downloads, pages: Pages, health: Health, *, slack_over_http: bool
) -> web.Application:
    """All routes. Slack's endpoint exists only where its requests are signed, never beside Socket Mode."""

    async def events(request: web.Request) -> web.Response:
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    async def install(request: web.Request) -> web.Response:
        flow = app.oauth_flow
        if flow is None:
            raise web.HTTPNotFound
        bolt = await to_bolt_request(request)
        handle = flow.handle_installation if request.path == flow.install_path else flow.handle_callback
        return await to_aiohttp_response(await handle(bolt))

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        """An unexpected error ends in a page with a number, as it does in Slack."""
        try:
            return await handler(request)
        except web.HTTPException:
            raise
        except Exception as error:  # noqa: BLE001 – this is the place where they all end
            return pages.say("That did not work", sentence(error), status=500)

    served = web.Application(middlewares=[guarded])
    served.add_routes([web.get("/healthz", health.healthz), web.get("/style.css", pages.style)])
    served.add_routes([*connecting.routes(), *downloads.routes()])
    if slack_over_http:
        served.router.add_post("/slack/events", events)
    if app.oauth_flow is not None:
        served.router.add_get(app.oauth_flow.install_path, install)
        served.router.add_get(app.oauth_flow.redirect_uri_path, install)
    return served
