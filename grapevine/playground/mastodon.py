"""A strict stand-in for a Mastodon server: OAuth 2 with PKCE, the API that Grapevine calls, and pages for people.

A Mastodon server has an address without a path, so this one listens on a port of its own.
"""

import re
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from grapevine.playground import faults, feed, mastodon_api, mastodon_oauth, mastodon_pages, pages
from grapevine.playground.faults import Fault
from grapevine.playground.mastodon_state import MODES, STATE, MastodonStandIn

__all__ = ["MastodonStandIn", "create_app"]

_API = re.compile(r"^/(?:api/|oauth/(?:token|revoke)|\.well-known/).*")


def create_app(state: MastodonStandIn) -> web.Application:
    def be_version(asked: Mapping[str, Any]) -> None:
        """``{"version": "4.2.29"}`` makes it an older server."""
        if version := str(asked.get("version") or ""):
            if not re.fullmatch(r"\d+\.\d+\.\d+", version):
                raise ValueError("a version is such as 4.2.29")
            state.version = version

    def own(fault: Fault, request: web.Request) -> web.Response | None:
        if fault.mode == "address" and "Authorization" in request.headers:
            return None
        return _broken(state, fault)

    app = web.Application(middlewares=[faults.breaking(state, _API, own), _limits], client_max_size=20 * 1024 * 1024)
    app[STATE] = state
    app.add_routes(
        [
            *feed.routes(
                mastodon_pages.SITE,
                state,
                mastodon_pages.shown,
                mastodon_pages.COUNTERS,
                each="/@{acct}/{id}",
                pressed="/posts/{id}",
                gone="The page you are looking for isn’t here.",
            ),
            web.get("/pictures/{name}", mastodon_pages.picture, name="picture"),
            pages.faults_page(mastodon_pages.SITE, state, MODES, mastodon_pages.versions),
            *faults.switches(state, MODES, be_version, lambda: {"version": state.version}),
            web.get("/oauth/authorize", mastodon_pages.authorize),
            web.post("/oauth/authorize", mastodon_pages.authorize),
            web.get("/oauth/authorized_applications", mastodon_pages.apps, name="apps"),
            web.post("/oauth/authorized_applications", mastodon_pages.revoke),
            web.post("/oauth/token", mastodon_oauth.access_token),
            web.post("/oauth/revoke", mastodon_oauth.revoke),
            web.get("/.well-known/oauth-authorization-server", mastodon_oauth.metadata),
            web.post("/api/v1/apps", mastodon_oauth.register),
            web.get("/api/v1/instance{end:/?}", mastodon_api.instance),
            web.get("/api/v2/instance{end:/?}", mastodon_api.instance),
            web.get("/api/v1/accounts/verify_credentials", mastodon_api.verify_credentials),
            web.post("/api/v1/statuses", mastodon_api.create),
            web.get("/api/v1/statuses", mastodon_api.read_many),
            web.get("/api/v1/statuses/{id}", mastodon_api.read_one),
            web.delete("/api/v1/statuses/{id}", mastodon_api.delete),
            web.post("/api/v2/media", mastodon_api.upload),
            web.get("/api/v1/media/{id}", mastodon_api.processed),
        ]
    )
    return app


@web.middleware
async def _limits(request: web.Request, handler: Any) -> web.StreamResponse:
    """The rate limit headers of every answer of the API."""
    answer: web.StreamResponse = await handler(request)
    if request.path.startswith("/api/") and "X-RateLimit-Limit" not in answer.headers:
        answer.headers["X-RateLimit-Limit"] = "300"
        answer.headers["X-RateLimit-Remaining"] = "299"
        answer.headers["X-RateLimit-Reset"] = mastodon_oauth.reset(request.app[STATE], 300.0)
    return answer


def _broken(state: MastodonStandIn, fault: Fault) -> web.Response:
    if fault.mode in ("401", "503"):
        return web.Response(status=int(fault.mode), text=faults.PAGE, content_type="text/html")
    status, said = {
        "429": (429, "Too many requests"),
        "address": (429, "Too many requests"),
        "403": (403, "Your login is currently disabled"),
        "410": (410, "This server is gone"),
        "422": (422, "Validation failed: Text is not to our taste"),
        "revoked": (401, "The access token was revoked"),
    }.get(fault.mode, (500, "Something went wrong on our end"))
    answer = web.json_response({"error": said}, status=status)
    if status == 429:
        answer.headers["X-RateLimit-Limit"], answer.headers["X-RateLimit-Remaining"] = "300", "0"
        answer.headers["X-RateLimit-Reset"] = mastodon_oauth.reset(state, fault.seconds or 300.0)
    return answer
