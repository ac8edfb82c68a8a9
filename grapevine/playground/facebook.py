"""A strict stand-in for Facebook: Login, the Graph API as far as Grapevine calls it, and pages for people.

Mounted with ``add_subapp("/facebook", create_app(state))``; the Graph API is at ``/facebook/graph``.
"""

import json
import re

from aiohttp import web

from grapevine.playground import facebook_api, facebook_login, facebook_pages, faults, feed, pages
from grapevine.playground.facebook_graph import GraphError, broken, read, spoken
from grapevine.playground.facebook_state import MODES, STATE, FacebookStandIn
from grapevine.playground.faults import Fault

__all__ = ["FacebookStandIn", "create_app"]

_API = re.compile(r"/graph/.*")


def create_app(state: FacebookStandIn) -> web.Application:
    def own(fault: Fault, request: web.Request) -> web.Response | None:  # noqa: ARG001 – the same for every call
        return _broken(state, fault)

    app = web.Application(middlewares=[faults.breaking(state, _API, own)], client_max_size=12 * 1024 * 1024)
    app[STATE] = state
    app.add_routes(
        [
            *feed.routes(
                facebook_pages.SITE,
                state,
                facebook_pages.shown,
                facebook_pages.COUNTERS,
                each=r"/{id:\d+_\d+}",
                pressed=r"/{id:\d+_\d+}",
                gone="This content isn’t available right now.",
            ),
            web.get(r"/{version:v\d+\.\d+}/dialog/oauth", facebook_login.dialog),
            web.post(r"/{version:v\d+\.\d+}/dialog/oauth", facebook_login.dialog),
            web.route("*", "/graph/{version}/{path:.*}", graph),
            web.get("/settings/business-integrations", facebook_pages.integrations, name="integrations"),
            web.post("/settings/business-integrations", facebook_pages.remove),
            web.get("/pictures/{name}", facebook_pages.picture, name="picture"),
            pages.faults_page(facebook_pages.SITE, state, MODES),
            *faults.switches(state, MODES),
        ]
    )
    return app


async def graph(request: web.Request) -> web.Response:
    """Every call of the Graph API."""
    try:
        spoken(request.match_info["version"])
        call = await read(request.app[STATE], request)
        body, status = facebook_api.answer(call), 200
    except GraphError as error:
        body, status = error.body, error.status
    usage = {"X-App-Usage": json.dumps({"call_count": 3, "total_cputime": 1, "total_time": 1})}
    return web.json_response(body, status=status, headers=usage)


def _broken(state: FacebookStandIn, fault: Fault) -> web.Response | None:
    if fault.mode == "401":
        return web.Response(status=401, text=faults.PAGE, content_type="text/html")
    error = broken(fault.mode)
    if error is None:
        return None
    answer = web.json_response(error.body, status=error.status)
    if fault.mode == "429":
        minutes = int((fault.seconds or 900.0) // 60)
        usage = {"type": "pages", "call_count": 100, "total_cputime": 25, "total_time": 25}
        page = next(iter(state.pages), "0")
        told = {page: [{**usage, "estimated_time_to_regain_access": minutes}]}
        answer.headers["X-Business-Use-Case-Usage"] = json.dumps(told)
    return answer
