"""Pushed requests, codes and tokens at the stand-in for Bluesky: what is refused, and what such a refusal costs."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.playground.bluesky_app import ADA, BEA, CLIENT_ID, SCOPE, App, Key, loopback, s256, staged
from tests.playground.test_bluesky_oauth import SESSION

OTHER = loopback("atproto", "http://127.0.0.1/elsewhere")


@pytest.fixture
async def app() -> AsyncIterator[App]:
    async with staged() as app:
        await app.par()
        yield app


@pytest.mark.parametrize(
    ("change", "error", "why"),
    [
        ({"client_id": None}, "invalid_client", "Client credentials missing: Required at body.client_id"),
        ({"response_type": None}, "invalid_request", "Invalid authorization request"),
        ({"response_type": "bread"}, "invalid_request", "Invalid authorization request"),
        ({"response_type": "token"}, "unsupported_response_type", 'Unsupported response_type "token"'),
        ({"scope": '"'}, "invalid_request", "Invalid authorization request"),
        ({"scope": None}, "invalid_scope", 'The "atproto" scope is required'),
        ({"scope": "blob:image/*"}, "invalid_scope", 'The "atproto" scope is required'),
        ({"scope": f"{SCOPE} blob:*/*"}, "invalid_scope", 'Scope "blob:*/*" is not declared in the client metadata'),
        (
            {"redirect_uri": "http://127.0.0.1:3000/x"},
            "invalid_request",
            "Invalid redirect_uri http://127.0.0.1:3000/x",
        ),
        ({"redirect_uri": "nonsense"}, "invalid_request", "Invalid authorization request"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request", "Use of PKCE is required"),
        (
            {"code_challenge": None},
            "invalid_request",
            "code_challenge is required when code_challenge_method is provided",
        ),
        (
            {"code_challenge_method": "plain"},
            "invalid_request",
            'atproto requires use of "S256" code_challenge_method',
        ),
        ({"code_challenge_method": None}, "invalid_request", 'atproto requires use of "S256" code_challenge_method'),
        ({"code_challenge_method": "md5"}, "invalid_request", "Invalid authorization request"),
        ({"login_hint": "no handle"}, "invalid_request", 'Invalid login_hint "no handle"'),
        ({"prompt": "none"}, "invalid_request", "Public clients are not allowed to use silent-sign-on"),
        ({"prompt": "shout"}, "invalid_request", "Invalid authorization request"),
        ({"nonce": "1"}, "invalid_request", 'Unsupported "nonce" parameter'),
        ({"response_mode": "pigeon"}, "invalid_request", "Invalid authorization request"),
        ({"dpop_jkt": "another"}, "invalid_token", "Invalid DPoP key binding"),
    ],
)
async def test_a_pushed_request_is_checked(app: App, change: dict[str, Any], error: str, why: str) -> None:
    answer = await app.par(**change)
    assert (answer.status, answer.error) == (401 if error == "invalid_token" else 400, error)
    assert answer.why.startswith(why)
    assert answer.headers["DPoP-Nonce"]
    assert answer.headers["Cache-Control"] == "no-store"


async def test_scopes_that_no_server_knows_yet_are_left_out(app: App) -> None:
    new = f"{SCOPE} moon:phase repo:not_a_name rpc:app.bsky.feed.getLikes?aud=did:web:api.bsky.app%23bsky_appview"
    session = await app.connected(client_id=loopback(new), scope=new)
    kept = new.split()
    assert session["scope"] == " ".join(kept[:3] + kept[-1:])


async def test_a_request_may_be_pushed_without_a_proof_and_takes_that_of_the_exchange(app: App) -> None:
    code = await app.code(proof="")
    assert (await app.exchange(code)).status == 200
    verifier = "w" * 43
    bound = await app.code(proof="", dpop_jkt="another", code_challenge=s256(verifier))
    assert (await app.exchange(bound, code_verifier=verifier)).why == "DPoP proof does not match the expected JKT"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"client_id": None}, "Client credentials missing"),
        ({"grant_type": None}, "Invalid request payload"),
        ({"grant_type": "password"}, "Invalid request payload"),
        ({"code": None}, "Invalid request payload"),
        ({"redirect_uri": None}, "Invalid request payload"),
        ({"code_verifier": "short"}, "Invalid request payload"),
        ({"code_verifier": "w" * 129}, "Invalid request payload"),
        ({"code_verifier": "ä" * 43}, "Invalid request payload"),
        ({"code": "nonsense"}, "Invalid code"),
        ({"code": f"cod-{'0' * 64}"}, "Invalid code"),
    ],
)
async def test_a_wrong_exchange_costs_nothing(app: App, change: dict[str, Any], why: str) -> None:
    code = await app.code()
    answer = await app.exchange(**{"code": code, **change})
    assert (answer.status, answer.error) == (400, "invalid_grant")
    assert answer.why.startswith(why)
    assert (await app.exchange(code)).status == 200


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"client_id": OTHER}, "Token was not issued to this client"),
        ({"redirect_uri": "http://127.0.0.1:3001/oauth/bluesky/callback"}, "The redirect_uri parameter must match"),
        ({"code_verifier": None}, "code_verifier is required"),
        ({"code_verifier": "w" * 43}, "Invalid code_verifier"),
        ({}, "DPoP proof does not match the expected JKT"),
    ],
)
async def test_an_exchange_by_somebody_else_costs_the_code(app: App, change: dict[str, Any], why: str) -> None:
    code = await app.code()
    proof = None if change else app.proof("POST", f"{app.url}/oauth/token", key=Key())
    answer = await app.exchange(code, proof, **change)
    assert (answer.status, answer.error) == (400, "invalid_grant")
    assert answer.why.startswith(why)
    assert (await app.exchange(code)).why == "Invalid code"


async def test_a_code_is_good_once_and_again_ends_the_session(app: App) -> None:
    code = await app.code()
    session = await app.exchange(code)
    assert session.status == 200
    again = await app.exchange(code)
    assert (again.status, again.error, again.why) == (400, "invalid_grant", "Invalid code")
    assert (await app.refresh(session.body["refresh_token"])).why == "Invalid refresh token"
    twice = await app.exchange(await app.code())
    assert twice.why == "Code challenge already used"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"client_id": OTHER}, "Token was not issued to this client"),
        ({}, "DPoP proof does not match the expected JKT"),
    ],
)
async def test_a_refresh_by_somebody_else_ends_the_session(app: App, change: dict[str, Any], why: str) -> None:
    session = await app.connected()
    proof = None if change else app.proof("POST", f"{app.url}/oauth/token", key=Key())
    answer = await app.refresh(session["refresh_token"], proof, **change)
    assert (answer.status, answer.error, answer.why) == (400, "invalid_grant", why)
    assert (await app.refresh(session["refresh_token"])).why == "Invalid refresh token"
    assert (await app.call("GET", SESSION, session["access_token"])).status == 401


async def test_what_is_wrong_before_the_refresh_token_is_looked_at_costs_nothing(app: App) -> None:
    session = await app.connected()
    kept = session["refresh_token"]
    for token in ("nonsense", f"ref-{'0' * 64}"):
        assert (await app.refresh(token)).why.startswith("Invalid refresh token")
    missing = await app.refresh(kept, "")
    assert (missing.status, missing.error, missing.why) == (401, "invalid_dpop_proof", "DPoP proof required")
    app.nonce = "old"
    assert (await app.refresh(kept)).error == "use_dpop_nonce"
    assert (await app.refresh(kept)).status == 200


async def test_nobody_revokes_the_session_of_another_and_is_not_told_so(app: App) -> None:
    session = await app.connected()
    other = app.proof("POST", f"{app.url}/oauth/revoke", key=Key())
    for proof, change in ((other, {}), ("", {}), (None, {"client_id": OTHER})):
        answer = await app.post("revoke", proof, token=session["refresh_token"], **change)
        assert (answer.status, answer.body) == (200, {})
    assert (await app.call("GET", SESSION, session["access_token"])).status == 200
    for wrong in ({"token": None}, {"token": "x", "client_id": None}):
        answer = await app.post("revoke", **wrong)
        assert (answer.status, answer.error) == (400, "invalid_request")
    app.nonce = ""
    assert (await app.post("revoke", token=session["refresh_token"])).error == "use_dpop_nonce"
    ada = await app.connected(ADA)
    assert (await app.post("revoke", token=ada["access_token"])).status == 200
    assert (await app.call("GET", SESSION, session["access_token"])).body["did"] == BEA.did


async def test_a_public_clients_session_cannot_be_taken_over_by_a_confidential_one(app: App) -> None:
    session = await app.connected()
    answer = await app.refresh(session["refresh_token"], client_id=CLIENT_ID)
    assert (answer.status, answer.error) == (400, "invalid_client_metadata")
    assert (await app.refresh(session["refresh_token"])).status == 200
