"""Faults that a person or a test switches on at a stand-in network, the same everywhere.

A stand-in has a ``fault``, names its modes, and says what its own broken answers look like; here is the rest: slow and
silent servers, answers that are lost or cut in half, and what the control page and tests switch.
"""

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

_HANG = 60.0
#: what a proxy or a firewall in between shows instead of an answer
PAGE = "<!doctype html><title>Just a moment</title><h1>Just a moment</h1>"


@dataclass(slots=True)
class Fault:
    """*mode* shown *times* times (None: until cleared) to calls whose "METHOD /path" contains *only*."""

    mode: str
    times: int | None = None
    only: str = ""
    seconds: float | None = None


#: modes that need no answer of the network's own
USUAL = {
    "slow": "answers after some seconds",
    "hang": "takes the request and never answers",
    "lost_answer": "does what was asked and hangs up without an answer",
    "half_json": "does what was asked and sends half of the answer",
    "html": "answers with a web page, as a proxy in between does",
}


class Faulty(Protocol):
    fault: Fault | None

    def posts(self) -> list[dict[str, Any]]: ...


def switch(state: Faulty, modes: Mapping[str, str], asked: Mapping[str, Any]) -> None:
    """``{"fault": mode or "", "times": n or null, "only": "POST /path", "seconds": s}``; else ``ValueError``."""
    mode = str(asked.get("fault") or "")
    if mode and mode not in modes:
        raise ValueError(f"no such fault; there are {', '.join(modes)}")
    times, seconds = asked.get("times"), asked.get("seconds")
    only, long = str(asked.get("only") or ""), float(seconds) if seconds else None
    state.fault = Fault(mode, int(times) if times else None, only, long) if mode else None


def shown(state: Faulty) -> dict[str, Any]:
    return {"fault": asdict(state.fault) if state.fault else None, "posts": state.posts()}


def switches(
    state: Faulty,
    modes: Mapping[str, str],
    also: Callable[[Mapping[str, Any]], None] = lambda _: None,
    told: Callable[[], Mapping[str, Any]] = dict,
) -> list[web.RouteDef]:
    """``/_control``: tests switch the fault there with JSON, people with the form of the page named "faults".

    *also* does what else may be asked for, or ends in ``ValueError``; *told* is what else is shown.
    """

    async def control(request: web.Request) -> web.Response:
        as_json = request.content_type == "application/json"
        try:
            asked = await request.json() if as_json else dict(await request.post())
            if not isinstance(asked, dict):
                raise ValueError("what is asked for should be an object")
            also(asked)
            if "fault" in asked:
                switch(state, modes, asked)
        except ValueError as error:
            return web.json_response({"error": str(error)}, status=400)
        if not as_json:
            raise web.HTTPSeeOther(request.app.router["faults"].url_for())
        return await show(request)

    async def show(_: web.Request) -> web.Response:
        return web.json_response({**shown(state), **told()})

    return [web.get("/_control", show), web.post("/_control", control, name="control")]


Broken = Callable[[Fault, web.Request], web.Response | None]


def breaking(state: Faulty, api: re.Pattern[str], broken: Broken) -> Middleware:
    """The middleware that shows the fault to calls of the *api*, a pattern of their path; *broken*: see `spoiled`."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        path = api.search(request.path)
        return await (spoiled(state, path.group(), request, handler, broken) if path else handler(request))

    return middleware


async def spoiled(
    state: Faulty, path: str, request: web.Request, handler: Handler, broken: Broken
) -> web.StreamResponse:
    """The answer to a call of *path*, or what the fault makes of it.

    *broken* makes the network's own answer to a fault; None where the fault does not concern the call.
    """
    fault = _taken(state, f"{request.method} {path}")
    if fault is None:
        return await handler(request)
    if fault.mode == "slow":
        await asyncio.sleep(fault.seconds or 3.0)
        return await handler(request)
    if fault.mode == "hang":
        await _until_gone(request, fault.seconds or _HANG)
        return _hung_up(request)
    if fault.mode == "html":
        return web.Response(text=PAGE, content_type="text/html")
    if fault.mode in ("lost_answer", "half_json"):
        answer = await _answered(request, handler)
        if "use_dpop_nonce" in answer.headers.get("WWW-Authenticate", ""):
            return answer  # nothing was done yet: what is meant comes again, with that number
        if fault.mode == "lost_answer":
            return _hung_up(request)
        body = answer.body if isinstance(answer, web.Response) and isinstance(answer.body, bytes) else b"{}"
        return web.Response(status=answer.status, body=body[: len(body) // 2], content_type="application/json")
    own = broken(fault, request)
    return own if own is not None else await handler(request)


def _taken(state: Faulty, call: str) -> Fault | None:
    """The fault to show to *call* ("POST /path"), counted down."""
    fault = state.fault
    if fault is None or fault.only not in call:
        return None
    if fault.times is not None:
        fault.times -= 1
        if fault.times <= 0:
            state.fault = None
    return fault


async def _answered(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The answer, also where it is raised."""
    try:
        return await handler(request)
    except web.HTTPException as denied:
        said = {name: value for name, value in denied.headers.items() if not name.startswith("Content-")}
        return web.Response(status=denied.status, text=denied.text, content_type=denied.content_type, headers=said)


async def _until_gone(request: web.Request, seconds: float) -> None:
    """Wait, but no longer than the client does."""
    end = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < end:
        if request.transport is None or request.transport.is_closing():
            return
        await asyncio.sleep(0.02)


def _hung_up(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
