"""The stand-in's pages: sign in and consent, the feed with its buttons, authorized apps, and the faults to try."""

import secrets
from datetime import UTC, datetime
from html import escape
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from grapevine.playground.mastodon_api import ADDRESS
from grapevine.playground.mastodon_oauth import scopes_of
from grapevine.playground.mastodon_state import MODES, PEOPLE, STATE, App, Code, Person, Status

_STYLE = """
*{box-sizing:border-box} body{font:16px/1.45 system-ui,sans-serif;margin:0;background:#f3f2fb;color:#181826}
main{max-width:36rem;margin:0 auto;padding:1.25rem} nav{background:#4636c8;padding:.6rem 1.25rem;display:flex;
gap:1.25rem;align-items:baseline;flex-wrap:wrap} nav a,nav strong{color:#fff;text-decoration:none;white-space:nowrap}
article,section{background:#fff;border:1px solid #d9d7ee;border-radius:8px;padding:1rem 1.25rem;margin:0 0 1rem}
h1{font-size:1.35rem} p{white-space:pre-wrap;overflow-wrap:anywhere} form{display:inline}
header{display:flex;gap:.7rem;align-items:center} header img{border-radius:8px} small,time{color:#545266}
footer{display:flex;gap:.5rem;flex-wrap:wrap;align-items:center} ul.plain{list-style:none;padding:0}
ul.plain li{margin:.5rem 0} img.media{max-width:100%;border-radius:8px} button{font:inherit;border:1px solid #4636c8;
border-radius:8px;background:#fff;color:#4636c8;padding:.4rem .9rem;min-height:44px;cursor:pointer}
button.main{background:#4636c8;color:#fff}
"""
_ASKED = {
    "profile": "Read only your account's profile information",
    "read:accounts": "See accounts information",
    "write:statuses": "Publish posts",
    "write:media": "Upload media files",
    "read": "Read all your account's data",
    "read:statuses": "See all posts",
    "write": "Modify all your account's data",
}
VERSIONS = ("4.5.2", "4.2.29")


def _page(request: web.Request, title: str, body: str, status: int = 200) -> web.Response:
    text = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)} - Mastodon</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<style>{_STYLE}</style></head><body><nav aria-label="Main"><strong>{escape(request.host)}</strong>
<a href="/">Home</a> <a href="/oauth/authorized_applications">Authorized apps</a> <a href="/faults">Faults</a></nav>
<main>{body}</main></body></html>"""
    return web.Response(text=text, status=status, content_type="text/html")


def _form(action: str, button: str, css: str = "", **fields: str) -> str:
    hidden = "".join(f'<input type="hidden" name="{n}" value="{escape(v)}">' for n, v in fields.items())
    return (
        f'<form method="post" action="{escape(action)}">{hidden}<button class="{css}">{escape(button)}</button></form>'
    )


async def authorize(request: web.Request) -> web.StreamResponse:
    """Sign in, the consent page, and the way back; what is wrong with the request is said here and goes nowhere."""
    state, asked = request.app[STATE], request.query
    app = state.apps.get(asked.get("client_id", ""))
    if app is None:
        return _wrong(request, "Client authentication failed due to unknown client.")
    if asked.get("redirect_uri") not in app.redirect_uris:
        return _wrong(request, "The redirect uri included is not valid.")
    scopes = tuple(asked.get("scope", "read").split())
    if asked.get("response_type") != "code":
        return _back(request, error="unsupported_response_type")
    if not scopes or not {*scopes} <= {*app.scopes} & scopes_of(state):
        return _back(request, error="invalid_scope", error_description="The requested scope is invalid.")
    challenge = asked.get("code_challenge", "") if state.modern else ""
    if challenge and asked.get("code_challenge_method") != "S256":
        return _back(request, error="invalid_code_challenge_method")
    form = await request.post() if request.method == "POST" else {}
    person = next((one for one in PEOPLE if one.id == form.get("person")), None)
    here = str(request.rel_url)
    if person is None:
        rows = "".join(
            f"<li>{_form(here, f'Sign in as {p.name}', person=p.id)} <small>@{p.acct}</small></li>" for p in PEOPLE
        )
        body = f'<section><h1>Log in to {escape(request.host)}</h1><ul class="plain">{rows}</ul></section>'
        return _page(request, "Log in", body)
    if form.get("decision") == "deny":
        said = "The resource owner or authorization server denied the request."
        return _back(request, error="access_denied", error_description=said)
    if form.get("decision") == "authorize":
        code = secrets.token_urlsafe(32)
        state.codes[code] = Code(app, person, scopes, asked["redirect_uri"], challenge, state.clock())
        return _back(request, code=code)
    return _consent(request, app, person, scopes)


def _consent(request: web.Request, app: App, person: Person, scopes: tuple[str, ...]) -> web.Response:
    here = str(request.rel_url)
    wants = "".join(f"<li>{escape(_ASKED.get(scope, scope))}</li>" for scope in scopes)
    body = f"""<section><h1>Authorization required</h1><p>Signed in as {person.name} <small>@{person.acct}</small></p>
<p>{escape(app.name)} would like permission to access your account. If you do not trust it, then you should not
authorize it.</p><ul>{wants}</ul>
{_form(here, "Authorize", "main", person=person.id, decision="authorize")}
{_form(here, "Deny", person=person.id, decision="deny")}</section>"""
    return _page(request, "Authorization required", body)


def _wrong(request: web.Request, said: str) -> web.Response:
    return _page(request, "Error", f"<section><h1>An error has occurred</h1><p>{escape(said)}</p></section>", 400)


def _back(request: web.Request, **answer: str) -> web.StreamResponse:
    if "state" in request.query:
        answer["state"] = request.query["state"]
    where = request.query["redirect_uri"]
    raise web.HTTPFound(f"{where}{'&' if '?' in where else '?'}{urlencode(answer)}")


async def feed(request: web.Request) -> web.Response:
    statuses = [one for one in request.app[STATE].newest() if one.visibility == "public"]
    body = "".join(_article(request, one) for one in statuses) or "<section><p>No posts yet.</p></section>"
    return _page(request, "Home", f"<h1>Home</h1>{body}")


async def status(request: web.Request) -> web.Response:
    one = request.app[STATE].post(request.match_info["id"])
    if one is None:
        gone = "<section><p>The page you are looking for isn’t here.</p></section>"
        return _page(request, "Not found", gone, 404)
    return _page(request, one.author.name, _article(request, one))


async def act(request: web.Request) -> web.StreamResponse:
    state, number = request.app[STATE], request.match_info["id"]
    if request.match_info["act"] == "delete":
        state.remove(number)
    else:
        counted: dict[str, Any] = {"favourite": {"likes": 1}, "reply": {"comments": 1}, "boost": {"reshares": 1}}
        if state.react(number, **counted[request.match_info["act"]]) is None:
            raise web.HTTPNotFound
    raise web.HTTPSeeOther("/")


def _article(request: web.Request, one: Status) -> str:
    here, when = f"/posts/{one.id}", datetime.fromtimestamp(one.created, UTC)
    parts, at = [], 0
    for found in ADDRESS.finditer(one.text):
        address = escape(found[0])
        parts += [
            escape(one.text[at : found.start()]),
            f'<a href="{address}" target="_blank" rel="noopener">{address}</a>',
        ]
        at = found.end()
    media = request.app[STATE].media
    photos = "".join(
        f'<img class="media" src="/pictures/{number}" alt="{escape(media[number].description)}">'
        for number in one.media
    )
    numbers = (
        (one.replies, "reply", "replies"),
        (one.boosts, "boost", "boosts"),
        (one.favourites, "favourite", "favourites"),
    )
    reply, boost, favourite = (
        f"<span>{count} {word if count == 1 else words}</span>" for count, word, words in numbers
    )
    return f"""<article aria-label="Post by {one.author.name}" data-id="{one.id}"><header>
<img src="/pictures/{one.author.acct}.svg" alt="" width="40" height="40"><div><strong>{one.author.name}</strong>
<small>@{one.author.acct} · <a href="{escape(one.url)}">
<time datetime="{when.isoformat()}">{when:%d %b %H:%M} UTC</time></a></small></div></header>
<p>{"".join(parts)}{escape(one.text[at:])}</p>{photos}
<footer>{_form(f"{here}/reply", "Reply")} {reply} {_form(f"{here}/boost", "Boost")} {boost}
{_form(f"{here}/favourite", "Favourite")} {favourite} {_form(f"{here}/delete", "Delete")}</footer></article>"""


async def picture(request: web.Request) -> web.Response:
    """A member's face, or an image that came with a post."""
    name, media = request.match_info["name"], request.app[STATE].media
    if name in media:
        return web.Response(body=media[name].content, content_type=media[name].kind)
    person = next((p for p in PEOPLE if name == f"{p.acct}.svg"), None)
    if person is None:
        raise web.HTTPNotFound
    svg = f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 80 80" width="80" height="80">
<rect width="80" height="80" fill="{person.colour}"/><text x="40" y="53" font-family="sans-serif" font-size="36"
fill="#fff" text-anchor="middle">{person.name[0]}</text></svg>"""
    return web.Response(text=svg, content_type="image/svg+xml")


async def apps(request: web.Request) -> web.Response:
    state = request.app[STATE]
    who = {token.person.id: token.person for token in state.tokens.values() if not token.revoked}
    here = "/oauth/authorized_applications"
    rows = "".join(
        f"<li>{p.name}: Grapevine {_form(here, f'Revoke access of {p.name}', person=p.id)}</li>" for p in who.values()
    )
    body = f'<ul class="plain">{rows}</ul>' if rows else "<p>Nobody has authorized an app.</p>"
    return _page(request, "Authorized apps", f"<section><h1>Authorized apps</h1>{body}</section>")


async def revoke(request: web.Request) -> web.StreamResponse:
    request.app[STATE].revoke(str((await request.post()).get("person", "")))
    raise web.HTTPSeeOther("/oauth/authorized_applications")


async def faults(request: web.Request) -> web.Response:
    state = request.app[STATE]
    rows = "".join(
        f"<li>{_form('/_control', f'Fault: {mode}', fault=mode)} <small>{escape(said)}</small></li>"
        for mode, said in MODES.items()
    )
    now = f"Now: {state.fault.mode}, {MODES[state.fault.mode]}." if state.fault else "Now: no fault."
    versions = "".join(f"<li>{_form('/_control', f'Be version {one}', version=one)}</li>" for one in VERSIONS)
    body = f"""<section><h1>Faults</h1><p role="status">{now}</p>{_form("/_control", "No fault", "main", fault="")}
<ul class="plain">{rows}</ul></section><section><h1>Version</h1><p>This is Mastodon {escape(state.version)}. Before 4.3
there was no scope “profile” and no PKCE, and posts were read one by one.</p>
<ul class="plain">{versions}</ul></section>"""
    return _page(request, "Faults", body)
