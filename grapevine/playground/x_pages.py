"""The stand-in's pages: sign in and consent, the feed with its buttons, connected apps, and the faults to try."""

import secrets
from datetime import UTC, datetime
from html import escape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from aiohttp import web

from grapevine.playground.x_state import MODES, PEOPLE, STATE, Person, XPost, links_in

_STYLE = """
body{font:16px/1.45 system-ui,sans-serif;margin:0;background:#f4f6f8;color:#14181c}
main{max-width:36rem;margin:0 auto;padding:1.25rem}
nav{background:#14181c;padding:.6rem 1.25rem;display:flex;flex-wrap:wrap;gap:.3rem 1.25rem;align-items:baseline}
nav a,nav strong{color:#fff;text-decoration:none}nav a:hover{text-decoration:underline}
article,section{background:#fff;border:1px solid #dde3e8;border-radius:12px;padding:1rem 1.25rem;margin:0 0 1rem}
h1{font-size:1.35rem}p{white-space:pre-wrap;overflow-wrap:anywhere}form{display:inline}
header{display:flex;gap:.7rem;align-items:center}header img{border-radius:50%}
small,time{color:#4c5964}footer{display:flex;gap:.5rem;flex-wrap:wrap;align-items:center}nav>*{white-space:nowrap}
button{font:inherit;border:1px solid #8a97a3;border-radius:999px;background:#fff;color:#14181c;
padding:.35rem .9rem;cursor:pointer}
button:hover{background:#eef2f5}button.main{background:#14181c;border-color:#14181c;color:#fff}
ul.people{list-style:none;padding:0}ul.people li{margin:.5rem 0}img.media{max-width:100%;border-radius:8px}
"""
_PERMISSIONS = (
    "See posts from your timeline, and your lists and collections.",
    "See your profile information and account settings.",
    "See accounts you follow, mute, and block.",
    "Follow and unfollow accounts for you.",
    "Update your profile and account settings.",
    "Post and delete posts for you, and engage with posts posted by others.",
)
_COLOURS = {"ada_okafor": "#7a3b69", "bea_lindqvist": "#1f6f5c", "cyortega": "#8a5a12"}


def _path(request: web.Request, route: str, /, **parts: str) -> str:
    return str(request.app.router[route].url_for(**parts))


def _page(request: web.Request, title: str, body: str, status: int = 200) -> web.Response:
    links = f"""<a href="{_path(request, "feed")}">Home</a>
<a href="{_path(request, "apps")}">Connected apps</a> <a href="{_path(request, "faults")}">Faults</a>"""
    text = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)} / X (stand-in)</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<style>{_STYLE}</style></head>
<body><nav aria-label="Main"><strong>X (stand-in)</strong> {links}</nav><main>{body}</main></body></html>"""
    return web.Response(text=text, status=status, content_type="text/html")


def _form(action: str, button: str, css: str = "", **fields: str) -> str:
    hidden = "".join(f'<input type="hidden" name="{n}" value="{escape(v)}">' for n, v in fields.items())
    return (
        f'<form method="post" action="{escape(action)}">{hidden}<button class="{css}">{escape(button)}</button></form>'
    )


async def authorize(request: web.Request) -> web.Response:
    """Sign in, for a request token that somebody still waits for."""
    token = request.query.get("oauth_token", "")
    held = request.app[STATE].request_tokens.get(token)
    if held is None or held.verifier is not None:
        return _whoa(request)
    here = _path(request, "authorize")
    people = "".join(
        f"<li>{_form(here, f'Sign in as {p.name}', oauth_token=token, person=p.id)} <small>@{p.handle}</small></li>"
        for p in PEOPLE
    )
    return _page(request, "Sign in", f'<section><h1>Sign in to X</h1><ul class="people">{people}</ul></section>')


async def decide(request: web.Request) -> web.StreamResponse:
    """The consent page once a person is chosen, and the way back once they have decided."""
    state, form = request.app[STATE], await request.post()
    token = str(form.get("oauth_token", ""))
    held = state.request_tokens.get(token)
    person = next((p for p in PEOPLE if p.id == form.get("person")), None)
    if held is None or held.verifier is not None:
        return _whoa(request)
    if form.get("decision") == "cancel":
        del state.request_tokens[token]
        raise web.HTTPFound(_with(held.callback, denied=token))
    if person is None:
        return _whoa(request)
    if form.get("decision") == "authorize":
        held.person, held.verifier = person, secrets.token_urlsafe(24)
        raise web.HTTPFound(_with(held.callback, oauth_token=token, oauth_verifier=held.verifier))
    return _consent(request, token, person)


def _consent(request: web.Request, token: str, person: Person) -> web.Response:
    here = _path(request, "authorize")
    asked = "".join(f"<li>{line}</li>" for line in _PERMISSIONS)
    return _page(
        request,
        "Authorize an application",
        f"""<section><h1>Grapevine wants to access your X account</h1>
<p>Signed in as {person.name} <small>@{person.handle}</small></p><p>Things this App can do:</p><ul>{asked}</ul>
{_form(here, "Authorize app", "main", oauth_token=token, person=person.id, decision="authorize")}
{_form(here, "Cancel", oauth_token=token, person=person.id, decision="cancel")}</section>""",
    )


def _whoa(request: web.Request) -> web.Response:
    said = (
        "The request token for this page is invalid. It may have already been used, or expired because it is too old."
    )
    again = "Please go back to the site or application that sent you here and try again."
    return _page(request, "Whoa there!", f"<section><h1>Whoa there!</h1><p>{said} {again}</p></section>", 403)


def _with(address: str, **query: str) -> str:
    parts = urlsplit(address)
    pairs = [*parse_qsl(parts.query, keep_blank_values=True), *query.items()]
    return urlunsplit(parts._replace(query=urlencode(pairs)))


async def feed(request: web.Request) -> web.Response:
    posts = request.app[STATE].newest()
    body = "".join(_article(request, post) for post in posts) or "<section><p>No posts yet.</p></section>"
    return _page(request, "Home", f"<h1>Home</h1>{body}")


async def status(request: web.Request) -> web.Response:
    post = request.app[STATE].post(request.match_info["id"])
    if post is None:
        return _page(request, "Not found", "<section><p>Hmm...this page doesn’t exist.</p></section>", 404)
    return _page(request, f"{post.author.name} on X", _article(request, post))


async def act(request: web.Request) -> web.StreamResponse:
    state, number = request.app[STATE], request.match_info["id"]
    if request.match_info["act"] == "delete":
        state.remove(number)
    else:
        counted: dict[str, Any] = {"like": {"likes": 1}, "reply": {"comments": 1}, "repost": {"reshares": 1}}
        if state.react(number, **counted[request.match_info["act"]]) is None:
            raise web.HTTPNotFound
    raise web.HTTPSeeOther(request.app.router["feed"].url_for())


def _linked(text: str) -> str:
    """The text with its links clickable; each leads straight to its own address."""
    parts, at = [], 0
    for start, end, address in links_in(text):
        link = f'<a href="{escape(address)}" target="_blank" rel="noopener">{escape(text[start:end])}</a>'
        parts += [escape(text[at:start]), link]
        at = end
    return "".join(parts) + escape(text[at:])


def _article(request: web.Request, post: XPost) -> str:
    here = {what: _path(request, "act", id=post.id, act=what) for what in ("like", "reply", "repost", "delete")}
    when = datetime.fromtimestamp(post.created, UTC)
    face = _path(request, "picture", name=f"{post.author.handle}_normal.svg")
    photos = "".join(
        f'<img class="media" src="{_path(request, "picture", name=number)}" '
        f'alt="{escape(request.app[STATE].alt_texts.get(number, "Image"))}">'
        for number in post.media
    )
    return f"""<article aria-label="Post by {post.author.name}" data-id="{post.id}">
<header><img src="{face}" alt="" width="40" height="40"><div><strong>{post.author.name}</strong>
<small>@{post.author.handle} · <a href="{_path(request, "status", id=post.id)}">
<time datetime="{when.isoformat()}">{when:%d %b %H:%M} UTC</time></a></small></div></header>
<p>{_linked(post.text)}</p>{photos}
<footer>{_form(here["reply"], "Reply")} <span>{_number(post.replies, "reply", "replies")}</span>
{_form(here["repost"], "Repost")} <span>{_number(post.reposts, "repost", "reposts")}</span>
{_form(here["like"], "Like")} <span>{_number(post.likes, "like", "likes")}</span>
{_form(here["delete"], "Delete")}</footer></article>"""


def _number(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


async def picture(request: web.Request) -> web.Response:
    """A member's face, or an image that came with a post."""
    name, media = request.match_info["name"], request.app[STATE].media
    if name in media:
        return web.Response(body=media[name][1], content_type=media[name][2])
    person = next((p for p in PEOPLE if name.startswith(f"{p.handle}_") and name.endswith(".svg")), None)
    if person is None:
        raise web.HTTPNotFound
    svg = f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 80 80" width="80" height="80">
<rect width="80" height="80" fill="{_COLOURS[person.handle]}"/><text x="40" y="53" font-family="sans-serif"
font-size="36" fill="#fff" text-anchor="middle">{person.name[0]}</text></svg>"""
    return web.Response(text=svg, content_type="image/svg+xml")


async def apps(request: web.Request) -> web.Response:
    held = list(request.app[STATE].access_tokens.values())
    here = _path(request, "apps")
    rows = "".join(
        f"<li>{t.person.name}: Grapevine {_form(here, f'Revoke access of {t.person.name}', person=t.person.id)}</li>"
        for t in held
    )
    body = f'<ul class="people">{rows}</ul>' if held else "<p>Nobody has connected an app.</p>"
    return _page(request, "Connected apps", f"<section><h1>Connected apps</h1>{body}</section>")


async def revoke(request: web.Request) -> web.StreamResponse:
    request.app[STATE].revoke(str((await request.post()).get("person", "")))
    raise web.HTTPSeeOther(request.app.router["apps"].url_for())


async def faults(request: web.Request) -> web.Response:
    fault, here = request.app[STATE].fault, _path(request, "control")
    rows = "".join(
        f"<li>{_form(here, f'Fault: {mode}', fault=mode)} <small>{escape(said)}</small></li>"
        for mode, said in MODES.items()
    )
    now = f"Now: {fault.mode}, {MODES[fault.mode]}." if fault else "Now: no fault."
    body = f"""<section><h1>Faults</h1><p role="status">{now}</p>{_form(here, "No fault", "main", fault="")}
<ul class="people">{rows}</ul></section>"""
    return _page(request, "Faults", body)
