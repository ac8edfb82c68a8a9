"""api.linkedin.com: who may call what, in which version; profiles and connections."""

from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from grapevine.playground import faults, linkedin_counts, linkedin_posts, linkedin_videos
from grapevine.playground.linkedin_answers import TOKEN, denied, refusal
from grapevine.playground.linkedin_faults import REVOKED, THROTTLED, broken
from grapevine.playground.linkedin_state import MEMBERS, STATE, LinkedInStandIn, Member
from grapevine.playground.pages import face


def create_app(state: LinkedInStandIn) -> web.Application:
    app = web.Application(middlewares=[_gate], client_max_size=20 << 20)
    app[STATE] = state
    app.add_routes(
        [
            *linkedin_posts.ROUTES,
            *linkedin_videos.ROUTES,
            *linkedin_counts.ROUTES,
            web.get("/v2/userinfo", userinfo),
            web.get("/v2/me", me),
            web.get("/v2/connections/{urn}", connections),
            web.get("/pictures/{name}.svg", picture, name="picture"),
        ]
    )
    return app


@web.middleware
async def _gate(request: web.Request, handler: Handler) -> web.StreamResponse:
    mounted_at = request.app.router["picture"].canonical.removesuffix("/pictures/{name}.svg")
    path = request.path.removeprefix(mounted_at)
    if path.startswith("/pictures/"):
        return await handler(request)
    state = request.app[STATE]
    del state.calls[:-999]  # a demo may run for days
    state.calls.append(f"{request.method} {path}")

    async def allowed(asked: web.Request) -> web.StreamResponse:
        return await _allowed(state, asked, path, handler)

    return await faults.spoiled(state, path, request, allowed, broken)


async def _allowed(state: LinkedInStandIn, request: web.Request, path: str, handler: Handler) -> web.StreamResponse:
    if path.startswith("/rest/") and (refused := _wrong_version(state, request)):
        return refused
    kind, _, access = request.headers.get("Authorization", "").partition(" ")
    if kind != "Bearer" or not access:
        return refusal(401, "EMPTY_ACCESS_TOKEN", "Empty oauth2_access_token", 401)
    token = state.tokens.get(access)
    now = state.clock()
    if token is None:
        return refusal(401, "INVALID_ACCESS_TOKEN", "Invalid access token", 65600)
    if token.revoked or now - token.made < state.settling:
        return web.json_response(REVOKED, status=401)
    if now >= token.expires:
        return refusal(401, "EXPIRED_ACCESS_TOKEN", "The token used in the request has expired", 65602)
    if state.quota is not None:
        if state.quota <= 0:
            return web.json_response(THROTTLED, status=429)
        state.quota -= 1
    request[TOKEN] = token
    return await handler(request)


def _wrong_version(state: LinkedInStandIn, request: web.Request) -> web.Response | None:
    version = request.headers.get("Linkedin-Version")
    if version is None:
        said = "A version must be present. Please specify a version by adding the Linkedin-Version header."
        return refusal(400, "VERSION_MISSING", said)
    if version not in state.versions():
        return refusal(426, "NONEXISTENT_VERSION", f"Requested version {version} is not active")
    if request.headers.get("X-Restli-Protocol-Version") != "2.0.0":
        return refusal(400, "ILLEGAL_ARGUMENT", "This resource is served to Rest.li protocol 2.0.0 only")
    return None


def _picture(request: web.Request, member: Member) -> str:
    key = next(key for key, one in MEMBERS.items() if one == member)
    return str(request.url.join(request.app.router["picture"].url_for(name=key)))


async def userinfo(request: web.Request) -> web.Response:
    token = request[TOKEN]
    if "openid" not in token.scopes:
        return denied("userinfo.GET.NO_VERSION")
    member = token.member
    return web.json_response(
        {
            "sub": member.id,
            "name": member.name,
            "given_name": member.given,
            "family_name": member.family,
            "picture": _picture(request, member),
            "locale": {"country": "SE", "language": "en"},
        }
    )


async def me(request: web.Request) -> web.Response:
    token = request[TOKEN]
    if "r_basicprofile" not in token.scopes:
        return denied("me.GET.NO_VERSION")
    member = token.member
    told: dict[str, Any] = {
        "id": member.id,
        "localizedFirstName": member.given,
        "localizedLastName": member.family,
        "vanityName": f"{member.given}-{member.family}".lower(),
    }
    if "displayImage~:playableStreams" in request.query.get("projection", ""):
        streams = {"elements": [{"identifiers": [{"identifier": _picture(request, member)}]}]}
        told["profilePicture"] = {
            "displayImage": "urn:li:digitalmediaAsset:C4E03AQ",
            "displayImage~": streams,
        }
    return web.json_response(told)


async def connections(request: web.Request) -> web.Response:
    token = request[TOKEN]
    forbidden = "connections" in request.app[STATE].forbidden
    if forbidden or "r_1st_connections_size" not in token.scopes or request.match_info["urn"] != token.member.urn:
        return denied("connections.GET.NO_VERSION")
    return web.json_response({"firstDegreeSize": token.member.connections})


async def picture(request: web.Request) -> web.Response:
    member = MEMBERS.get(request.match_info["name"])
    if member is None:
        raise web.HTTPNotFound
    return face(member.name, member.colour)
