"""Pushed authorization requests, https://www.rfc-editor.org/rfc/rfc9126: request-manager.ts of the reference server."""

import re
import secrets
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from grapevine.playground.bluesky_clients import Client
from grapevine.playground.bluesky_discovery import issuer_of
from grapevine.playground.bluesky_dpop import proof
from grapevine.playground.bluesky_endpoints import client_in, endpoint
from grapevine.playground.bluesky_grants import REQUEST_LIFE, Asked
from grapevine.playground.bluesky_metadata import wrong_loopback_uri, wrong_redirect_uri
from grapevine.playground.bluesky_refusal import BackToClient, OAuthError, invalid_client, invalid_request, text_of
from grapevine.playground.bluesky_scopes import SCOPES, known
from grapevine.playground.bluesky_state import STATE

_OPENID = ("token", "none", "code id_token token", "code id_token", "code token", "id_token token", "id_token")
_VALUES = {
    "response_type": ("code", *_OPENID),
    "code_challenge_method": ("S256", "plain"),
    "response_mode": ("query", "fragment", "form_post"),
    "prompt": ("none", "login", "consent", "select_account", "create"),
    "display": ("page", "popup", "touch", "wap"),
}
_HINT = re.compile(r"did:[a-z]+:[\w.:%-]+|[a-z0-9-]+(?:\.[a-z0-9-]+)+")


@endpoint
async def par(request: web.Request, fields: dict[str, Any]) -> web.Response:
    if not text_of(fields, "client_id"):
        raise invalid_client("Client credentials missing: Required at body.client_id")
    parameters = {name: value for name in fields if (value := text_of(fields, name)) is not None}
    _shaped(parameters)
    jkt = proof(request)
    client, auth = await client_in(request, fields, jkt, proof_needed=False)
    if jkt and parameters.get("dpop_jkt", jkt) != jkt:
        raise OAuthError("invalid_token", "Invalid DPoP key binding", "DPoP")
    if jkt:
        parameters["dpop_jkt"] = jkt
    secret = {"client_assertion", "client_assertion_type", "client_secret"}
    parameters = _valid(client, {name: value for name, value in parameters.items() if name not in secret})
    state = request.app[STATE]
    asked = Asked(
        f"req-{secrets.token_hex(16)}", client.id, client.name, auth, parameters, issuer_of(request),
        state.clock() + REQUEST_LIFE,
    )  # fmt: skip
    expires_in = int(asked.ends - state.clock())
    return web.json_response({"request_uri": state.oauth.ask(asked), "expires_in": expires_in}, status=201)


def _shaped(parameters: dict[str, str]) -> None:
    if "response_type" not in parameters:
        raise invalid_request("Invalid authorization request: Required at body.response_type")
    for name, allowed in _VALUES.items():
        if parameters.get(name, allowed[0]) not in allowed:
            raise invalid_request(f"Invalid authorization request: Invalid enum value at body.{name}")
    if not SCOPES.fullmatch(parameters.get("scope", "atproto")):
        raise invalid_request("Invalid authorization request: Invalid OAuth scope at body.scope")
    if wrong := wrong_redirect_uri(parameters.get("redirect_uri", "http://127.0.0.1")):
        raise invalid_request(f"Invalid authorization request: {wrong} at body.redirect_uri")


def _valid(client: Client, given: dict[str, str]) -> dict[str, str]:
    """The parameters of a request that a person may be asked about; scopes that nobody knows are left out."""
    metadata, parameters = client.metadata, dict(given)
    for name in ("claims", "id_token_hint", "nonce"):
        if name in parameters:
            raise BackToClient(f'Unsupported "{name}" parameter')
    if parameters["response_type"] != "code":
        said = f'Unsupported response_type "{parameters["response_type"]}"'
        raise BackToClient(said, "unsupported_response_type")
    scopes = parameters.get("scope", "").split()
    for scope in scopes:
        if scope not in metadata["scope"].split(" "):
            raise BackToClient(f'Scope "{scope}" is not declared in the client metadata', "invalid_scope")
    _redirect_uri(metadata["redirect_uris"], parameters)
    if "code_challenge" not in parameters and "code_challenge_method" in parameters:
        raise BackToClient("code_challenge is required when code_challenge_method is provided")
    if "code_challenge" not in parameters:
        raise BackToClient("Use of PKCE is required")
    if "atproto" not in scopes:
        raise BackToClient('The "atproto" scope is required', "invalid_scope")
    if parameters.get("code_challenge_method") != "S256":
        raise BackToClient('atproto requires use of "S256" code_challenge_method')
    if not client.confidential:
        if parameters.get("prompt") == "none":
            raise invalid_request("Public clients are not allowed to use silent-sign-on")
        parameters["prompt"] = "consent"
    if hint := parameters.get("login_hint", "").lower():
        if not _HINT.fullmatch(hint):
            raise BackToClient(f'Invalid login_hint "{hint}"')
        parameters["login_hint"] = hint
    parameters["scope"] = " ".join(scope for scope in dict.fromkeys(scopes) if known(scope))
    return parameters


def _redirect_uri(allowed: list[str], parameters: dict[str, str]) -> None:
    """The port of the person's own machine is free where the client names none."""
    asked = parameters.get("redirect_uri")
    if asked is None and len(allowed) == 1:
        parameters["redirect_uri"] = allowed[0]
    elif asked is None:
        raise BackToClient("redirect_uri is required")
    elif not any(asked == one or _any_port(one, asked) for one in allowed):
        raise BackToClient(f"Invalid redirect_uri {asked}")


def _any_port(allowed: str, asked: str) -> bool:
    mine, theirs = urlsplit(allowed), urlsplit(asked)
    if wrong_loopback_uri(allowed) or wrong_loopback_uri(asked) or mine.port is not None:
        return False
    return (mine.hostname, mine.path or "/", mine.query, mine.fragment) == (
        theirs.hostname,
        theirs.path or "/",
        theirs.query,
        theirs.fragment,
    )
