"""The stand-in's pages for people: the feed with its buttons, the integrations, and the faults to try."""

from datetime import UTC, datetime
from html import escape
from typing import Any

from aiohttp import web

from grapevine.playground.facebook_state import MODES, PEOPLE, STATE, Post

_STYLE = """
body{font:16px/1.45 system-ui,sans-serif;margin:0;background:#f0f2f5;color:#1c1e21}
main{max-width:36rem;margin:0 auto;padding:1.25rem}
nav{background:#0b57a4;padding:.6rem 1.25rem;display:flex;gap:1.25rem;align-items:baseline;flex-wrap:wrap}
nav a,nav strong{color:#fff;text-decoration:none;white-space:nowrap}nav a:hover{text-decoration:underline}
article,section{background:#fff;border:1px solid #d8dce2;border-radius:10px;padding:1rem 1.25rem;margin:0 0 1rem}
h1{font-size:1.35rem}p{white-space:pre-wrap;overflow-wrap:anywhere}form.one{display:inline}
header{display:flex;gap:.7rem;align-items:center}header img{border-radius:50%}
small,time{color:#4b5058}footer{display:flex;gap:.5rem;flex-wrap:wrap;align-items:center}
button{font:inherit;border:1px solid #8a919c;border-radius:6px;background:#fff;color:#1c1e21;padding:.35rem .9rem;
cursor:pointer;margin:.2rem 0}button:hover{background:#eef0f3}button.main{background:#0b57a4;color:#fff}
ul.plain{list-style:none;padding:0}ul.plain li{margin:.5rem 0}img.media{max-width:100%;border-radius:8px}
fieldset{border:1px solid #d8dce2;border-radius:8px;margin:0 0 1rem}label{display:block;padding:.35rem 0}
.card{display:block;border:1px solid #d8dce2;border-radius:8px;padding:.6rem .8rem;overflow-wrap:anywhere}
"""


def path(request: web.Request, route: str, /, **parts: str) -> str:
    return str(request.app.router[route].url_for(**parts))


def page(request: web.Request, title: str, body: str, status: int = 200) -> web.Response:
    links = f"""<a href="{path(request, "feed")}">Home</a>
<a href="{path(request, "integrations")}">Business integrations</a> <a href="{path(request, "faults")}">Faults</a>"""
    text = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)} | Facebook (stand-in)
</title><meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<style>{_STYLE}</style></head><body><nav aria-label="Main"><strong>Facebook (stand-in)</strong> {links}</nav>
<main>{body}</main></body></html>"""
    return web.Response(text=text, status=status, content_type="text/html")


def form(action: str, button: str, css: str = "", **fields: str) -> str:
    hidden = "".join(f'<input type="hidden" name="{n}" value="{escape(v)}">' for n, v in fields.items())
    pressed = f'<button class="{css}">{escape(button)}</button>'
    return f'<form class="one" method="post" action="{escape(action)}">{hidden}{pressed}</form>'


async def feed(request: web.Request) -> web.Response:
    posts = request.app[STATE].newest()
    body = "".join(_article(request, post) for post in posts) or "<section><p>No posts yet.</p></section>"
    return page(request, "Home", f"<h1>Home</h1>{body}")


async def one(request: web.Request) -> web.Response:
    post = request.app[STATE].post(request.match_info["id"])
    if post is None:
        gone = "<section><p>This content isn’t available right now.</p></section>"
        return page(request, "Not found", gone, 404)
    return page(request, "Post", _article(request, post))


async def act(request: web.Request) -> web.StreamResponse:
    state, number = request.app[STATE], request.match_info["id"]
    if request.match_info["act"] == "delete":
        state.remove(number)
    else:
        counted: dict[str, Any] = {"like": {"likes": 1}, "comment": {"comments": 1}, "share": {"reshares": 1}}
        if state.react(number, **counted[request.match_info["act"]]) is None:
            raise web.HTTPNotFound
    raise web.HTTPSeeOther(request.app.router["feed"].url_for())


def _article(request: web.Request, post: Post) -> str:
    state = request.app[STATE]
    shown = state.pages[post.page]
    made = datetime.fromtimestamp(post.created, UTC)
    when = f'<time datetime="{made.isoformat()}">{made:%d %b %H:%M} UTC</time>'
    here = {what: path(request, "act", id=post.id, act=what) for what in ("like", "comment", "share", "delete")}
    face = path(request, "picture", name=f"{shown.id}.svg")
    card = f'<a class="card" href="{escape(post.link)}" rel="noopener">{escape(post.link)}</a>' if post.link else ""
    for photo in post.photos:
        alt = state.photos[photo][3]
        card += f'<img class="media" src="{path(request, "picture", name=photo)}" alt="{escape(alt or "Photo")}">'
    return f"""<article aria-label="Post by {escape(shown.name)}" data-id="{post.id}">
<header><img src="{face}" alt="" width="40" height="40"><div><strong>{escape(shown.name)}</strong><br>
<small><a href="{path(request, "post", id=post.id)}">{when}</a></small></div></header>
<p>{escape(post.message)}</p>{card}
<footer>{form(here["like"], "Like")} <span>{_number(post.likes, "reaction", "reactions")}</span>
{form(here["comment"], "Comment")} <span>{_number(post.comments, "comment", "comments")}</span>
{form(here["share"], "Share")} <span>{_number(post.shares, "share", "shares")}</span>
{form(here["delete"], "Delete")}</footer></article>"""


def _number(count: int, single: str, many: str) -> str:
    return f"{count} {single if count == 1 else many}"


async def picture(request: web.Request) -> web.Response:
    """A Page's face, or an image that came with a post."""
    state, name = request.app[STATE], request.match_info["name"]
    if name in state.photos:
        return web.Response(body=state.photos[name][1], content_type=state.photos[name][2])
    shown = state.pages.get(name.removesuffix(".svg"))
    if shown is None:
        raise web.HTTPNotFound
    svg = f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 80 80" width="80" height="80">
<rect width="80" height="80" fill="{shown.colour}"/><text x="40" y="53" font-family="sans-serif"
font-size="36" fill="#fff" text-anchor="middle">{escape(shown.name[0])}</text></svg>"""
    return web.Response(text=svg, content_type="image/svg+xml")


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
    return page(request, "Business integrations", f"<section><h1>Business integrations</h1>{body}</section>")


def _pages(request: web.Request, ids: tuple[str, ...]) -> str:
    known = request.app[STATE].pages
    return ", ".join(known[number].name for number in ids if number in known) or "no Page"


async def remove(request: web.Request) -> web.StreamResponse:
    request.app[STATE].remove_app(str((await request.post()).get("person", "")))
    raise web.HTTPSeeOther(request.app.router["integrations"].url_for())


async def fault_page(request: web.Request) -> web.Response:
    fault, here = request.app[STATE].fault, path(request, "control")
    rows = "".join(
        f"<li>{form(here, f'Fault: {mode}', fault=mode)} <small>{escape(said)}</small></li>"
        for mode, said in MODES.items()
    )
    now = f"Now: {fault.mode}, {MODES[fault.mode]}." if fault else "Now: no fault."
    body = f"""<section><h1>Faults</h1><p role="status">{now}</p>{form(here, "No fault", "main", fault="")}
<ul class="plain">{rows}</ul></section>"""
    return page(request, "Faults", body)
