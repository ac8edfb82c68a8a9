"""Who an app is, at the stand-in for Bluesky: its metadata is fetched and checked, and so is what it signs."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from grapevine.playground.bluesky_grants import REFRESH_LIFE, SESSION_LIFE
from tests.networks.bluesky_stand_in import serving
from tests.playground.bluesky_app import CLIENT_ID, ORIGIN, SCOPE, App, Key, loopback, right_metadata, staged

METADATA = "invalid_client_metadata"
OBTAIN = f'Unable to obtain client metadata for "{CLIENT_ID}"'


@pytest.fixture
async def app() -> AsyncIterator[App]:
    async with staged(web_client=True) as app:
        await app.post("par")
        yield app


def key(**change: Any) -> dict[str, Any]:
    return {"jwks": {"keys": [{**Key("key-1").jwk, **change}]}}


@pytest.mark.parametrize(
    ("change", "error", "why"),
    [
        ({"client_id": f"{ORIGIN}/other.json"}, METADATA, "client_id does not match"),
        ({"client_id": None}, METADATA, "client_id is required for discoverable clients"),
        ({"dpop_bound_access_tokens": False}, METADATA, '"dpop_bound_access_tokens" must be true'),
        ({"dpop_bound_access_tokens": None}, METADATA, '"dpop_bound_access_tokens" must be true'),
        ({"scope": None}, METADATA, "Missing scope property"),
        ({"scope": "blob:image/*"}, METADATA, 'Missing "atproto" scope'),
        ({"scope": "atproto atproto"}, METADATA, 'Duplicate scope "atproto"'),
        ({"scope": "atproto  x"}, METADATA, "Invalid OAuth scope"),
        ({"grant_types": ["authorization_code"] * 2}, METADATA, 'Duplicate grant type "authorization_code"'),
        ({"grant_types": ["refresh_token"]}, METADATA, '"grant_types" contains "authorization_code"'),
        ({"grant_types": ["authorization_code", "implicit"]}, METADATA, 'Grant type "implicit" is not allowed'),
        ({"grant_types": []}, METADATA, '"grant_types" failed'),
        ({"response_types": ["token"]}, METADATA, 'response_types must include "code"'),
        ({"redirect_uris": []}, METADATA, '"redirect_uris" failed'),
        ({"redirect_uris": ["http://grapevine.example.com/x"]}, METADATA, '"127.0.0.1" or "[::1]" as hostname'),
        ({"redirect_uris": ["http://localhost/x"]}, METADATA, 'Use of "localhost" hostname is not allowed'),
        ({"redirect_uris": ["http://127.0.0.1/x"]}, "invalid_redirect_uri", "only allowed for native apps"),
        (
            {"redirect_uris": ["https://a@grapevine.example.com/"]},
            "invalid_redirect_uri",
            "must not contain credentials",
        ),
        ({"redirect_uris": ["https://grapevine.test/x"]}, "invalid_redirect_uri", "must not be a local hostname"),
        ({"redirect_uris": ["com.example.grapevine:/x"]}, "invalid_redirect_uri", "only allowed for native apps"),
        ({"client_uri": "https://elsewhere.example.com"}, METADATA, "must have the same origin as the client_id"),
        ({"client_uri": f"{ORIGIN}/other"}, METADATA, "must be a parent URL of the client_id"),
        ({"client_uri": "grapevine"}, METADATA, '"client_uri" failed'),
        ({"client_name": 7}, METADATA, '"client_name" failed with error: Expected string'),
        ({"token_endpoint_auth_method": None}, METADATA, 'authentication method "client_secret_basic"'),
        ({"token_endpoint_auth_method": "none"}, METADATA, "must not have token_endpoint_auth_signing_alg"),
        ({"token_endpoint_auth_signing_alg": None}, METADATA, "Missing token_endpoint_auth_signing_alg"),
        ({"jwks": None}, METADATA, "private_key_jwt auth method requires jwks or jwks_uri"),
        ({"jwks": {"keys": []}}, METADATA, "requires at least one key in jwks"),
        ({"jwks": {}}, METADATA, '"jwks.keys" failed'),
        ({"jwks_uri": f"{ORIGIN}/keys.json"}, METADATA, "jwks_uri and jwks are mutually exclusive"),
        ({"application_type": "native"}, METADATA, 'Native clients must authenticate using "none" method'),
        ({"application_type": "desktop"}, METADATA, '"application_type" failed'),
        ({"subject_type": "pairwise"}, METADATA, 'Only "public" subject_type is supported'),
        ({"default_max_age": 7}, METADATA, 'Unsupported "default_max_age" parameter'),
        (key(), "invalid_client", "signature verification failed"),
        (key(kid="another"), "invalid_client", "no applicable key found in the JSON Web Key Set"),
        (key(kid=None), METADATA, "requires at least one key in jwks"),
        (key(d="AAAA"), METADATA, "requires at least one key in jwks"),
        (key(use="enc"), "invalid_client", "no applicable key found in the JSON Web Key Set"),
        (key(alg="ES384"), "invalid_client", "no applicable key found in the JSON Web Key Set"),
    ],
)
async def test_metadata_is_checked(app: App, change: dict[str, Any], error: str, why: str) -> None:
    changed = {**right_metadata(app), **change}
    app.metadata = {name: value for name, value in changed.items() if value is not None}
    app.state.fetched.clear()
    answer = await app.par()
    assert (answer.status, answer.error) == (400, error)
    assert why in answer.why


@pytest.mark.parametrize(
    ("client_id", "error", "why"),
    [
        ("https://grapevine.example/c.json", "invalid_client_id", "TLD must not be a local hostname"),
        ("https://grapevine.test/c.json", "invalid_client_id", "TLD must not be a local hostname"),
        ("https://unknown.example.com/c.json", METADATA, "Invalid hostname"),
        ("https://grapevine.example.com:8443/c.json", METADATA, "Custom https: ports not allowed"),
        (f"{ORIGIN}/nothing.json", METADATA, "Not Found"),
        (f"{ORIGIN}/.well-known/nothing.json", METADATA, "Not Found"),
        ("nonsense", METADATA, 'Unable to obtain client metadata for "nonsense": Invalid URL'),
        *(
            (client_id, METADATA, f'Invalid client ID "{client_id}"')
            for client_id in (
                "http://grapevine.example.com/c.json", ORIGIN, f"{ORIGIN}/", f"{ORIGIN}/c.json/",
                f"{ORIGIN}/c.json#x", f"{ORIGIN}/a/../c.json", "https://a@grapevine.example.com/c.json",
                "https://10.0.0.1/c.json", "https://[::1]/c.json", "https://grapevine/c.json",
                "http://localhost:3000?scope=atproto", "http://localhost/path", "http://localhost?color=blue",
                "http://localhost?scope=atproto&scope=atproto", "http://localhost?scope=%22",
                loopback(SCOPE, "http://localhost/x"), loopback(SCOPE, "https://127.0.0.1/x"),
            )
        ),
        (loopback("blob:image/*"), METADATA, 'Loopback ClientID must include "atproto" scope'),
    ],
)  # fmt: skip
async def test_an_id_of_a_client_is_checked(app: App, client_id: str, error: str, why: str) -> None:
    answer = await app.par(client_id=client_id)
    assert (answer.status, answer.error) == (400, error)
    assert why in answer.why


async def test_what_cannot_be_fetched_is_said(app: App) -> None:
    async def moved(_: web.Request) -> web.Response:
        raise web.HTTPFound("/oauth/client.json")

    async def page(_: web.Request) -> web.Response:
        return web.Response(text="<h1>Sign in</h1>", content_type="text/html")

    async def half(_: web.Request) -> web.Response:
        return web.Response(text='{"client_id":', content_type="application/json")

    async def list_of(_: web.Request) -> web.Response:
        return web.json_response([])

    async def large(_: web.Request) -> web.Response:
        return web.json_response({"x": "x" * 600_000})

    for handler, why in (
        (moved, ": unexpected redirect"),
        (page, ": Unexpected response Content-Type (text/html)"),
        (half, ": Unable to parse response as JSON"),
        (list_of, ": Validation failed with error: Expected object, received array"),
        (large, ""),
    ):
        own = web.Application()
        own.add_routes([web.get("/client.json", handler)])
        async with serving(("/oauth", own)) as origin:
            app.state.hosts[ORIGIN] = origin
            answer = await app.par()
            assert (answer.status, answer.error, answer.why) == (400, METADATA, OBTAIN + why)
    gone = await app.par()
    assert (gone.status, gone.error, gone.why) == (400, METADATA, f"{OBTAIN}: Connection refused")


async def test_metadata_is_kept_for_ten_minutes_and_what_is_wrong_with_it_is_not(app: App) -> None:
    app.metadata = {}
    app.state.fetched.clear()
    assert (await app.par()).error == METADATA
    app.metadata = right_metadata(app)
    await app.pushed()
    app.metadata = {}
    app.later(580)
    await app.pushed()
    app.later(21)
    await app.post("par")
    assert (await app.par()).error == METADATA


async def test_keys_may_be_at_an_address_of_their_own(app: App) -> None:
    async def keys(_: web.Request) -> web.Response:
        return web.json_response({"keys": ["nonsense", app.own.jwk]})

    async def metadata(_: web.Request) -> web.Response:
        return web.json_response(app.metadata)

    own = web.Application()
    own.add_routes([web.get("/keys.json", keys), web.get("/client.json", metadata)])
    app.metadata = {**right_metadata(app), "jwks_uri": f"{ORIGIN}/oauth/keys.json"}
    del app.metadata["jwks"]
    app.state.fetched.clear()
    async with serving(("/oauth", own)) as origin:
        app.state.hosts[ORIGIN] = origin
        await app.connected()


@pytest.mark.parametrize(
    ("wrong", "error", "why"),
    [
        ({"iss": "https://else.example.com/c.json"}, "invalid_client", 'unexpected "iss" claim value'),
        ({"sub": "https://else.example.com/c.json"}, "invalid_client", 'unexpected "sub" claim value'),
        ({"aud": "https://else.example.com"}, "invalid_client", 'unexpected "aud" claim value'),
        ({"aud": None}, "invalid_client", 'missing required "aud" claim'),
        ({"iat": None}, "invalid_client", 'missing required "iat" claim'),
        ({"jti": None}, "invalid_client", 'missing required "jti" claim'),
        ({"head": {"kid": None}}, "invalid_client", '"kid" required in client_assertion'),
        ({"head": {"kid": "key-2"}}, "invalid_client", "no applicable key found in the JSON Web Key Set"),
        ({"head": {"alg": "none"}}, "invalid_client", 'Unsupported "alg" value for a JSON Web Key Set'),
        ({"key": Key()}, "invalid_client", "signature verification failed"),
        ({"exp": 1}, "invalid_client", '"exp" claim timestamp check failed'),
    ],
)
async def test_an_assertion_is_checked(app: App, wrong: dict[str, Any], error: str, why: str) -> None:
    answer = await app.par(**app.assertion(**wrong))
    assert (answer.status, answer.error) == (400, error)
    assert why in answer.why


async def test_an_assertion_is_good_for_a_minute_and_once_and_its_key_signs_no_proof(app: App) -> None:
    now = int(app.state.clock())
    assert (await app.par(**app.assertion(iat=now - 50))).status == 201
    assert "too far in the past" in (await app.par(**app.assertion(iat=now - 63))).why
    assert "it should be in the past" in (await app.par(**app.assertion(iat=now + 30))).why
    same = app.assertion()
    assert (await app.par(**same)).status == 201
    again = await app.par(**same)
    assert (again.status, again.error, again.why) == (400, "invalid_grant", "private_key_jwt jti reused")
    both = await app.par(app.proof("POST", f"{app.url}/oauth/par", key=app.own))
    assert (both.status, both.error) == (400, "invalid_request")
    assert "different key than the client assertion" in both.why
    for missing in ("client_assertion", "client_assertion_type"):
        without: dict[str, Any] = {**app.assertion(), missing: None}
        assert 'required a "client_assertion"' in (await app.par(**without)).why


async def test_a_session_stays_with_the_key_with_which_it_began(app: App) -> None:
    session, first = await app.connected(), app.own
    app.own = Key("key-1")
    app.metadata = right_metadata(app)
    app.state.fetched.clear()
    answer = await app.refresh(session["refresh_token"])
    assert (answer.status, answer.error) == (400, "invalid_grant")
    assert "initiated with a different key" in answer.why
    app.own, app.metadata = first, {**right_metadata(app), "jwks": {"keys": [first.jwk]}}
    app.state.fetched.clear()
    assert (await app.refresh(session["refresh_token"])).why == "Invalid refresh token"


@pytest.mark.parametrize("confidential", [True, False])
async def test_how_long_sessions_last_depends_on_the_kind_of_client(confidential: bool) -> None:
    async with staged(web_client=confidential) as app:
        kept, idle = await app.connected(), await app.connected()
        assert SESSION_LIFE[confidential] == (63_115_200 if confidential else 1_209_600)
        assert REFRESH_LIFE[confidential] == (7_889_400 if confidential else 1_209_600)
        gone, step = 0.0, REFRESH_LIFE[confidential] - 60
        while gone + step < SESSION_LIFE[confidential]:
            app.later(step)
            gone += step
            await app.post("par")
            answer = await app.refresh(kept["refresh_token"])
            assert answer.status == 200, answer
            kept = answer.body
        app.later(SESSION_LIFE[confidential] - gone + 1)
        await app.post("par")
        assert (await app.refresh(kept["refresh_token"])).why == "Session expired"
        late = (await app.refresh(idle["refresh_token"])).why
        assert late == "Session expired"


async def test_a_refresh_token_that_lies_too_long_ends_the_session(app: App) -> None:
    session = await app.connected()
    app.later(REFRESH_LIFE[True] + 1)
    await app.post("par")
    assert (await app.refresh(session["refresh_token"])).why == "Refresh token expired"
    assert (await app.refresh(session["refresh_token"])).why == "Invalid refresh token"


async def test_a_session_of_a_public_client_is_bound_to_the_key_that_it_gets(app: App) -> None:
    public = {**right_metadata(app), "token_endpoint_auth_method": "none"}
    del public["token_endpoint_auth_signing_alg"]
    app.metadata = public
    app.state.fetched.clear()
    session = await app.connected()
    app.metadata = right_metadata(app)
    app.state.fetched.clear()
    renewed = await app.refresh(session["refresh_token"])
    assert renewed.status == 200
    app.metadata = public
    app.state.fetched.clear()
    back = await app.refresh(renewed.body["refresh_token"])
    assert back.why == "Client authentication method mismatch (expected private_key_jwt)"
