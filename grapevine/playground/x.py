"""A strict stand-in for X: OAuth 1.0a with real signatures, the API that Grapevine calls, and pages for people.

Mounted with ``add_subapp("/x", create_app(state))``; signatures are verified against the address the client called.
"""

import asyncio
import json
import re
from dataclasses import asdict
from typing import Any

from aiohttp import web

from grapevine.playground import x_api, x_oauth, x_pages
from grapevine.playground.x_api import PROBLEMS, problem
from grapevine.playground.x_state import MODES, STATE, Fault, XStandIn

__all__ = ["XStandIn", "create_app"]

_API = re.compile(r"/(?:2/|1\.1/|oauth/(?:request|access)_token).*")
_HANG = 60.0


def create_app(state: XStandIn) -> web.Application:
    app = web.Application(middlewares=[_faults, _limits], client_max_size=6 * 1024 * 1024)
    app[STATE] = state
    app.add_routes(
        [
            web.get("/", x_pages.feed, name="feed"),
            web.get("", x_pages.feed),
            web.get("/i/status/{id}", x_pages.status, name="status"),
            web.post("/i/status/{id}/{act:like|reply|repost|delete}", x_pages.act, name="act"),
            web.get("/pictures/{name}", x_pages.picture, name="picture"),
            web.get("/faults", x_pages.faults, name="faults"),
            web.get("/settings/connected_apps", x_pages.apps, name="apps"),
            web.post("/settings/connected_apps", x_pages.revoke),
            web.get("/_control", shown),
            web.post("/_control", control, name="control"),
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


async def control(request: web.Request) -> web.Response:
    """Set the fault, as JSON or from the page's form.

    ``{"fault": mode or "", "times": n or null, "only": "POST /2/tweets", "seconds": s}``
    """
    state = request.app[STATE]
    if request.content_type == "application/json":
        asked: dict[str, Any] = await request.json()
    else:
        asked = dict(await request.post())
    mode = str(asked.get("fault") or "")
    if mode and mode not in MODES:
        return web.json_response({"error": f"no such fault; there are {', '.join(MODES)}"}, status=400)
    times, seconds = asked.get("times"), asked.get("seconds")
    state.fault = None
    if mode:
        state.fault = Fault(
            mode, int(times) if times else None, str(asked.get("only") or ""), float(seconds) if seconds else None
        )
    if request.content_type != "application/json":
        raise web.HTTPSeeOther(request.app.router["faults"].url_for())
    return await shown(request)


async def shown(request: web.Request) -> web.Response:
    state = request.app[STATE]
    return web.json_response({"fault": asdict(state.fault) if state.fault else None, "posts": state.posts()})


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


@web.middleware
async def _faults(request: web.Request, handler: Any) -> web.StreamResponse:
    state, api = request.app[STATE], _API.search(request.path)
    fault = state.break_with(f"{request.method} {api.group()}") if api else None
    if fault is None:
        return await _answer(request, handler)
    if fault.mode == "slow":
        await asyncio.sleep(fault.seconds or 3.0)
        return await _answer(request, handler)
    if fault.mode == "hang":
        await _until_gone(request, fault.seconds or _HANG)
    if fault.mode in ("lost_answer", "half_json"):
        answer = await _answer(request, handler)
        if fault.mode == "half_json":
            body = answer.body if isinstance(answer.body, bytes) else b""
            return web.Response(status=answer.status, body=body[: len(body) // 2], content_type="application/json")
    if fault.mode in ("hang", "lost_answer"):
        if request.transport is not None:
            request.transport.abort()
        return web.Response()
    return _broken(fault, int(state.clock()))


async def _answer(request: web.Request, handler: Any) -> web.Response:
    try:
        answer: web.Response = await handler(request)
    except web.HTTPException as denied:
        answer = web.Response(status=denied.status, text=denied.text, content_type=denied.content_type)
        answer.headers.update({"Location": denied.headers["Location"]} if "Location" in denied.headers else {})
    return answer


async def _until_gone(request: web.Request, seconds: float) -> None:
    """Wait, but no longer than the client does."""
    end = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < end:
        if request.transport is None or request.transport.is_closing():
            return
        await asyncio.sleep(0.02)


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
    if fault.mode == "html":
        return web.Response(text="<!doctype html><title>Checking your browser</title>", content_type="text/html")
    if fault.mode == "revoked":
        text = json.dumps({"errors": [{"code": 89, "message": "Invalid or expired token."}]})
        return web.Response(status=401, text=text, content_type="application/json")
    return problem(500, "Internal Server Error", "Something is broken. Please try again later.")
