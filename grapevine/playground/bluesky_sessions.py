"""Who somebody is, and the sessions of the reference server: handles, DIDs, app passwords, pairs of tokens.

https://github.com/bluesky-social/atproto/tree/main/packages/pds: names and statuses of errors are its own.
"""

import json
import secrets
from typing import Any, NoReturn

from aiohttp import web

from grapevine.playground.bluesky_access import oauth_person
from grapevine.playground.bluesky_state import (
    ACCESS_LIFE,
    GRACE,
    PEOPLE,
    REFRESH_LIFE,
    STATE,
    BlueskyStandIn,
    Person,
    Session,
)
from grapevine.playground.bluesky_tokens import AUDIENCE, read, signed

APP_PASSWORD, MAIN_PASSWORD, REFRESH = "com.atproto.appPass", "com.atproto.access", "com.atproto.refresh"


def deny(error: str, message: str, status: int = 400) -> NoReturn:
    kind = {400: web.HTTPBadRequest, 401: web.HTTPUnauthorized, 404: web.HTTPNotFound}[status]
    raise kind(text=json.dumps({"error": error, "message": message}), content_type="application/json")


def person_of(did: str) -> Person | None:
    return next((one for one in PEOPLE if one.did == did), None)


async def resolve_handle(request: web.Request) -> web.Response:
    handle = request.query.get("handle", "")
    person = next((one for one in PEOPLE if one.handle == handle.lower()), None)
    if "." not in handle:
        deny("InvalidRequest", "Error: handle must be a valid handle")
    if person is None:
        deny("InvalidRequest", "Unable to resolve handle")
    return web.json_response({"did": person.did})


async def did_document(request: web.Request) -> web.Response:
    """As the directory at plc.directory shows it: https://web.plc.directory/spec/v0.1/did-plc"""
    person = person_of(request.match_info["did"])
    if person is None:
        return web.json_response({"message": f"DID not registered: {request.match_info['did']}"}, status=404)
    return web.json_response(document(request, person), content_type="application/did+ld+json")


def document(request: web.Request, person: Person) -> dict[str, Any]:
    service = {
        "id": "#atproto_pds",
        "type": "AtprotoPersonalDataServer",
        "serviceEndpoint": f"{request.url.origin()}{prefix(request)}",
    }
    return {
        "@context": ["https://www.w3.org/ns/did/v1"],
        "id": person.did,
        "alsoKnownAs": [f"at://{person.handle}"],
        "verificationMethod": [],
        "service": [service],
    }


def prefix(request: web.Request) -> str:
    """Where this is mounted, without a slash at the end."""
    return request.app.router["feed"].url_for().path.rstrip("/")


async def create_session(request: web.Request) -> web.Response:
    state, body = request.app[STATE], await body_of(request)
    identifier, password = str(body.get("identifier", "")).lower(), str(body.get("password", ""))
    person = next((one for one in PEOPLE if identifier in (one.did, one.handle)), None)
    made_with = None
    if person is not None and secrets.compare_digest(password.encode(), person.password.encode()):
        made_with = ""
    for one in state.app_passwords:
        if person is not None and one.did == person.did and one.password == password:
            made_with = one.name
    if person is None or made_with is None:
        deny("AuthenticationRequired", "Invalid identifier or password", 401)
    session = _new(state, person.did, made_with, secrets.token_urlsafe(24))
    return _pair(request, state, person, session, email=made_with == "")


async def refresh_session(request: web.Request) -> web.Response:
    """A refresh token is good for one successor: used again within two hours, it is answered with the same one."""
    state, session = request.app[STATE], _refreshing(request)
    person = person_of(session.did)
    assert person is not None  # noqa: S101  # sessions are of people
    session.ends = min(session.ends, state.clock() + GRACE)
    session.next = session.next or secrets.token_urlsafe(24)
    successor = state.sessions.get(session.next) or _new(state, person.did, session.made_with, session.next)
    return _pair(request, state, person, successor)


async def delete_session(request: web.Request) -> web.Response:
    """Ends this refresh token; the access token lives on until it expires."""
    session = _refreshing(request)
    del request.app[STATE].sessions[session.id]
    return web.Response()


async def get_session(request: web.Request) -> web.Response:
    person = member(request)
    return web.json_response({"did": person.did, "handle": person.handle, "active": True})


def member(request: web.Request) -> Person:
    """Whose access token it is; else 400, as the reference server says, where others say 401.

    OAuth's, which come as "DPoP", have their own refusals.
    """
    scheme, token = _authorization(request)
    if scheme == "dpop":
        did = oauth_person(request, token)
    else:
        did = str(_verified(request, (APP_PASSWORD, MAIN_PASSWORD))["sub"])
    person = person_of(did)
    if person is None:
        deny("AccountNotFound", "Account not found", 401)
    return person


async def body_of(request: web.Request) -> dict[str, Any]:
    if request.content_type != "application/json":
        deny("InvalidRequest", "Wrong request encoding (Content-Type): should be application/json")
    try:
        body = await request.json()
    except ValueError:
        deny("InvalidRequest", "Request body is not valid JSON")
    if not isinstance(body, dict):
        deny("InvalidRequest", "Input must be an object")
    return body


def _refreshing(request: web.Request) -> Session:
    state, said = request.app[STATE], _verified(request, (REFRESH,))
    session = state.sessions.get(str(said["jti"]))
    if session is None or session.ends <= state.clock():
        deny("ExpiredToken", "Token has been revoked")
    return session


def _new(state: BlueskyStandIn, did: str, made_with: str, number: str) -> Session:
    session = Session(number, did, made_with, state.clock() + REFRESH_LIFE)
    state.sessions[number] = session
    return session


def _pair(
    request: web.Request, state: BlueskyStandIn, person: Person, session: Session, *, email: bool = False
) -> web.Response:
    now = int(state.clock())
    scope = APP_PASSWORD if session.made_with else MAIN_PASSWORD
    about = {"sub": person.did, "iat": now, "aud": AUDIENCE}
    answer = {
        "accessJwt": signed(state, {"scope": scope, **about, "exp": now + ACCESS_LIFE}),
        "refreshJwt": signed(state, {"scope": REFRESH, **about, "jti": session.id, "exp": now + REFRESH_LIFE}),
        "handle": person.handle,
        "did": person.did,
        "didDoc": document(request, person),
        "active": True,
    }
    return web.json_response(answer | ({"email": "somebody@example.com", "emailConfirmed": True} if email else {}))


def _verified(request: web.Request, scopes: tuple[str, ...]) -> dict[str, Any]:
    state, (kind, token) = request.app[STATE], _authorization(request)
    if kind != "bearer" or not token:
        deny("AuthMissing", "Authentication Required", 401)
    try:
        said = read(state, token)
    except ValueError:
        deny("InvalidToken", "Token could not be verified")
    if said["exp"] <= state.clock():
        deny("ExpiredToken", "Token has expired")
    if "cnf" in said:
        deny("InvalidToken", "Malformed token")
    if said["scope"] not in scopes:
        deny("InvalidToken", "Bad token scope")
    return said


def _authorization(request: web.Request) -> tuple[str, str]:
    """The scheme, in small letters, and the token."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return scheme.lower(), token
