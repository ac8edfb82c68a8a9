"""Where a client finds the authorization server, and what that says of itself, as build-metadata.ts has it."""

from typing import Any

from aiohttp import web

from grapevine.playground.bluesky_refusal import ALGORITHMS
from grapevine.playground.bluesky_sessions import prefix
from grapevine.playground.bluesky_state import STATE

_STATIC = ["atproto", "transition:email", "transition:generic", "transition:chat.bsky"]


def issuer_of(request: web.Request) -> str:
    """Origin and, on this one machine only, the path at which it is mounted."""
    return f"{request.url.origin()}{prefix(request)}"


def only_here(request: web.Request) -> None:
    """404 where another server gives the permissions."""
    if request.app[STATE].entryway not in ("", issuer_of(request)):
        raise web.HTTPNotFound


async def protected_resource(request: web.Request) -> web.Response:
    """https://www.rfc-editor.org/rfc/rfc9728"""
    body = {
        "resource": issuer_of(request),
        "authorization_servers": [request.app[STATE].entryway or issuer_of(request)],
        "scopes_supported": [],
        "bearer_methods_supported": ["header"],
        "resource_documentation": "https://atproto.com",
    }
    return web.json_response(body, headers={"Access-Control-Allow-Origin": "*"})


async def authorization_server(request: web.Request) -> web.Response:
    """https://www.rfc-editor.org/rfc/rfc8414, as build-metadata.ts fills it."""
    only_here(request)
    issuer, algorithms = issuer_of(request), list(ALGORITHMS)
    body: dict[str, Any] = {
        "issuer": issuer,
        "scopes_supported": _STATIC,
        "subject_types_supported": ["public"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "ui_locales_supported": ["en-US"],
        "display_values_supported": ["page", "popup", "touch"],
        "prompt_values_supported": ["none", "login", "consent", "select_account", "create"],
        "authorization_response_iss_parameter_supported": True,
        "request_object_signing_alg_values_supported": [*algorithms, "none"],
        "request_object_encryption_alg_values_supported": [],
        "request_object_encryption_enc_values_supported": [],
        "request_parameter_supported": True,
        "request_uri_parameter_supported": True,
        "require_request_uri_registration": True,
        "jwks_uri": f"{issuer}/oauth/jwks",
        "authorization_endpoint": f"{issuer}/oauth/authorize",
        "token_endpoint": f"{issuer}/oauth/token",
        "token_endpoint_auth_methods_supported": ["none", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "pushed_authorization_request_endpoint": f"{issuer}/oauth/par",
        "require_pushed_authorization_requests": True,
        "dpop_signing_alg_values_supported": algorithms,
        "client_id_metadata_document_supported": True,
    }
    if not request.app[STATE].entryway:
        body["protected_resources"] = [issuer]
    cached = {"Cache-Control": "max-age=300", "Access-Control-Allow-Origin": "*"}
    return web.json_response(body, headers=cached)


async def keys(_: web.Request) -> web.Response:
    """None: access tokens are for nobody else to read."""
    return web.json_response({"keys": []})
