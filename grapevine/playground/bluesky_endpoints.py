"""What the authorization server's endpoints for apps have in common: what comes in, who comes, and how it says no."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from grapevine.playground.bluesky_clients import Client, authenticated, client_of
from grapevine.playground.bluesky_discovery import issuer_of, only_here
from grapevine.playground.bluesky_dpop import FAULT
from grapevine.playground.bluesky_grants import ClientAuth
from grapevine.playground.bluesky_refusal import OAuthError, invalid_proof, invalid_request
from grapevine.playground.bluesky_state import STATE


def endpoint(handler: Callable[[web.Request, dict[str, Any]], Awaitable[web.Response]]) -> Any:
    """The handler, given the form or JSON, with its refusals as OAuth words them."""

    async def answering(request: web.Request) -> web.Response:
        only_here(request)
        try:
            answer = await handler(request, await _fields(request))
        except OAuthError as refusal:
            answer = refusal.answer()
        answer.headers["Cache-Control"], answer.headers["Access-Control-Allow-Origin"] = "no-store", "*"
        return answer

    return answering


async def _fields(request: web.Request) -> dict[str, Any]:
    if request.content_type == "application/x-www-form-urlencoded":
        return dict(await request.post())
    if request.content_type == "application/json":
        try:
            body = await request.json()
        except ValueError:
            raise invalid_request("Invalid JSON") from None
        return body if isinstance(body, dict) else {}
    body = '{"error":"invalid_request","error_description":"Unsupported content-type"}'
    raise web.HTTPUnsupportedMediaType(text=body, content_type="application/json")


async def client_in(
    request: web.Request, fields: dict[str, Any], jkt: str, *, proof_needed: bool = True
) -> tuple[Client, ClientAuth]:
    state = request.app[STATE]
    client = await client_of(state, fields["client_id"], cut_off=request.get(FAULT) == "no-metadata")
    if proof_needed and not jkt:
        raise invalid_proof("DPoP proof required")
    return client, authenticated(state, client, fields, issuer_of(request), jkt)
