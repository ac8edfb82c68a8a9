"""Apps, tokens and who is calling, as Mastodon (Doorkeeper) does it; the prompt itself is a page.

https://docs.joinmastodon.org/methods/oauth/ and https://docs.joinmastodon.org/methods/apps/
"""

import base64
import hashlib
import json
import secrets
from datetime import UTC, datetime
from typing import Any, NoReturn

from aiohttp import web

from grapevine.playground.mastodon_state import CODE_LIFE, REGISTRATION_WINDOW, STATE, App, MastodonStandIn, Person

_SCOPES = frozenset(
    "read read:accounts read:statuses read:notifications read:search write write:accounts write:statuses write:media"
    " write:favourites follow push".split()
)


def scopes_of(state: MastodonStandIn) -> set[str]:
    return {*_SCOPES} | ({"profile"} if state.modern else set())


def deny(status: int, error: str, **more: str) -> NoReturn:
    kinds: dict[int, type[web.HTTPException]] = {
        400: web.HTTPBadRequest,
        401: web.HTTPUnauthorized,
        403: web.HTTPForbidden,
        404: web.HTTPNotFound,
        422: web.HTTPUnprocessableEntity,
        429: web.HTTPTooManyRequests,
    }
    raise kinds[status](text=json.dumps({"error": error, **more}), content_type="application/json")


def reset(state: MastodonStandIn, seconds: float) -> str:
    """A limit's end, as X-RateLimit-Reset says it."""
    return (
        datetime.fromtimestamp(state.clock() + seconds, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    )


async def fields_of(request: web.Request) -> dict[str, Any]:
    """The parameters, from a form or from JSON; lists under their name without brackets."""
    if request.content_type == "application/json":
        try:
            body = await request.json()
        except ValueError:
            deny(400, "There was a problem in the JSON you submitted")
        return body if isinstance(body, dict) else {}
    form = await request.post()
    return {name.removesuffix("[]"): form.getall(name) if name.endswith("[]") else form.getone(name) for name in form}


def caller(request: web.Request, *enough: str) -> Person:
    """Whose token it is that one of the scopes *enough* covers; else Mastodon's 401 or 403."""
    person = _bearer(request, enough)
    if person is None:
        deny(401, "The access token is invalid")
    return person


def reader(request: web.Request) -> Person | None:
    """A token is not needed to read, but one that is shown has to cover it."""
    person = _bearer(request, ("read", "read:statuses"))
    if person is None and request.app[STATE].closed:
        deny(401, "This API requires an authenticated user")
    return person


def _bearer(request: web.Request, enough: tuple[str, ...]) -> Person | None:
    said = request.headers.get("Authorization", "")
    token = request.app[STATE].tokens.get(said.removeprefix("Bearer ")) if said.startswith("Bearer ") else None
    if token is None:
        return None
    if token.revoked:
        deny(401, "The access token was revoked")
    if not {*enough} & {*token.scopes}:
        deny(403, "This action is outside the authorized scopes")
    return token.person


async def register(request: web.Request) -> web.Response:
    """``POST /api/v1/apps``"""
    state = request.app[STATE]
    state.registered = [at for at in state.registered if state.clock() - at < REGISTRATION_WINDOW]
    if len(state.registered) >= state.registrations:
        answer = web.json_response({"error": "Too many requests"}, status=429)
        answer.headers["X-RateLimit-Limit"] = str(state.registrations)
        answer.headers["X-RateLimit-Remaining"] = "0"
        answer.headers["X-RateLimit-Reset"] = reset(state, REGISTRATION_WINDOW)
        return answer
    state.registered.append(state.clock())
    fields = await fields_of(request)
    name, uris = str(fields.get("client_name", "")), str(fields.get("redirect_uris", "")).split()
    scopes = tuple(str(fields.get("scopes") or "read").split())
    if not name:
        deny(422, "Validation failed: Application name can't be blank")
    if not uris or not all(uri.startswith(("https://", "http://", "urn:")) for uri in uris):
        deny(422, "Validation failed: Redirect URI must be an absolute URI.")
    if not {*scopes} <= scopes_of(state):
        deny(422, "Validation failed: Scopes doesn't match configured on the server.")
    app = App(secrets.token_urlsafe(32), secrets.token_urlsafe(32), name, tuple(uris), scopes)
    state.apps[app.client_id] = app
    body: dict[str, Any] = {
        "id": str(len(state.apps)),
        "name": name,
        "website": None,
        "redirect_uri": "\n".join(uris),
        "client_id": app.client_id,
        "client_secret": app.secret,
    }
    if state.modern:
        body |= {"scopes": list(scopes), "redirect_uris": uris, "client_secret_expires_at": 0}
    return web.json_response(body)


async def access_token(request: web.Request) -> web.Response:
    """``POST /oauth/token``"""
    state, fields = request.app[STATE], await fields_of(request)
    app = state.apps.get(str(fields.get("client_id", "")))
    if app is None or fields.get("client_secret") != app.secret:
        said = "Client authentication failed due to unknown client, no client authentication included, or unsupported."
        deny(401, "invalid_client", error_description=said)
    if fields.get("grant_type") != "authorization_code":
        deny(400, "unsupported_grant_type", error_description="The authorization grant type is not supported.")
    code = state.codes.get(str(fields.get("code", "")))
    good = code is not None and not code.used and code.app == app and state.clock() - code.made <= CODE_LIFE
    if (
        code is None
        or not good
        or code.redirect_uri != fields.get("redirect_uri")
        or not _proven(code.challenge, fields)
    ):
        said = (
            "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in "
            "the authorization request, or was issued to another client."
        )
        deny(400, "invalid_grant", error_description=said)
    code.used = True
    access = state.issue(app, code.person, code.scopes)
    return web.json_response(
        {
            "access_token": access,
            "token_type": "Bearer",
            "scope": " ".join(code.scopes),
            "created_at": int(state.clock()),
        }
    )


def challenge_of(verifier: str) -> str:
    """PKCE's S256: https://www.rfc-editor.org/rfc/rfc7636#section-4.2"""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def _proven(challenge: str, fields: dict[str, Any]) -> bool:
    return not challenge or challenge == challenge_of(str(fields.get("code_verifier", "")))


async def revoke(request: web.Request) -> web.Response:
    """``POST /oauth/revoke``: nothing is said of a token that is unknown, or dead already."""
    state, fields = request.app[STATE], await fields_of(request)
    app = state.apps.get(str(fields.get("client_id", "")))
    token = state.tokens.get(str(fields.get("token", "")))
    if token is not None and (
        app is None or fields.get("client_secret") != app.secret or token.client_id != app.client_id
    ):
        deny(403, "unauthorized_client", error_description="You are not authorized to revoke this token")
    if token is not None:
        token.revoked = True
    return web.json_response({})


async def metadata(request: web.Request) -> web.Response:
    """``/.well-known/oauth-authorization-server``, since 4.3."""
    state, origin = request.app[STATE], str(request.url.origin())
    if not state.modern:
        raise web.HTTPNotFound(text="<h1>The page you are looking for isn't here.</h1>", content_type="text/html")
    return web.json_response(
        {
            "issuer": f"{origin}/",
            "authorization_endpoint": f"{origin}/oauth/authorize",
            "token_endpoint": f"{origin}/oauth/token",
            "revocation_endpoint": f"{origin}/oauth/revoke",
            "app_registration_endpoint": f"{origin}/api/v1/apps",
            "scopes_supported": sorted(scopes_of(state)),
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code", "client_credentials"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        }
    )
