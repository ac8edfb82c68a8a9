"""The feed that people look at, and the page on which things are made to go wrong."""

import json

from aiohttp import web

from grapevine.playground import linkedin_pages
from grapevine.playground.faults import shown, switch
from grapevine.playground.linkedin_faults import MODES
from grapevine.playground.linkedin_state import MEMBERS, STATE
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
    if member := MEMBERS.get(str(form.get("revoke", ""))):
        state.revoke(member)
    else:
        switch(state, MODES, {"fault": form.get("fault")})
    raise web.HTTPSeeOther(path(request, "faults"))


async def control(request: web.Request) -> web.Response:
    """For tests and scripts: the state as JSON; POST switches the fault (and ``"revoke": "bea"``)."""
    state = request.app[STATE]
    if request.method == "POST":
        try:
            wish = await request.json()
            if member := MEMBERS.get(str(wish.get("revoke", ""))):
                state.revoke(member)
            if "fault" in wish:
                switch(state, MODES, wish)
        except (json.JSONDecodeError, AttributeError, TypeError, ValueError) as error:
            return web.json_response({"error": str(error)}, status=400)
    return web.json_response(shown(state))


ROUTES = (
    web.get("/", feed, name="feed"),
    web.get("", feed),
    web.get("/feed/update/{urn}", update, name="post"),
    web.post("/feed/update/{urn}", react),
    web.get("/pictures/{name}.svg", picture, name="picture"),
    web.get("/images/{urn}", image),
    web.get("/faults", faults, name="faults"),
    web.post("/faults", set_fault),
    web.get("/_control", control),
    web.post("/_control", control),
)
