"""A strict stand-in for Bluesky: a member's server, the directory of DIDs, the public view, and pages for people.

Mounted with ``add_subapp("/bluesky", create_app(state))``; the directory is at ``/bluesky/plc``.
"""

import re
from typing import Any

from aiohttp import web

from grapevine.playground import (
    bluesky_api,
    bluesky_consent,
    bluesky_discovery,
    bluesky_oauth,
    bluesky_pages,
    bluesky_par,
    bluesky_sessions,
    faults,
)
from grapevine.playground.bluesky_dpop import FAULT, is_dpop, nonces
from grapevine.playground.bluesky_state import MODES, STATE, BlueskyStandIn
from grapevine.playground.faults import Fault

__all__ = ["BlueskyStandIn", "create_app"]

_API = re.compile(r"/(?:xrpc|plc)/.*")
_OAUTH = re.compile(r"/(?:oauth|\.well-known)/.*")
_BREAKING = re.compile(r"/(?:xrpc|plc|oauth|\.well-known)/.*")
_WITH_TOKEN = ("com.atproto.repo.putRecord", "com.atproto.repo.uploadBlob", "com.atproto.repo.createRecord")
_SESSIONS = ("com.atproto.server.refreshSession", "com.atproto.server.getSession", *_WITH_TOKEN)
_SHOWN_WITHIN, _OF_SESSIONS = ("no-metadata", "nonce"), ("revoked", "expired")
_REPO = ("com.atproto.repo.getRecord", *_WITH_TOKEN)


def create_app(state: BlueskyStandIn) -> web.Application:
    def own(fault: Fault, request: web.Request) -> web.Response | None:
        return _broken(state, fault, request)

    app = web.Application(
        middlewares=[faults.breaking(state, _BREAKING, own), nonces, _limits], client_max_size=6 * 1024 * 1024
    )
    app[STATE] = state
    app.add_routes(
        [
            web.get("/", bluesky_pages.feed, name="feed"),
            web.get("", bluesky_pages.feed),
            web.get("/profile/{did}/post/{id}", bluesky_pages.status, name="post"),
            web.post("/posts/{id}/{act:like|reply|repost|quote|delete}", bluesky_pages.act, name="act"),
            web.get("/pictures/{name}", bluesky_pages.picture, name="picture"),
            web.get("/settings/app-passwords", bluesky_pages.app_passwords, name="app-passwords"),
            web.post("/settings/app-passwords", bluesky_pages.change_app_passwords),
            web.get("/.well-known/oauth-protected-resource", bluesky_discovery.protected_resource),
            web.get("/.well-known/oauth-authorization-server", bluesky_discovery.authorization_server),
            web.get("/oauth/jwks", bluesky_discovery.keys),
            web.post("/oauth/par", bluesky_par.par),
            web.get("/oauth/authorize", bluesky_consent.authorize, name="authorize"),
            web.post("/oauth/authorize", bluesky_consent.authorize),
            web.post("/oauth/token", bluesky_oauth.token),
            web.post("/oauth/revoke", bluesky_oauth.revoke),
            web.get("/account", bluesky_consent.account, name="account"),
            web.post("/account", bluesky_consent.revoke),
            web.get("/faults", bluesky_pages.faults, name="faults"),
            *faults.switches(state, MODES),
            web.get("/plc/{did}", bluesky_sessions.did_document),
            web.get("/xrpc/com.atproto.identity.resolveHandle", bluesky_sessions.resolve_handle),
            web.post("/xrpc/com.atproto.server.createSession", bluesky_sessions.create_session),
            web.post("/xrpc/com.atproto.server.refreshSession", bluesky_sessions.refresh_session),
            web.post("/xrpc/com.atproto.server.deleteSession", bluesky_sessions.delete_session),
            web.get("/xrpc/com.atproto.server.getSession", bluesky_sessions.get_session),
            web.post("/xrpc/com.atproto.repo.uploadBlob", bluesky_api.upload_blob),
            web.post("/xrpc/com.atproto.repo.putRecord", bluesky_api.put_record),
            web.post("/xrpc/com.atproto.repo.createRecord", bluesky_api.create_record),
            web.post("/xrpc/com.atproto.repo.deleteRecord", bluesky_api.delete_record),
            web.get("/xrpc/com.atproto.repo.getRecord", bluesky_api.get_record),
            web.get("/xrpc/app.bsky.feed.getPosts", bluesky_api.get_posts),
            web.get("/xrpc/app.bsky.actor.getProfile", bluesky_api.get_profile),
        ]
    )
    return app


@web.middleware
async def _limits(request: web.Request, handler: Any) -> web.StreamResponse:
    """The rate limit headers of every answer of the API."""
    answer: web.StreamResponse = await handler(request)
    if _API.search(request.path) and "ratelimit-limit" not in answer.headers:
        _limited(answer, 3000, 2999, int(request.app[STATE].clock()) + 300)
    return answer


def _limited(answer: web.StreamResponse, limit: int, remaining: int, reset: int) -> None:
    answer.headers["ratelimit-limit"], answer.headers["ratelimit-remaining"] = str(limit), str(remaining)
    answer.headers["ratelimit-reset"], answer.headers["ratelimit-policy"] = str(reset), f"{limit};w=300"


def _broken(state: BlueskyStandIn, fault: Fault, request: web.Request) -> web.Response | None:
    """The answer of a fault; None where it does not concern the method: what anybody may read needs no token.

    What only the authorization server or an OAuth session can show stands in the request, and its handler shows it.
    """
    method, with_oauth = request.path.rpartition("/")[2], bool(_OAUTH.search(request.path))
    within = fault.mode in _SHOWN_WITHIN or (fault.mode == "deactivated" and with_oauth)
    if within or (fault.mode in _OF_SESSIONS and (with_oauth or is_dpop(request))):
        request[FAULT] = fault.mode
        return None
    if fault.mode == "no-oauth" and with_oauth:
        return web.Response(status=404, text="Cannot GET", content_type="text/html")
    if fault.mode in ("401", "503"):
        return web.Response(status=int(fault.mode), text=faults.PAGE, content_type="text/html")
    concerned = {"revoked": _SESSIONS, "expired": _WITH_TOKEN, "deactivated": _REPO}.get(fault.mode)
    if fault.mode in ("unindexed", "no-oauth") or (concerned is not None and method not in concerned):
        return None
    status, error, said = {
        "429": (429, "RateLimitExceeded", "Rate Limit Exceeded"),
        "revoked": (400, "ExpiredToken", "Token has been revoked"),
        "expired": (400, "ExpiredToken", "Token has expired"),
        "deactivated": (401, "AccountDeactivated", "Account is deactivated"),
    }.get(fault.mode, (500, "InternalServerError", "Internal Server Error"))
    body = {"error": error, "message": said}
    if status == 500 and with_oauth:
        body = {"error": "server_error", "error_description": "Server error"}
    answer = web.json_response(body, status=status)
    if status == 429:
        _limited(answer, 3000, 0, int(state.clock() + (fault.seconds or 300.0)))
    return answer
