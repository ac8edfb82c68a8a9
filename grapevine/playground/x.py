"""A strict stand-in for X: OAuth 1.0a with real signatures, the API that Grapevine calls, and pages for people.

Mounted with ``add_subapp("/x", create_app(state))``; signatures are verified against the address the client called.
"""

import json
import re
from typing import Any

from aiohttp import web

from grapevine.playground import faults, feed, pages, x_api, x_oauth, x_pages
from grapevine.playground.faults import Fault
from grapevine.playground.x_api import PROBLEMS, problem
from grapevine.playground.x_state import MODES, STATE, XStandIn

__all__ = ["XStandIn", "create_app"]

_API = re.compile(r"/(?:2/|1\.1/|oauth/(?:request|access)_token).*")


def create_app(state: XStandIn) -> web.Application:
    def own(fault: Fault, _: web.Request) -> web.Response:
        return _broken(fault, int(state.clock()))

    app = web.Application(middlewares=[faults.breaking(state, _API, own), _limits], client_max_size=6 * 1024 * 1024)
    app[STATE] = state
    app.add_routes(
        [
            *feed.routes(
                x_pages.SITE,
                state,
                x_pages.shown,
                x_pages.COUNTERS,
                each="/i/status/{id}",
                pressed="/i/status/{id}",
                gone="Hmm...this page doesn’t exist.",
            ),
            web.get("/pictures/{name}", x_pages.picture, name="picture"),
            pages.faults_page(x_pages.SITE, state, MODES),
            web.get("/settings/connected_apps", x_pages.apps, name="apps"),
            web.post("/settings/connected_apps", x_pages.revoke),
            *faults.switches(state, MODES),
            web.post("/oauth/request_token", x_oauth.request_token),
            web.get("/oauth/authorize", x_pages.authorize, name="authorize"),
            web.get("/oauth/authenticate", x_pages.authorize),
            web.post("/oauth/authorize", x_pages.decide),
            web.post("/oauth/access_token", x_oauth.access_token),
            web.post("/1.1/oauth/invalidate_token.json", x_oauth.invalidate_token),
            web.post("/2/tweets", x_api.create),
            web.get("/2/tweets", x_api.look_up),
            web.delete("/2/tweets/{id}", x_api.delete),
            web.get("/2/users/me", x_api.me),
            web.get("/2/users/{id}/tweets", x_api.timeline),
            web.post("/2/media/upload", x_api.upload),
            web.post("/2/media/metadata", x_api.describe),
        ]
    )
    return app


@web.middleware
async def _limits(request: web.Request, handler: Any) -> web.StreamResponse:
    """The rate limit headers that X sends with every answer of version 2."""
    answer: web.StreamResponse = await handler(request)
    if _API.search(request.path) and "x-rate-limit-limit" not in answer.headers:
        answer.headers["x-access-level"] = "read" if request.app[STATE].read_only else "read-write"
        answer.headers["x-rate-limit-limit"] = "100"
        answer.headers["x-rate-limit-remaining"] = "99"
        answer.headers["x-rate-limit-reset"] = str(int(request.app[STATE].clock()) + 900)
    return answer


def _broken(fault: Fault, now: int) -> web.Response:
    if fault.mode == "429":
        answer = problem(429, "Too Many Requests", "Too Many Requests")
        answer.headers["x-rate-limit-limit"] = "100"
        answer.headers["x-rate-limit-remaining"] = "0"
        answer.headers["x-rate-limit-reset"] = str(now + int(fault.seconds or 900))
        return answer
    if fault.mode == "402":
        said = "Your enrolled account [1990000000000000001] does not have any credits to fulfill this request."
        return problem(402, "CreditsDepleted", said, f"{PROBLEMS}credits", account_id=1990000000000000001)
    if fault.mode == "401":
        return problem(401, "Unauthorized", "Unauthorized")
    if fault.mode == "403":
        said = "Your app is not enrolled for this part of the X API v2."
        return problem(403, "Client Forbidden", said, f"{PROBLEMS}client-forbidden", reason="client-not-enrolled")
    if fault.mode == "revoked":
        text = json.dumps({"errors": [{"code": 89, "message": "Invalid or expired token."}]})
        return web.Response(status=401, text=text, content_type="application/json")
    return problem(500, "Internal Server Error", "Something is broken. Please try again later.")
