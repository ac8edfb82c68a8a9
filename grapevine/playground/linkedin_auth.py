"""www.linkedin.com as an app meets it: the prompt and the tokens."""

import re
import secrets
from functools import partial
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from grapevine.playground import faults, linkedin_feed, linkedin_pages
from grapevine.playground.linkedin_faults import MODES, broken
from grapevine.playground.linkedin_state import CODE_LIFE, MEMBERS, STATE, Code, LinkedInStandIn, Token

COOKIE = "linkedin_member"
_API = re.compile(r"/oauth/v2/(?!authorization).*")


def create_app(state: LinkedInStandIn) -> web.Application:
    # faults strike what machines call, not the pages that people look at
    app = web.Application(middlewares=[faults.breaking(state, _API, broken)])
    app[STATE] = state
    app.add_routes(
        [
            *linkedin_feed.ROUTES,
            *faults.switches(state, MODES, partial(linkedin_feed.take_back, state)),
            web.get("/oauth/v2/authorization", prompt, name="prompt"),
            web.post("/oauth/v2/authorization", decide),
            web.post("/oauth/v2/accessToken", access_token),
            web.post("/oauth/v2/introspectToken", introspect),
            web.post("/oauth/v2/revoke", revoke),
        ]
    )
    return app


async def prompt(request: web.Request) -> web.Response:
    state = request.app[STATE]
    if refused := _bad_request(state, request):
        return refused
    wanted = request.query.get("scope", "").split()
    if not_ours := [scope for scope in wanted if scope not in state.scopes]:
        return _back(
            request,
            error="unauthorized_scope_error",
            error_description=f'Scope "{not_ours[0]}" is not authorized for your application',
        )
    here = str(request.rel_url)
    member = MEMBERS.get(request.cookies.get(COOKIE, ""))
    if member is None:
        return linkedin_pages.login(request, here)
    return linkedin_pages.consent(request, here, member, wanted)


async def decide(request: web.Request) -> web.Response:
    state = request.app[STATE]
    if refused := _bad_request(state, request):
        return refused
    form = await request.post()
    if (name := str(form.get("member", ""))) in MEMBERS or "another" in form:
        answer = web.Response(status=303, headers={"Location": str(request.rel_url)})
        answer.set_cookie(COOKIE, name, httponly=True, samesite="Lax")
        return answer
    member = MEMBERS.get(request.cookies.get(COOKIE, ""))
    if member is None:
        return _back(
            request,
            error="user_cancelled_login",
            error_description="The user cancelled LinkedIn login",
        )
    if form.get("answer") != "allow":
        return _back(
            request,
            error="user_cancelled_authorize",
            error_description="The user cancelled the authorization",
        )
    code = "AQT" + secrets.token_urlsafe(32)
    scopes = tuple(request.query.get("scope", "").split())
    state.codes[code] = Code(member, scopes, request.query["redirect_uri"], state.clock())
    return _back(request, code=code)


def _bad_request(state: LinkedInStandIn, request: web.Request) -> web.Response | None:
    """LinkedIn shows these on its own page; nothing goes back to the app."""
    asked = request.query
    wrong = None
    if asked.get("client_id") != state.client_id:
        wrong = "The passed in client_id is invalid"
    elif not state.registered(asked.get("redirect_uri", "")):
        wrong = "The redirect_uri does not match the registered value"
    elif asked.get("response_type") != "code":
        wrong = 'A required parameter "response_type" is missing or wrong'
    elif "prompt" in asked or not asked.get("scope"):
        wrong = "Please try again later"
    return linkedin_pages.bummer(request, wrong) if wrong else None


def _back(request: web.Request, **answer: str) -> web.Response:
    """Redirect to the app. Parameters of the redirect address itself are ignored by LinkedIn: only *state* travels."""
    if "state" in request.query:
        answer["state"] = request.query["state"]
    where = request.query["redirect_uri"].partition("?")[0]
    return web.Response(status=303, headers={"Location": f"{where}?{urlencode(answer)}"})


def _error(status: int, error: str, description: str) -> web.Response:
    return web.json_response({"error": error, "error_description": description}, status=status)


async def _form(request: web.Request, *needed: str) -> tuple[dict[str, str], web.Response | None]:
    """The fields of a call by the app; HTTP Basic and PKCE are refused, as is a wrong secret."""
    state = request.app[STATE]
    fields = {name: str(value) for name, value in (await request.post()).items()}
    if request.content_type != "application/x-www-form-urlencoded":
        return fields, _error(400, "invalid_request", "The request should be a form")
    for name in (*needed, "client_id", "client_secret"):
        if not fields.get(name):
            return fields, _error(400, "invalid_request", f'A required parameter "{name}" is missing')
    right = (fields["client_id"], fields["client_secret"]) == (state.client_id, state.client_secret)
    if not right or "Authorization" in request.headers or "code_verifier" in fields:
        return fields, _error(401, "invalid_client", "Client authentication failed")
    return fields, None


async def access_token(request: web.Request) -> web.Response:
    state = request.app[STATE]
    fields, refused = await _form(request, "grant_type")
    if refused:
        return refused
    if fields["grant_type"] == "refresh_token":
        return _refreshed(state, fields.get("refresh_token", ""))
    if fields["grant_type"] != "authorization_code":
        return _error(400, "unsupported_grant_type", "The grant type is not supported")
    for name in ("code", "redirect_uri"):
        if not fields.get(name):
            return _error(400, "invalid_request", f'A required parameter "{name}" is missing')
    code = state.codes.get(fields["code"])
    if code is None or code.used:
        said = "Unable to retrieve access token: authorization code not found"
        return _error(401, "invalid_request", said)
    code.used = True
    if code.redirect_uri != fields["redirect_uri"] or state.clock() - code.made > CODE_LIFE:
        said = (
            "Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code. "
            "Or authorization code expired. Or external member binding exists"
        )
        return _error(400, "invalid_redirect_uri", said)
    access = state.new_token(code.member, code.scopes)
    return web.json_response(_told(state, access, state.tokens[access]))


def _refreshed(state: LinkedInStandIn, refresh: str) -> web.Response:
    for token in list(state.tokens.values()):
        if refresh and token.refresh == refresh and not token.revoked:
            access = state.new_token(token.member, token.scopes, refresh)
            return web.json_response(_told(state, access, state.tokens[access]))
    said = "The provided authorization grant or refresh token is invalid, expired or revoked"
    return _error(400, "invalid_request", said)


def _told(state: LinkedInStandIn, access: str, token: Token) -> dict[str, Any]:
    """No token_type, and commas between the scopes: so does LinkedIn."""
    told: dict[str, Any] = {
        "access_token": access,
        "expires_in": int(state.token_life),
        "scope": ",".join(token.scopes),
    }
    if token.refresh:
        told |= {"refresh_token": token.refresh, "refresh_token_expires_in": 31536000}
    if "openid" in token.scopes:
        told |= {"id_token": "e30.e30.unsigned"}
    return told


async def introspect(request: web.Request) -> web.Response:
    state = request.app[STATE]
    fields, refused = await _form(request, "token")
    if refused:
        return refused
    token = state.tokens.get(fields["token"])
    if token is None:
        return web.json_response({"active": False})
    expired = state.clock() >= token.expires
    return web.json_response(
        {
            "active": not (token.revoked or expired),
            "client_id": state.client_id,
            "authorized_at": int(token.made),
            "created_at": int(token.made),
            "status": "revoked" if token.revoked else "expired" if expired else "active",
            "expires_at": int(token.expires),
            "scope": ",".join(token.scopes),
            "auth_type": "3L",
        }
    )


async def revoke(request: web.Request) -> web.Response:
    state = request.app[STATE]
    fields, refused = await _form(request, "token")
    if refused:
        return refused
    if token := state.tokens.get(fields["token"]):
        token.revoked = True
    return web.Response()
