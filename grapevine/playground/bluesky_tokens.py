"""The stand-in's own tokens: JSON Web Tokens by HMAC, which nobody but itself can read or make."""

import base64
import hashlib
import hmac
import json
from typing import Any

from grapevine.playground.bluesky_state import BlueskyStandIn

#: whom they are for
AUDIENCE = "did:web:127.0.0.1"


def signed(state: BlueskyStandIn, claims: dict[str, Any]) -> str:
    head = _b64(json.dumps({"typ": "at+jwt", "alg": "HS256"}).encode())
    payload = f"{head}.{_b64(json.dumps(claims).encode())}"
    return f"{payload}.{_b64(_signature(state, payload))}"


def read(state: BlueskyStandIn, token: str) -> dict[str, Any]:
    """The claims of a token that was signed here, be it expired or not; ValueError for any other."""
    payload, _, signature = token.rpartition(".")
    if not payload or not hmac.compare_digest(signature.encode(), _b64(_signature(state, payload)).encode()):
        raise ValueError("signature verification failed")
    middle = payload.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    return claims


def _signature(state: BlueskyStandIn, payload: str) -> bytes:
    return hmac.digest(bytes.fromhex(state.key), payload.encode(), hashlib.sha256)


def _b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
