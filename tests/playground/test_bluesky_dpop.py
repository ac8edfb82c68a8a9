"""Proofs of possession at the stand-in for Bluesky: what the reference server refuses is refused, in its words."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from tests.playground.bluesky_app import BEA, App, Key, s256, staged
from tests.playground.test_bluesky_oauth import CREATE, PLACE, SESSION

OTHER = Key()
SHARED = {"kty": "oct", "k": "AAAA"}


@pytest.fixture
async def app() -> AsyncIterator[App]:
    async with staged() as app:
        await app.pushed()
        yield app


WRONG: dict[str, tuple[Callable[[App, str], str], str]] = {
    "no token": (lambda app, url: "nonsense", "Failed to verify DPoP proof: Invalid Compact JWS"),
    "not of JSON": (lambda app, url: "a.b.c", "Failed to verify DPoP proof: JWS Protected Header is invalid"),
    "no algorithm": (
        lambda app, url: app.proof("POST", url, head={"alg": 7}),
        'Failed to verify DPoP proof: JWS "alg" (Algorithm) Header Parameter missing or invalid',
    ),
    "another type": (
        lambda app, url: app.proof("POST", url, head={"typ": "JWT"}),
        'Failed to verify DPoP proof: unexpected "typ" JWT header value',
    ),
    "no signature": (
        lambda app, url: app.proof("POST", url, head={"alg": "none"}),
        "Failed to verify DPoP proof: alg none is not supported either by JOSE or your javascript runtime",
    ),
    "a shared secret": (
        lambda app, url: app.proof("POST", url, head={"alg": "HS256", "jwk": SHARED}),
        'Failed to verify DPoP proof: "jwk" (JSON Web Key) Header Parameter must be a public key',
    ),
    "the private key": (
        lambda app, url: app.proof("POST", url, head={"jwk": app.key.private_jwk}),
        'Failed to verify DPoP proof: "jwk" (JSON Web Key) Header Parameter must be a public key',
    ),
    "no key": (
        lambda app, url: app.proof("POST", url, head={"jwk": None}),
        'Failed to verify DPoP proof: "jwk" (JSON Web Key) Header Parameter must be a JSON object',
    ),
    "half a key": (
        lambda app, url: app.proof("POST", url, head={"jwk": {"kty": "EC", "crv": "P-256"}}),
        "Failed to verify DPoP proof",
    ),
    "another's signature": (
        lambda app, url: app.proof("POST", url, head={"jwk": OTHER.jwk}),
        "Failed to verify DPoP proof: signature verification failed",
    ),
    "no time": (
        lambda app, url: app.proof("POST", url, iat=None),
        'Failed to verify DPoP proof: missing required "iat" claim',
    ),
    "too old": (
        lambda app, url: app.proof("POST", url, iat=int(app.state.clock()) - 192),
        'Failed to verify DPoP proof: "iat" claim timestamp check failed (too far in the past)',
    ),
    "of the future": (
        lambda app, url: app.proof("POST", url, iat=int(app.state.clock()) + 183),
        'Failed to verify DPoP proof: "iat" claim timestamp check failed (it should be in the past)',
    ),
    "no jti": (lambda app, url: app.proof("POST", url, jti=None), 'DPoP "jti" missing'),
    "another method": (lambda app, url: app.proof("GET", url), 'DPoP "htm" mismatch'),
    "another address": (lambda app, url: app.proof("POST", url + "x"), 'DPoP "htu" mismatch'),
    "another host": (lambda app, url: app.proof("POST", url.replace("127.0.0.1", "127.0.0.2")), 'DPoP "htu" mismatch'),
    "no address": (lambda app, url: app.proof("POST", url, htu=7), 'Invalid DPoP "htu" type'),
    "credentials": (
        lambda app, url: app.proof("POST", url.replace("//", "//a@")),
        'DPoP "htu" must not contain credentials',
    ),
    "a hash of a token": (lambda app, url: app.proof("POST", url, "token"), 'DPoP "ath" claim not allowed'),
}


@pytest.mark.parametrize("how", WRONG)
async def test_a_wrong_proof_is_refused(app: App, how: str) -> None:
    make, why = WRONG[how]
    answer = await app.par(make(app, f"{app.url}/oauth/par"))
    assert (answer.status, answer.error, answer.why) == (401, "invalid_dpop_proof", why)
    assert answer.headers["WWW-Authenticate"].startswith("DPoP algs=")
    assert answer.headers["DPoP-Nonce"]


@pytest.mark.parametrize("seconds", [-180, 0, 178])
async def test_a_clock_may_be_three_minutes_wrong(app: App, seconds: int) -> None:
    url = f"{app.url}/oauth/par"
    assert (await app.par(app.proof("POST", url, iat=int(app.state.clock()) + seconds))).status == 201


async def test_an_address_may_be_written_in_other_ways_and_have_a_query(app: App) -> None:
    url = f"{app.url}/oauth/par"
    for same in (url.replace("/oauth/", "/x/../oauth/"), f"{url}?a=b", f"{url}#c", url.replace("http:", "HTTP:")):
        assert (await app.par(app.proof("POST", same))).status == 201


async def test_a_proof_is_good_once_and_a_jti_is_remembered_for_three_minutes(app: App) -> None:
    proof = app.proof("POST", f"{app.url}/oauth/par", jti="one")
    assert (await app.par(proof)).status == 201
    again = await app.par(proof)
    assert (again.status, again.error, again.why) == (401, "invalid_dpop_proof", "DPoP proof replayed")
    app.later(200)
    await app.pushed()
    assert (await app.par(app.proof("POST", f"{app.url}/oauth/par", jti="one"))).status == 201


async def test_a_nonce_is_good_for_three_minutes_and_the_answer_brings_the_next(app: App) -> None:
    first = app.nonce
    app.later(59)
    assert (await app.par()).status == 201
    app.nonce = first
    app.later(60)
    assert (await app.par()).status == 201
    app.nonce = first
    app.later(62)
    late = await app.par()
    assert (late.status, late.error, late.why) == (400, "use_dpop_nonce", 'DPoP "nonce" mismatch')
    assert "WWW-Authenticate" not in late.headers
    assert app.nonce != first
    assert (await app.par()).status == 201
    app.nonce = "invented"
    assert (await app.par()).error == "use_dpop_nonce"


async def test_the_resource_server_asks_for_a_nonce_in_a_header_and_in_words_of_its_own(app: App) -> None:
    token, app.nonce = (await app.connected())["access_token"], ""
    answer = await app.call("GET", SESSION, token)
    assert (answer.status, answer.error) == (401, "use_dpop_nonce")
    assert answer.why == "Authorization server requires nonce in DPoP proof"
    said = answer.headers["WWW-Authenticate"]
    assert said.startswith("DPoP algs=")
    assert 'error="use_dpop_nonce", error_description="Authorization server requires nonce in DPoP proof"' in said
    assert (await app.call("GET", SESSION, token)).status == 200


async def test_a_token_is_bound_to_its_key_and_its_proof_to_the_token(app: App) -> None:
    token, url = (await app.connected())["access_token"], f"{app.url}/xrpc/{SESSION}"
    for proof, error, why in (
        ("", "invalid_dpop_proof", "DPoP proof required"),
        (app.proof("GET", url), "invalid_dpop_proof", 'DPoP "ath" mismatch'),
        (app.proof("GET", url, ath=s256("other")), "invalid_dpop_proof", 'DPoP "ath" mismatch'),
        (app.proof("GET", url, token, key=OTHER), "invalid_token", "Invalid DPoP key binding"),
    ):
        answer = await app.call("GET", SESSION, token, proof)
        assert (answer.status, answer.error, answer.why) == (401, error, why)
        assert f'error="{error}"' in answer.headers["WWW-Authenticate"]
    forged = await app.call("GET", SESSION, f"{token[:-2]}xx")
    assert (forged.status, forged.error) == (401, "invalid_token")


async def test_an_access_token_lives_for_an_hour(app: App) -> None:
    token = (await app.connected())["access_token"]
    app.later(3580)
    assert (await app.call("GET", SESSION, token)).error == "use_dpop_nonce"
    assert (await app.call("GET", SESSION, token)).status == 200
    app.later(21)
    late = await app.call("GET", SESSION, token)
    assert (late.status, late.error, late.why) == (401, "invalid_token", '"exp" claim timestamp check failed')


async def test_the_two_kinds_of_tokens_are_not_mixed_up(app: App) -> None:
    token = (await app.connected())["access_token"]
    bearer = await app.call("GET", SESSION, token, headers={"Authorization": f"Bearer {token}"})
    assert (bearer.status, bearer.error, bearer.why) == (400, "InvalidToken", "Malformed token")
    made = app.state.make_app_password(BEA, "Grapevine").password
    pair = await app.call(
        "POST", "com.atproto.server.createSession", "", "", json={"identifier": "bea.test", "password": made},
        headers={"Authorization": ""},
    )  # fmt: skip
    mixed = await app.call("GET", SESSION, str(pair.body["accessJwt"]))
    assert (mixed.status, mixed.error) == (401, "invalid_token")
    assert mixed.headers["WWW-Authenticate"].startswith("Bearer error=")
    for method in ("refreshSession", "deleteSession"):
        answer = await app.call("POST", f"com.atproto.server.{method}", token)
        assert (answer.status, answer.error) == (401, "AuthMissing")


UPLOAD = "com.atproto.repo.uploadBlob"
PUT, DELETE = "com.atproto.repo.putRecord", "com.atproto.repo.deleteRecord"
POSTS = "repo:app.bsky.feed.post"


@pytest.mark.parametrize(
    ("scope", "method", "more", "missing"),
    [
        (f"{POSTS}?action=create", CREATE, {}, ""),
        (f"{POSTS}?action=create", PUT, {}, f"{POSTS}?action=update"),
        (f"{POSTS}?action=update", PUT, {}, f"{POSTS}?action=create"),
        (f"{POSTS}?action=create&action=update", PUT, {}, ""),
        (f"{POSTS}?action=create", DELETE, {}, f"{POSTS}?action=delete"),
        (POSTS, DELETE, {}, ""),
        ("repo:*?action=create", CREATE, {}, ""),
        ("repo?collection=app.bsky.feed.post&collection=app.bsky.feed.like", CREATE, {}, ""),
        ("repo:app.bsky.feed.like", CREATE, {}, f"{POSTS}?action=create"),
        ("blob:*/*", CREATE, {}, f"{POSTS}?action=create"),
        ("transition:generic", PUT, {}, ""),
        ("blob:image/*", UPLOAD, "image/png", ""),
        ("blob:image/*", UPLOAD, "video/mp4", "blob:video/mp4"),
        ("blob:image/*", UPLOAD, "*/*", "blob:*/*"),
        ("blob?accept=video/*&accept=image/png", UPLOAD, "image/png", ""),
        ("blob:image/jpeg", UPLOAD, "image/png", "blob:image/png"),
        ("transition:generic", UPLOAD, "*/*", ""),
        (POSTS, UPLOAD, "image/png", "blob:image/png"),
    ],
)
async def test_a_scope_allows_what_it_says(app: App, scope: str, method: str, more: Any, missing: str) -> None:
    session = await app.scoped(f"atproto {scope}")
    said: Any = {"data": b"\x89PNG", "headers": {"Content-Type": more}} if method == UPLOAD else {"json": PLACE}
    answer = await app.call("POST", method, session["access_token"], **said)
    if not missing:
        assert answer.status == 200
    else:
        expected = (403, "ScopeMissingError", f'Missing required scope "{missing}"')
        assert (answer.status, answer.error, answer.why) == expected
        assert answer.headers["DPoP-Nonce"]
