"""What can go wrong with LinkedIn, switchable while the playground runs."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from aiohttp import web

from grapevine.playground.linkedin_state import STATE, Fault, LinkedInStandIn

MODES = {
    "slow": "every answer takes some seconds",
    "hang": "no answer ever comes",
    "500": "an internal error, nothing is done",
    "401": "a proxy in front lets nobody in, nothing is done",
    "429": "the limit for today is reached",
    "lost_answer": "the call has its effect, but its answer is lost",
    "half_json": "the call has its effect, but its answer is cut in half",
    "html": "a page instead of an answer, nothing is done",
    "revoked": "every token counts as revoked",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def switch(state: LinkedInStandIn, wish: dict[str, Any]) -> None:
    """``{"fault": mode or null, "times": 1, "only": "POST /rest/posts", "seconds": 3}``; else ``ValueError``."""
    mode = wish.get("fault")
    if not mode:
        state.fault = None
    elif mode in MODES:
        times = wish.get("times")
        state.fault = Fault(
            str(mode),
            None if times is None else int(times),
            str(wish.get("only", "")),
            float(wish.get("seconds", 3.0)),
        )
    else:
        raise ValueError(f"the faults are {', '.join(MODES)}")


def shown(state: LinkedInStandIn) -> dict[str, Any]:
    return {"fault": asdict(state.fault) if state.fault else None, "posts": state.posts()}


async def wrong(state: LinkedInStandIn, request: web.Request, path: str, handler: Handler) -> web.StreamResponse:
    """The answer of *handler*, spoiled by the fault that is on."""
    fault = state.fault
    if fault is None or fault.only not in f"{request.method} {path}" or fault.times == 0:
        return await handler(request)
    if fault.times is not None:
        fault.times -= 1
    match fault.mode:
        case "slow":
            await _pause(state, fault.seconds)
            return await handler(request)
        case "hang":
            await _pause(state, 3600.0)
            return _cut_off(request)
        case "500":
            return web.json_response({"message": "Internal Server Error", "status": 500}, status=500)
        case "401":
            return web.Response(status=401, text="<!doctype html><title>401</title>", content_type="text/html")
        case "429":
            said = "Resource level throttle limit for calls to this resource is reached."
            return web.json_response({"serviceErrorCode": 101, "message": said, "status": 429}, status=429)
        case "lost_answer":
            await handler(request)
            return _cut_off(request)
        case "half_json":
            answer = await handler(request)
            body = answer.body if isinstance(answer, web.Response) and isinstance(answer.body, bytes) else b"{}"
            return web.Response(status=answer.status, body=body[: len(body) // 2], content_type="application/json")
        case "html":
            return web.Response(text="<!doctype html><title>LinkedIn</title>", content_type="text/html")
        case _:
            return web.json_response(REVOKED, status=401)


REVOKED = {
    "status": 401,
    "serviceErrorCode": 65601,
    "code": "REVOKED_ACCESS_TOKEN",
    "message": "The token used in the request has been revoked by the user",
}


async def _pause(state: LinkedInStandIn, seconds: float) -> None:
    """Wait, but not longer than the server lives."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await state.closing.wait()


def _cut_off(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def release(app: web.Application) -> None:
    """Let go of the calls that hang; for ``on_shutdown``."""
    app[STATE].closing.set()
