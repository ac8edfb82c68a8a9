"""The feed that people look at, and the page on which things are made to go wrong."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from grapevine.playground import linkedin_pages
from grapevine.playground.faults import switch
from grapevine.playground.linkedin_faults import MODES
from grapevine.playground.linkedin_state import MEMBERS, RESOURCES, STATE, LinkedInStandIn
from grapevine.playground.pages import face, path


async def feed(request: web.Request) -> web.Response:
    return linkedin_pages.feed(request, request.app[STATE].newest())


async def update(request: web.Request) -> web.Response:
    post = request.app[STATE].post(request.match_info["urn"])
    if post is None:
        return linkedin_pages.bummer(request, "This post cannot be displayed", 404)
    return linkedin_pages.feed(request, [post])


async def react(request: web.Request) -> web.Response:
    kind = str((await request.post()).get("reaction", ""))
    if kind not in ("likes", "comments", "reshares"):
        raise web.HTTPBadRequest
    if request.app[STATE].react(request.match_info["urn"], **{kind: 1}) is None:
        raise web.HTTPNotFound
    raise web.HTTPSeeOther(f"{path(request, 'feed')}#{request.match_info['urn']}")


async def picture(request: web.Request) -> web.Response:
    member = MEMBERS.get(request.match_info["name"])
    if member is None:
        raise web.HTTPNotFound
    return face(member.name, member.colour)


async def image(request: web.Request) -> web.Response:
    stored = request.app[STATE].images.get(request.match_info["urn"])
    if stored is None:
        raise web.HTTPNotFound
    kind = "video/mp4" if stored.content[4:8] == b"ftyp" else "image/png"
    return web.Response(body=stored.content, content_type=kind)


async def faults(request: web.Request) -> web.Response:
    return linkedin_pages.faults(request, request.app[STATE].fault)


async def set_fault(request: web.Request) -> web.Response:
    state = request.app[STATE]
    form = await request.post()
    take_back(state, form)
    if "fault" in form:
        switch(state, MODES, form)
    raise web.HTTPSeeOther(path(request, "faults"))


def take_back(state: LinkedInStandIn, asked: Mapping[str, Any]) -> None:
    """``{"revoke": "bea"}``: the member removes the app. ``{"deny": "socialMetadata"}``: the app may not use that.

    Denied once more, it may.
    """
    if member := MEMBERS.get(str(asked.get("revoke", ""))):
        state.revoke(member)
    if (resource := asked.get("deny")) in RESOURCES:
        state.forbidden ^= {str(resource)}


ROUTES = (
    web.get("/", feed, name="feed"),
    web.get("", feed),
    web.get("/feed/update/{urn}", update, name="post"),
    web.post("/feed/update/{urn}", react),
    web.get("/pictures/{name}.svg", picture, name="picture"),
    web.get("/images/{urn}", image),
    web.get("/faults", faults, name="faults"),
    web.post("/faults", set_fault),
)
