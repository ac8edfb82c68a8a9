"""The wording of LinkedIn's refusals."""

import json
from typing import Any

from aiohttp import web

from grapevine.playground.linkedin_state import Token

#: whose call it is, once the gate has let it in.
TOKEN = web.RequestKey("linkedin_token", Token)


def refusal(status: int, code: str, message: str, service_code: int | None = None) -> web.Response:
    said: dict[str, Any] = {"status": status, "code": code, "message": message}
    if service_code is not None:
        said["serviceErrorCode"] = service_code
    return web.json_response(said, status=status)


def denied(what: str) -> web.Response:
    """A scope is missing: *what* is resource, method and version."""
    return refusal(403, "ACCESS_DENIED", f"Not enough permissions to access: {what}", 100)


def invalid(message: str) -> web.Response:
    return web.json_response({"message": f"ERROR :: {message}\n", "status": 422}, status=422)


async def sent(request: web.Request) -> dict[str, Any] | None:
    """The JSON object of a request, None for anything else."""
    try:
        body = await request.json() if request.content_type == "application/json" else None
    except json.JSONDecodeError:
        body = None
    return body if isinstance(body, dict) else None
