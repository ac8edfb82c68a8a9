"""The stand-in's pages for people: what a post looks like, and the integrations."""

from html import escape

from aiohttp import web

from grapevine.playground.facebook_state import PEOPLE, STATE, Post
from grapevine.playground.feed import Counter, Shown
from grapevine.playground.pages import Site, face, form, image, path

SITE = Site(
    "Facebook (stand-in)",
    " | Facebook (stand-in)",
    {"feed": "Home", "integrations": "Business integrations", "faults": "Faults"},
    own="#0b57a4",
    ground="#f0f2f5",
    line="#d8dce2",
    style="fieldset{border:1px solid var(--line);margin:0 0 1rem} label{display:block;padding:.35rem 0}",
)
COUNTERS = {
    "like": Counter("likes", "reaction", "reactions"),
    "comment": Counter("comments", "comment", "comments"),
    "share": Counter("shares", "share", "shares"),
}


def shown(request: web.Request, post: Post) -> Shown:
    state, link = request.app[STATE], escape(post.link)
    card = f'<a class="card" href="{link}" rel="noopener">{link}</a>' if link else ""
    photos = "".join(image(request, photo, state.photos[photo][3] or "Photo") for photo in post.photos)
    address = path(request, "post", id=post.id)
    return Shown(state.pages[post.page].name, "", f"{post.page}.svg", address, escape(post.message), card + photos)


async def picture(request: web.Request) -> web.Response:
    """A Page's face, or an image that came with a post."""
    state, name = request.app[STATE], request.match_info["name"]
    if name in state.photos:
        return web.Response(body=state.photos[name][1], content_type=state.photos[name][2])
    page = state.pages.get(name.removesuffix(".svg"))
    if page is None:
        raise web.HTTPNotFound
    return face(page.name, page.colour)


async def integrations(request: web.Request) -> web.Response:
    """Who has allowed what, and the button that takes it back."""
    state, here = request.app[STATE], path(request, "integrations")
    rows = "".join(
        f"<li>{p.name}: Grapevine, for {escape(_pages(request, state.grants[p.id].pages))} "
        f"{form(here, f'Remove Grapevine for {p.name}', person=p.id)}</li>"
        for p in PEOPLE
        if p.id in state.grants
    )
    body = f'<ul class="plain">{rows}</ul>' if rows else "<p>Nobody has connected an app.</p>"
    return SITE.page(request, "Business integrations", f"<section><h1>Business integrations</h1>{body}</section>")


def _pages(request: web.Request, ids: tuple[str, ...]) -> str:
    known = request.app[STATE].pages
    return ", ".join(known[number].name for number in ids if number in known) or "no Page"


async def remove(request: web.Request) -> web.StreamResponse:
    request.app[STATE].remove_app(str((await request.post()).get("person", "")))
    raise web.HTTPSeeOther(request.app.router["integrations"].url_for())
