"""The tokens of the authorization server: for a code, for a refresh token, and their end.

packages/oauth/oauth-provider/src/oauth-provider.ts of the reference server; https://atproto.com/specs/oauth
"""

import base64
import hashlib
import re
from typing import Any

from aiohttp import web

from grapevine.playground.bluesky_clients import Client
from grapevine.playground.bluesky_discovery import issuer_of
from grapevine.playground.bluesky_dpop import FAULT, proof
from grapevine.playground.bluesky_endpoints import client_in, endpoint
from grapevine.playground.bluesky_grants import CHALLENGE_LIFE, REFRESH_LIFE, SESSION_LIFE, Asked, ClientAuth, Grant
from grapevine.playground.bluesky_refusal import OAuthError, invalid_grant, invalid_request, text_of
from grapevine.playground.bluesky_state import STATE, BlueskyStandIn
from grapevine.playground.bluesky_tokens import AUDIENCE, read, signed

_VERIFIER = re.compile(r"[a-zA-Z0-9\-._~]{43,128}")


@endpoint
async def token(request: web.Request, fields: dict[str, Any]) -> web.Response:
    kind = fields.get("grant_type")
    if not text_of(fields, "client_id"):
        raise invalid_grant("Client credentials missing: Required at body.client_id")
    needed = {"authorization_code": ("code", "redirect_uri"), "refresh_token": ("refresh_token",)}.get(str(kind))
    if needed is None or not all(text_of(fields, name) for name in needed):
        raise invalid_grant("Invalid request payload")
    verifier = text_of(fields, "code_verifier")
    if kind == "authorization_code" and verifier is not None and not _VERIFIER.fullmatch(verifier):
        raise invalid_grant("Invalid request payload: Invalid at body.code_verifier")
    jkt = proof(request)
    client, auth = await client_in(request, fields, jkt)
    if kind not in client.metadata["grant_types"]:
        raise invalid_grant(f'"{kind}" grant type is not allowed for this client')
    state = request.app[STATE]
    if kind == "authorization_code":
        return _answer(request, _begun(state, client, auth, fields, jkt))
    if request.get(FAULT) == "revoked":
        raise invalid_grant("Invalid refresh token")
    grant = state.oauth.refreshed_by(fields["refresh_token"])
    try:
        _same(client, auth, jkt, grant)
        if state.clock() - grant.created > SESSION_LIFE[client.confidential]:
            raise invalid_grant("Session expired")
        if state.clock() - grant.updated > REFRESH_LIFE[client.confidential]:
            raise invalid_grant("Refresh token expired")
        state.oauth.rotate(grant, auth)
    except OAuthError:
        state.oauth.end(grant)
        raise
    return _answer(request, grant)


def _begun(state: BlueskyStandIn, client: Client, auth: ClientAuth, fields: dict[str, Any], jkt: str) -> Grant:
    asked = state.oauth.consume(fields["code"])
    _same(client, auth, jkt, asked)
    if asked.parameters["redirect_uri"] != fields["redirect_uri"]:
        raise invalid_grant("The redirect_uri parameter must match the one used in the authorization request")
    if "code_verifier" not in fields:
        raise invalid_grant("code_verifier is required")
    challenge = asked.parameters["code_challenge"]
    digest = hashlib.sha256(fields["code_verifier"].encode()).digest()
    if challenge.rstrip("=") != base64.urlsafe_b64encode(digest).decode().rstrip("="):
        raise invalid_grant("Invalid code_verifier")
    if not state.oauth.unique("CodeChallenge", challenge, CHALLENGE_LIFE):
        raise invalid_grant("Code challenge already used")
    now, parameters = state.clock(), {**asked.parameters, "dpop_jkt": jkt}
    grant = Grant("", asked.did, client.id, client.name, auth, parameters, fields["code"], now, now, now)
    state.oauth.rotate(grant, auth, refreshing=client.refreshes)
    return grant


def _same(client: Client, auth: ClientAuth, jkt: str, begun: Asked | Grant) -> None:
    """Whether client, its key and the key of its proofs are those with which it began."""
    if begun.client_id != client.id:
        raise invalid_grant("Token was not issued to this client")
    if begun.parameters.get("dpop_jkt", jkt) != jkt:
        raise invalid_grant("DPoP proof does not match the expected JKT")
    if begun.auth.confidential and not auth.confidential:
        raise invalid_grant("Client authentication method mismatch (expected private_key_jwt)")
    if begun.auth.confidential and begun.auth != auth:
        said = "The session was initiated with a different key than the client assertion currently used"
        raise invalid_grant(said)


def _answer(request: web.Request, grant: Grant) -> web.Response:
    state = request.app[STATE]
    claims = {
        "jti": grant.id,
        "sub": grant.did,
        "iat": int(grant.updated),
        "exp": int(grant.ends),
        "aud": AUDIENCE,
        "cnf": {"jkt": grant.parameters["dpop_jkt"]},
        "client_id": grant.client_id,
        "iss": issuer_of(request),
    }
    body = {
        "access_token": signed(state, claims),
        "token_type": "DPoP",
        "scope": grant.parameters["scope"],
        "expires_in": int(grant.ends - state.clock()),
        "sub": grant.did,
    }
    return web.json_response(body | ({"refresh_token": grant.refresh} if grant.refresh else {}))


@endpoint
async def revoke(request: web.Request, fields: dict[str, Any]) -> web.Response:
    """https://www.rfc-editor.org/rfc/rfc7009: what goes wrong once the proof is right is not said, and nothing ends."""
    if not text_of(fields, "client_id"):
        raise invalid_request("Client credentials missing: Required at body.client_id")
    shown = text_of(fields, "token")
    if not shown:
        raise invalid_request("Invalid request payload: Required at body.token")
    jkt = proof(request)
    try:
        client, auth = await client_in(request, fields, jkt)
        oauth = request.app[STATE].oauth
        grant = oauth.owning(shown) or oauth.granted.get(str(read(request.app[STATE], shown).get("jti")))
        if grant is not None:
            _same(client, auth, jkt, grant)
            oauth.end(grant)
    except (OAuthError, ValueError):
        pass
    return web.json_response({})
