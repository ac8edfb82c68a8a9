"""Proofs that whoever calls has the key that a token is bound to: https://www.rfc-editor.org/rfc/rfc9449

Checked as packages/oauth/oauth-provider/src/dpop/dpop-manager.ts of the reference server checks them.
"""

import base64
import hashlib
import hmac
import secrets

from aiohttp import web
from aiohttp.typedefs import Handler
from yarl import URL

from grapevine.playground.bluesky_grants import NONCE_LIFE
from grapevine.playground.bluesky_jwt import WrongToken, opened, public_key
from grapevine.playground.bluesky_refusal import OAuthError, invalid_proof
from grapevine.playground.bluesky_state import STATE

#: the fault that this request is to see, where its handler shows it
FAULT = web.RequestKey("fault", str)
_AGE = 10


def proof(request: web.Request, token: str = "") -> str:
    """The thumbprint of the key that signed the request's proof, empty without one; `OAuthError` for a wrong one."""
    shown, state = request.headers.getall("DPoP", []), request.app[STATE]
    if not shown:
        return ""
    if len(shown) > 1:
        raise invalid_proof("DPoP header must contain a single proof")
    if not shown[0]:
        raise invalid_proof("DPoP header cannot be empty")
    try:
        said, headers = opened(
            shown[0], lambda head: public_key(head.get("jwk")), state.clock(),
            age=_AGE, tolerance=NONCE_LIFE, typ="dpop+jwt",
        )  # fmt: skip
        jkt = public_key(headers["jwk"]).thumbprint()
    except WrongToken as wrong:
        raise invalid_proof(wrong.of("Failed to verify DPoP proof")) from None
    nonce, jti, htu = said.get("nonce"), said.get("jti"), said.get("htu")
    if nonce is not None and not isinstance(nonce, str):
        raise invalid_proof('Invalid DPoP "nonce" type')
    if not jti or not isinstance(jti, str):
        raise invalid_proof('DPoP "jti" missing')
    if said.get("htm") != request.method:
        raise invalid_proof('DPoP "htm" mismatch')
    if not htu or not isinstance(htu, str):
        raise invalid_proof('Invalid DPoP "htu" type')
    if _place(htu) != _place(str(request.url)):
        raise invalid_proof('DPoP "htu" mismatch')
    if not nonce:
        raise OAuthError("use_dpop_nonce", "Authorization server requires nonce in DPoP proof")
    if nonce not in _good_nonces(request):
        raise OAuthError("use_dpop_nonce", 'DPoP "nonce" mismatch')
    if token and said.get("ath") != _hash(token):
        raise invalid_proof('DPoP "ath" mismatch')
    if not token and "ath" in said:
        raise invalid_proof('DPoP "ath" claim not allowed')
    if not state.oauth.unique("DPoP", jti, NONCE_LIFE * 1.1):
        raise invalid_proof("DPoP proof replayed")
    return jkt


@web.middleware
async def nonces(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every answer to an app, also one that refuses, brings the nonce for its next proof."""
    try:
        answer = await handler(request)
    except web.HTTPException as refusal:
        _bring(request, refusal)
        raise
    _bring(request, answer)
    return answer


def is_dpop(request: web.Request) -> bool:
    """Whether it comes with an access token of OAuth's."""
    return request.headers.get("Authorization", "").lower().startswith("dpop ")


def _bring(request: web.Request, answer: web.StreamResponse) -> None:
    inside = request.path.rpartition("/oauth/")[2]
    if inside not in ("par", "token", "revoke") and not is_dpop(request):
        return
    oauth = request.app[STATE].oauth
    if request.get(FAULT) == "nonce":
        oauth.only_nonce = secrets.token_urlsafe(24)
        answer.headers["DPoP-Nonce"] = oauth.only_nonce
    else:
        answer.headers["DPoP-Nonce"] = oauth.nonces(_key(request))[-1]
    answer.headers["Access-Control-Expose-Headers"] = "DPoP-Nonce, WWW-Authenticate"


def _good_nonces(request: web.Request) -> tuple[str, ...]:
    oauth = request.app[STATE].oauth
    return (oauth.only_nonce,) if request.get(FAULT) == "nonce" else oauth.nonces(_key(request))


def _key(request: web.Request) -> bytes:
    """Each server's own: an entryway and the servers behind it know nothing of one another's nonces."""
    mounted = request.app.router["feed"].url_for().path
    return hmac.digest(bytes.fromhex(request.app[STATE].key), mounted.encode(), hashlib.sha256)


def _place(address: str) -> tuple[str, str, int | None, str]:
    try:
        url = URL(address)
    except ValueError:
        raise invalid_proof('DPoP "htu" is not a valid URL') from None
    if url.user is not None or url.password is not None:
        raise invalid_proof('DPoP "htu" must not contain credentials')
    if url.scheme not in ("http", "https"):
        raise invalid_proof('DPoP "htu" must be http or https')
    return url.scheme, url.host or "", url.port, url.path


def _hash(token: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).decode().rstrip("=")
