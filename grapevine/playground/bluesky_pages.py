"""The stand-in's pages: the feed with its buttons, app passwords, and the faults to try."""

from datetime import UTC, datetime
from html import escape
from typing import Any

from aiohttp import web

from grapevine.playground.bluesky_sessions import person_of
from grapevine.playground.bluesky_state import MODES, PEOPLE, STATE, Person, Post

_STYLE = """
*{box-sizing:border-box} body{font:16px/1.45 system-ui,sans-serif;margin:0;background:#f0f6fc;color:#0f1a26}
main{max-width:36rem;margin:0 auto;padding:1.25rem} nav{background:#0059b8;padding:.6rem 1.25rem;display:flex;
gap:1.25rem;align-items:baseline;flex-wrap:wrap} nav a,nav strong{color:#fff;text-decoration:none;white-space:nowrap}
article,section{background:#fff;border:1px solid #d3dfec;border-radius:8px;padding:1rem 1.25rem;margin:0 0 1rem}
h1{font-size:1.35rem} p{white-space:pre-wrap;overflow-wrap:anywhere} form{display:inline}
header{display:flex;gap:.7rem;align-items:center} header img{border-radius:50%} small,time{color:#43566b}
footer{display:flex;gap:.5rem;flex-wrap:wrap;align-items:center} ul.plain{list-style:none;padding:0}
ul.plain li{margin:.5rem 0} img.media{max-width:100%;border-radius:8px} button{font:inherit;border:1px solid #0059b8;
border-radius:999px;background:#fff;color:#0059b8;padding:.4rem .9rem;min-height:44px;cursor:pointer}
button.main{background:#0059b8;color:#fff} a.card{display:block;border:1px solid #b7c9dc;border-radius:8px;
padding:.7rem 1rem;margin:.5rem 0;color:inherit;text-decoration:none;overflow-wrap:anywhere}
a.card strong{display:block} code{background:#e6eef7;padding:.15rem .4rem;border-radius:4px}
"""

_LINKS = {"feed": "Home", "app-passwords": "App passwords", "account": "Connected apps", "faults": "Faults"}


def path_of(request: web.Request, route: str, /, **parts: str) -> str:
    return str(request.app.router[route].url_for(**parts))


def page_of(request: web.Request, title: str, body: str, status: int = 200) -> web.Response:
    links = " ".join(f'<a href="{path_of(request, route)}">{word}</a>' for route, word in _LINKS.items())
    text = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)} — Bluesky</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<style>{_STYLE}</style></head><body><nav aria-label="Main"><strong>Bluesky (stand-in)</strong> {links}</nav>
<main>{body}</main></body></html>"""
    return web.Response(text=text, status=status, content_type="text/html")


def form(action: str, button: str, css: str = "", **fields: str) -> str:
    hidden = "".join(f'<input type="hidden" name="{n}" value="{escape(v)}">' for n, v in fields.items())
    return (
        f'<form method="post" action="{escape(action)}">{hidden}<button class="{css}">{escape(button)}</button></form>'
    )


async def feed(request: web.Request) -> web.Response:
    posts = request.app[STATE].newest()
    body = "".join(_article(request, one) for one in posts) or "<section><p>No posts yet.</p></section>"
    return page_of(request, "Home", f"<h1>Home</h1>{body}")


async def status(request: web.Request) -> web.Response:
    post = request.app[STATE].post(request.match_info["did"], request.match_info["id"])
    if post is None:
        return page_of(request, "Not found", "<section><p>Post not found.</p></section>", 404)
    return page_of(request, post.author.name, _article(request, post))


async def act(request: web.Request) -> web.StreamResponse:
    state, key, done = request.app[STATE], request.match_info["id"], request.match_info["act"]
    post = state.find(key)
    if post is None:
        raise web.HTTPNotFound
    if done == "delete":
        state.remove(key)
    elif done == "quote":
        post.quotes += 1
    else:
        counted: dict[str, Any] = {"like": {"likes": 1}, "reply": {"comments": 1}, "repost": {"reshares": 1}}
        state.react(key, **counted[done])
    raise web.HTTPSeeOther(path_of(request, "feed"))


def _article(request: web.Request, post: Post) -> str:
    when = datetime.fromtimestamp(post.created, UTC)
    own = path_of(request, "post", did=post.author.did, id=post.id)
    numbers = (
        ("reply", post.replies, "reply", "replies"),
        ("repost", post.reposts, "repost", "reposts"),
        ("quote", post.quotes, "quote", "quotes"),
        ("like", post.likes, "like", "likes"),
    )
    buttons = " ".join(
        f"{form(path_of(request, 'act', id=post.id, act=done), done.title())} "
        f"<span>{count} {one if count == 1 else many}</span>"
        for done, count, one, many in numbers
    )
    face = path_of(request, "picture", name=f"{post.author.handle}.svg")
    return f"""<article aria-label="Post by {post.author.name}" data-id="{post.id}"><header>
<img src="{face}" alt="" width="40" height="40"><div><strong>{post.author.name}</strong>
<small>@{post.author.handle} · <a href="{own}">
<time datetime="{when.isoformat()}">{when:%d %b %H:%M} UTC</time></a></small></div></header>
<p>{_rich(post.record)}</p>{_embedded(request, post.record.get("embed"))}
<footer>{buttons} {form(path_of(request, "act", id=post.id, act="delete"), "Delete")}</footer></article>"""


def _rich(record: dict[str, Any]) -> str:
    """The text with what its facets say, and nothing else, as links."""
    text, parts, at = record["text"].encode(), [], 0
    for facet in sorted(record.get("facets", []), key=lambda one: int(one["index"]["byteStart"])):
        start, end = facet["index"]["byteStart"], facet["index"]["byteEnd"]
        feature, shown = facet["features"][0], escape(text[start:end].decode())
        parts.append(escape(text[at:start].decode()))
        if "uri" in feature:
            shown = f'<a href="{escape(feature["uri"])}" target="_blank" rel="noopener">{shown}</a>'
        parts.append(shown if "uri" in feature else f"<strong>{shown}</strong>")
        at = end
    return "".join([*parts, escape(text[at:].decode())])


def _embedded(request: web.Request, embed: dict[str, Any] | None) -> str:
    if embed is None:
        return ""
    if card := embed.get("external"):
        return (
            f'<a class="card" href="{escape(card["uri"])}" target="_blank" rel="noopener">'
            f"{_picture(request, card['thumb'], '') if 'thumb' in card else ''}"
            f"<strong>{escape(card['title'])}</strong> {escape(card['description'])}</a>"
        )
    return "".join(_picture(request, image["image"], image["alt"]) for image in embed["images"])


def _picture(request: web.Request, blob: dict[str, Any], alt: str) -> str:
    return f'<img class="media" src="{path_of(request, "picture", name=blob["ref"]["$link"])}" alt="{escape(alt)}">'


async def picture(request: web.Request) -> web.Response:
    """A member's face, or an image that came with a post."""
    name, blobs = request.match_info["name"], request.app[STATE].blobs
    if name in blobs:
        return web.Response(body=blobs[name].content, content_type=blobs[name].kind)
    person = next((p for p in PEOPLE if name == f"{p.handle}.svg"), None)
    if person is None:
        raise web.HTTPNotFound
    svg = f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 80 80" width="80" height="80">
<rect width="80" height="80" fill="{person.colour}"/><text x="40" y="53" font-family="sans-serif" font-size="36"
fill="#fff" text-anchor="middle">{person.name[0]}</text></svg>"""
    return web.Response(text=svg, content_type="image/svg+xml")


async def app_passwords(request: web.Request) -> web.Response:
    body = "".join(_passwords_of(request, person) for person in PEOPLE)
    return page_of(request, "App passwords", f"<h1>App passwords</h1>{body}")


def _passwords_of(request: web.Request, person: Person) -> str:
    here = path_of(request, "app-passwords")
    rows = "".join(
        f"<li>{escape(one.name)} <code>{one.password}</code> "
        f"{form(here, f'Delete {one.name} of {person.name}', did=person.did, drop=one.name)}</li>"
        for one in request.app[STATE].app_passwords
        if one.did == person.did
    )
    make = form(here, f"Add app password for {person.name}", "main", did=person.did, name="grapevine")
    who = f"<strong>{person.name}</strong>, handle <code>{person.handle}</code>"
    return f'<section aria-label="{person.name}"><p>{who}</p><ul class="plain">{rows}</ul>{make}</section>'


async def change_app_passwords(request: web.Request) -> web.StreamResponse:
    state, form = request.app[STATE], await request.post()
    person = person_of(str(form.get("did", "")))
    if person is None:
        raise web.HTTPNotFound
    if drop := str(form.get("drop") or ""):
        state.drop_app_password(person.did, drop)
    else:
        state.make_app_password(person, str(form.get("name") or "grapevine"))
    raise web.HTTPSeeOther(path_of(request, "app-passwords"))


async def faults(request: web.Request) -> web.Response:
    state, control = request.app[STATE], path_of(request, "control")
    rows = "".join(
        f"<li>{form(control, f'Fault: {mode}', fault=mode)} <small>{escape(said)}</small></li>"
        for mode, said in MODES.items()
    )
    now = f"Now: {state.fault.mode}, {MODES[state.fault.mode]}." if state.fault else "Now: no fault."
    body = f"""<section><h1>Faults</h1><p role="status">{now}</p>{form(control, "No fault", "main", fault="")}
<ul class="plain">{rows}</ul></section>"""
    return page_of(request, "Faults", body)
