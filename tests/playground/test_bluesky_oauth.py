"""OAuth at the stand-in for Bluesky: the straight road of both kinds of client, and sessions from begin to end."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from aiohttp import ClientSession

from grapevine.playground.bluesky_state import POST
from tests.playground.bluesky_app import BEA, SCOPE, App, loopback, staged

KEY = "3n2u6pjn7mkij"
RECORD = {"$type": POST, "text": "Grüße", "createdAt": "2026-11-21T22:49:05.244Z"}
CREATE, PUT, DELETE, UPLOAD, SESSION = (
    *(f"com.atproto.repo.{name}" for name in ("createRecord", "putRecord", "deleteRecord", "uploadBlob")),
    "com.atproto.server.getSession",
)
PLACE: dict[str, Any] = {"repo": BEA.did, "collection": POST, "rkey": KEY, "record": RECORD}


@pytest.fixture(params=["loopback", "web"])
async def app(request: pytest.FixtureRequest) -> AsyncIterator[App]:
    async with staged(web_client=request.param == "web") as app:
        yield app


async def test_the_server_says_where_everything_is(app: App) -> None:
    async with ClientSession() as session:
        async with session.get(f"{app.url}/.well-known/oauth-protected-resource") as answer:
            resource = await answer.json()
        async with session.get(f"{app.url}/.well-known/oauth-authorization-server") as answer:
            server = await answer.json()
    assert (resource["resource"], resource["authorization_servers"]) == (app.url, [app.url])
    assert resource["bearer_methods_supported"] == ["header"]
    assert (server["issuer"], server["protected_resources"]) == (app.url, [app.url])
    for name, path in (("pushed_authorization_request", "par"), ("token", "token"), ("revocation", "revoke")):
        assert server[f"{name}_endpoint"] == f"{app.url}/oauth/{path}"
    assert server["authorization_endpoint"] == f"{app.url}/oauth/authorize"
    assert server["client_id_metadata_document_supported"]
    assert server["require_pushed_authorization_requests"]
    assert server["authorization_response_iss_parameter_supported"]
    assert "ES256" in server["dpop_signing_alg_values_supported"]
    assert server["token_endpoint_auth_methods_supported"] == ["none", "private_key_jwt"]
    assert "atproto" in server["scopes_supported"]


async def test_the_straight_road_ends_in_a_post(app: App) -> None:
    first = await app.par()
    assert (first.status, first.error) == (400, "use_dpop_nonce")
    assert first.headers["DPoP-Nonce"]
    pushed = await app.par()
    assert pushed.status == 201
    assert 280 < pushed.body["expires_in"] <= 300
    where = app.state.authorize(pushed.body["request_uri"], BEA.did)
    assert where.startswith(app.callback + "?")
    said = dict(parse_qsl(urlsplit(where).query))
    assert (said["iss"], said["state"], set(said)) == (app.url, "state-1", {"iss", "state", "code"})
    answer = await app.exchange(said["code"])
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
    session = answer.body
    assert (session["token_type"], session["scope"], session["sub"]) == ("DPoP", SCOPE, BEA.did)
    assert 3580 < session["expires_in"] <= 3600
    created = await app.call("POST", CREATE, session["access_token"], json=PLACE)
    assert created.status == 200
    assert [post["text"] for post in app.state.posts()] == ["Grüße"]
    who = await app.call("GET", SESSION, session["access_token"])
    assert who.body["did"] == BEA.did


async def test_a_refresh_token_is_good_once_and_again_ends_the_session(app: App) -> None:
    session = await app.connected()
    renewed = await app.refresh(session["refresh_token"])
    assert (renewed.status, renewed.body["scope"], renewed.body["sub"]) == (200, SCOPE, BEA.did)
    assert (await app.call("GET", SESSION, renewed.body["access_token"])).status == 200
    old = await app.call("GET", SESSION, session["access_token"])
    assert (old.status, old.error) == (401, "invalid_token")
    again = await app.refresh(session["refresh_token"])
    assert (again.status, again.error, again.why) == (400, "invalid_grant", "Refresh token replayed")
    assert (await app.call("GET", SESSION, renewed.body["access_token"])).status == 401
    assert (await app.refresh(renewed.body["refresh_token"])).why == "Invalid refresh token"


@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
async def test_revoking_either_token_ends_the_session_at_once(app: App, which: str) -> None:
    session = await app.connected()
    ended = await app.post("revoke", token=session[which])
    assert (ended.status, ended.body) == (200, {})
    call = await app.call("GET", SESSION, session["access_token"])
    assert (call.status, call.error) == (401, "invalid_token")
    assert 'DPoP algs="RS256' in call.headers["WWW-Authenticate"]
    assert 'error="invalid_token"' in call.headers["WWW-Authenticate"]
    assert (await app.refresh(session["refresh_token"])).error == "invalid_grant"
    assert (await app.post("revoke", token="nonsense")).body == {}


async def test_a_loopback_client_may_come_back_to_any_port_and_one_path() -> None:
    async with staged() as app:
        await app.pushed(redirect_uri="http://127.0.0.1:4711/oauth/bluesky/callback")
        for wrong in ("http://127.0.0.1:3000/other", "http://[::1]/oauth/bluesky/callback", "http://localhost/x"):
            answer = await app.par(redirect_uri=wrong)
            assert (answer.status, answer.error) == (400, "invalid_request")
        bound = loopback(SCOPE, "http://127.0.0.1:3000/oauth/bluesky/callback")
        assert (
            await app.par(client_id=bound, redirect_uri="http://127.0.0.1:3000/oauth/bluesky/callback")
        ).status == 201
        other = await app.par(client_id=bound, redirect_uri="http://127.0.0.1:3001/oauth/bluesky/callback")
        assert other.error == "invalid_request"
