"""Whose access token it is and what it allows: an app password's (Bearer), or an OAuth session's (DPoP).

packages/pds/src/auth-verifier.ts of the reference server.
"""

import json

from aiohttp import web

from grapevine.playground.bluesky_dpop import FAULT, proof
from grapevine.playground.bluesky_grants import Grant
from grapevine.playground.bluesky_refusal import OAuthError, invalid_proof, invalid_token
from grapevine.playground.bluesky_scopes import may_upload, may_write
from grapevine.playground.bluesky_state import STATE
from grapevine.playground.bluesky_tokens import read

_GRANT = web.RequestKey("grant", Grant)


def oauth_person(request: web.Request, token: str) -> str:
    """The DID of whose session it is; else a 401 that says in its header what is wrong."""
    try:
        grant = _granted(request, token)
    except OAuthError as refusal:
        if refusal.error == "use_dpop_nonce":
            raise OAuthError(refusal.error, refusal.description, "DPoP").raised() from None
        raise (refusal if refusal.scheme else invalid_token(refusal.description)).raised() from None
    request[_GRANT] = grant
    return grant.did


def require_write(request: web.Request, collection: str, *actions: str) -> None:
    """403 where the session's scopes do not allow it; an app password allows everything."""
    grant = request.get(_GRANT)
    for action in actions if grant is not None else ():
        if grant is not None and not may_write(grant.scopes, collection, action):
            raise _missing(f"repo:{collection}?action={action}")


def require_upload(request: web.Request) -> None:
    """The type that the request claims counts, whatever the content is."""
    grant = request.get(_GRANT)
    if grant is not None and not may_upload(grant.scopes, request.content_type):
        raise _missing(f"blob:{request.content_type}")


def _granted(request: web.Request, token: str) -> Grant:
    state, jkt = request.app[STATE], proof(request, token)
    try:
        claims = read(state, token)
    except ValueError:
        raise invalid_token("Invalid token") from None
    if "cnf" not in claims:
        raise invalid_token("Bearer token type must be used without a DPoP proof", "Bearer")
    if claims["exp"] <= state.clock() or request.get(FAULT) == "expired":
        raise invalid_token('"exp" claim timestamp check failed')
    if not jkt:
        raise invalid_proof("DPoP proof required")
    if claims["cnf"]["jkt"] != jkt:
        raise invalid_token("Invalid DPoP key binding")
    grant = state.oauth.granted.get(str(claims["jti"]))
    if grant is None or request.get(FAULT) == "revoked":
        raise invalid_token("Invalid token")
    return grant


def _missing(scope: str) -> web.HTTPForbidden:
    body = {"error": "ScopeMissingError", "message": f'Missing required scope "{scope}"'}
    return web.HTTPForbidden(text=json.dumps(body), content_type="application/json")
