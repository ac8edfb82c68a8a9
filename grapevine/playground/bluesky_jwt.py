"""Signed tokens that others made: their signatures by jwskate, their claims by the rules and in the words of "jose".

The reference server checks proofs and assertions with https://github.com/panva/jose; its clock counts whole seconds.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jwskate import Jwk, SignedJwt

from grapevine.playground.bluesky_refusal import ALGORITHMS

Headers = Mapping[str, Any]
_PRIVATE = ("d", "k", "p", "q", "dp", "dq", "qi")


class WrongToken(Exception):
    """Why a token is none, or not right; empty where the reference server has no word for it."""

    def of(self, what: str) -> str:
        return f"{what}: {self}" if str(self) else what


def opened(
    token: str, key_of: Callable[[Headers], Jwk], now: float, *, age: float, tolerance: float = 0, typ: str = "",
    issuer: str = "", subject: str = "", audience: str = "", required: Sequence[str] = (),
) -> tuple[dict[str, Any], Headers]:  # fmt: skip
    """Claims and headers of a token that is right; `WrongToken` says why it is not. *age*, *tolerance*: seconds."""
    try:
        read = SignedJwt(token)
        headers, claims = read.headers, read.claims
    except (ValueError, TypeError, RecursionError):
        raise WrongToken(
            "JWS Protected Header is invalid" if token.count(".") == 2 else "Invalid Compact JWS"
        ) from None
    if not isinstance(headers, dict) or not isinstance(headers.get("alg"), str):
        raise WrongToken('JWS "alg" (Algorithm) Header Parameter missing or invalid')
    key = key_of(headers)
    if headers["alg"] not in ALGORITHMS:
        raise WrongToken(f"alg {headers['alg']} is not supported either by JOSE or your javascript runtime")
    try:
        right = key.verify(read.signed_part, read.signature, alg=str(headers["alg"]))
    except (ValueError, TypeError, LookupError, AttributeError):
        right = False
    if not right:
        raise WrongToken("signature verification failed")
    if not isinstance(claims, dict):
        raise WrongToken("JWT Claims Set must be a top-level JSON object")
    if typ and str(headers.get("typ", "")).lower().removeprefix("application/") != typ:
        raise WrongToken('unexpected "typ" JWT header value')
    expected = {"iss": issuer, "sub": subject, "aud": audience}
    for name in (*(name for name, value in expected.items() if value), "iat", *required):
        if name not in claims:
            raise WrongToken(f'missing required "{name}" claim')
    for name, value in expected.items():
        said = claims.get(name)
        if value and not (said == value or (name == "aud" and isinstance(said, list) and value in said)):
            raise WrongToken(f'unexpected "{name}" claim value')
    _in_time(claims, int(now), age, tolerance)
    return claims, headers


def _in_time(claims: dict[str, Any], now: int, age: float, tolerance: float) -> None:
    for name in ("iat", "nbf", "exp"):
        value = claims.get(name)
        if name in claims and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise WrongToken(f'"{name}" claim must be a number')
    if claims.get("nbf", now) > now + tolerance:
        raise WrongToken('"nbf" claim timestamp check failed')
    if claims.get("exp", now + 1) <= now - tolerance:
        raise WrongToken('"exp" claim timestamp check failed')
    if now - claims["iat"] - tolerance > age:
        raise WrongToken('"iat" claim timestamp check failed (too far in the past)')
    if now - claims["iat"] < -tolerance:
        raise WrongToken('"iat" claim timestamp check failed (it should be in the past)')


def public_key(value: Any) -> Jwk:
    """The key that *value* is, if anybody may know it; else `WrongToken`."""
    if not isinstance(value, dict):
        raise WrongToken('"jwk" (JSON Web Key) Header Parameter must be a JSON object')
    if value.get("kty") not in ("EC", "RSA") or any(name in value for name in _PRIVATE):
        raise WrongToken('"jwk" (JSON Web Key) Header Parameter must be a public key')
    try:
        return Jwk(value)
    except (ValueError, TypeError, LookupError, AttributeError):
        raise WrongToken from None
