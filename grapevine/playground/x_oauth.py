"""OAuth 1.0a as X does it: who signed a request, and the three steps of the dance except its pages.

https://docs.x.com/fundamentals/authentication/oauth-1-0a/obtaining-user-access-tokens
"""

import json
import secrets
from typing import Any, NoReturn
from urllib.parse import parse_qsl, urlencode

from aiohttp import web

from grapevine.playground.signature import parse_authorization, signed
from grapevine.playground.x_state import STATE, AccessToken, RequestToken

CLOCK_SKEW = 300.0
REQUEST_TOKEN_LIFE = 3600.0


def deny(status: int, code: int, message: str) -> NoReturn:
    """X's error of the 1.1 form."""
    raise _answer(status, {"errors": [{"code": code, "message": message}]})


def _answer(status: int, body: Any) -> web.HTTPException:
    kind = {401: web.HTTPUnauthorized, 403: web.HTTPForbidden, 400: web.HTTPBadRequest}[status]
    return kind(text=json.dumps(body), content_type="application/json")


async def check(request: web.Request, token_secret: str = "") -> dict[str, str]:
    """The request's OAuth parameters once key, timestamp, signature and nonce are right; else X's 401."""
    state = request.app[STATE]
    oauth = parse_authorization(request.headers.get("Authorization", ""))
    if not oauth:
        deny(400, 215, "Bad Authentication data.")
    body: list[tuple[str, str]] = []
    if request.content_type == "application/x-www-form-urlencoded":
        body = parse_qsl(await request.text(), keep_blank_values=True)
    address = f"{request.scheme}://{request.host}{request.raw_path}"
    if oauth.get("oauth_consumer_key") != state.api_key or not signed(
        request.method, address, oauth, body, state.api_secret, token_secret
    ):
        deny(401, 32, "Could not authenticate you.")
    stamp, nonce = oauth.get("oauth_timestamp", ""), oauth.get("oauth_nonce", "")
    now = state.clock()
    if not stamp.isdigit() or abs(now - int(stamp)) > CLOCK_SKEW:
        deny(401, 135, "Timestamp out of bounds.")
    state.nonces = {seen: at for seen, at in state.nonces.items() if now - at <= 2 * CLOCK_SKEW}
    seen = f"{oauth.get('oauth_token', '')} {stamp} {nonce}"
    if not nonce or seen in state.nonces:
        deny(401, 32, "Could not authenticate you.")
    state.nonces[seen] = now
    return oauth


async def member(request: web.Request) -> AccessToken:
    """The access token that signed the request."""
    state = request.app[STATE]
    oauth = parse_authorization(request.headers.get("Authorization", ""))
    if not oauth:
        deny(401, 215, "Bad Authentication data.")
    token = state.access_tokens.get(oauth.get("oauth_token", ""))
    if token is None:
        deny(401, 89, "Invalid or expired token.")
    await check(request, token.secret)
    return token


async def request_token(request: web.Request) -> web.Response:
    state = request.app[STATE]
    oauth = await check(request)
    callback = oauth.get("oauth_callback", "")
    if callback != "oob" and not any(callback.startswith(listed) for listed in state.callbacks):
        deny(
            403,
            415,
            "Callback URL not approved for this client application.",
        )
    made = RequestToken(secrets.token_urlsafe(20), secrets.token_urlsafe(24), callback, state.clock())
    state.request_tokens[made.token] = made
    fields = {"oauth_token": made.token, "oauth_token_secret": made.secret, "oauth_callback_confirmed": "true"}
    return web.Response(text=urlencode(fields), content_type="text/html")  # X says text/html here


async def access_token(request: web.Request) -> web.Response:
    state = request.app[STATE]
    named = parse_authorization(request.headers.get("Authorization", "")).get("oauth_token", "")
    held = state.request_tokens.get(named)
    if held is None or state.clock() - held.created > REQUEST_TOKEN_LIFE:
        raise web.HTTPUnauthorized(text="Request token missing")
    oauth = await check(request, held.secret)
    body = dict(parse_qsl(await request.text())) if request.can_read_body else {}
    verifier = oauth.get("oauth_verifier") or body.get("oauth_verifier", "")
    if held.person is None or held.verifier is None or not secrets.compare_digest(verifier, held.verifier):
        raise web.HTTPUnauthorized(text="Error processing your OAuth request: Invalid oauth_verifier parameter")
    del state.request_tokens[held.token]
    token = state.issue(held.person)
    fields = {
        "oauth_token": token.token,
        "oauth_token_secret": token.secret,
        "user_id": token.person.id,
        "screen_name": token.person.handle,
    }
    return web.Response(text=urlencode(fields), content_type="text/html")


async def invalidate_token(request: web.Request) -> web.Response:
    token = await member(request)
    del request.app[STATE].access_tokens[token.token]
    return web.json_response({"access_token": token.token})
