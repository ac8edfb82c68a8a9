"""The stand-in's pages: sign in and consent, what a post looks like, and authorized apps."""

import secrets
from html import escape
from urllib.parse import urlencode

from aiohttp import web

from grapevine.playground.feed import Counter, Shown, linked
from grapevine.playground.mastodon_api import ADDRESS
from grapevine.playground.mastodon_oauth import scopes_of
from grapevine.playground.mastodon_state import PEOPLE, STATE, App, Code, Person, Status
from grapevine.playground.pages import Site, face, form, image, path

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

SITE = Site(
    "",
    " - Mastodon",
    {"feed": "Home", "apps": "Authorized apps", "faults": "Faults"},
    own="#4636c8",
    ground="#f3f2fb",
    line="#d9d7ee",
)
COUNTERS = {
    "reply": Counter("replies", "reply", "replies"),
    "boost": Counter("boosts", "boost", "boosts"),
    "favourite": Counter("favourites", "favourite", "favourites"),
}


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
    given = await request.post() if request.method == "POST" else {}
    person = next((one for one in PEOPLE if one.id == given.get("person")), None)
    here = str(request.rel_url)
    if person is None:
        rows = "".join(
            f"<li>{form(here, f'Sign in as {p.name}', person=p.id)} <small>@{p.acct}</small></li>" for p in PEOPLE
        )
        body = f'<section><h1>Log in to {escape(request.host)}</h1><ul class="plain">{rows}</ul></section>'
        return SITE.page(request, "Log in", body)
    if given.get("decision") == "deny":
        said = "The resource owner or authorization server denied the request."
        return _back(request, error="access_denied", error_description=said)
    if given.get("decision") == "authorize":
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
{form(here, "Authorize", "main", person=person.id, decision="authorize")}
{form(here, "Deny", person=person.id, decision="deny")}</section>"""
    return SITE.page(request, "Authorization required", body)


def _wrong(request: web.Request, said: str) -> web.Response:
    return SITE.page(request, "Error", f"<section><h1>An error has occurred</h1><p>{escape(said)}</p></section>", 400)


def _back(request: web.Request, **answer: str) -> web.StreamResponse:
    if "state" in request.query:
        answer["state"] = request.query["state"]
    where = request.query["redirect_uri"]
    raise web.HTTPFound(f"{where}{'&' if '?' in where else '?'}{urlencode(answer)}")


def shown(request: web.Request, one: Status) -> Shown:
    media = request.app[STATE].media
    return Shown(
        one.author.name,
        one.author.acct,
        f"{one.author.acct}.svg",
        one.url,
        linked(one.text, ((*found.span(), found[0]) for found in ADDRESS.finditer(one.text))),
        "".join(image(request, number, media[number].description) for number in one.media),
    )


async def picture(request: web.Request) -> web.Response:
    """A member's face, or an image that came with a post."""
    name, media = request.match_info["name"], request.app[STATE].media
    if name in media:
        return web.Response(body=media[name].content, content_type=media[name].kind)
    person = next((p for p in PEOPLE if name == f"{p.acct}.svg"), None)
    if person is None:
        raise web.HTTPNotFound
    return face(person.name, person.colour)


async def apps(request: web.Request) -> web.Response:
    state = request.app[STATE]
    who = {token.person.id: token.person for token in state.tokens.values() if not token.revoked}
    here = path(request, "apps")
    rows = "".join(
        f"<li>{p.name}: Grapevine {form(here, f'Revoke access of {p.name}', person=p.id)}</li>" for p in who.values()
    )
    body = f'<ul class="plain">{rows}</ul>' if rows else "<p>Nobody has authorized an app.</p>"
    return SITE.page(request, "Authorized apps", f"<section><h1>Authorized apps</h1>{body}</section>")


async def revoke(request: web.Request) -> web.StreamResponse:
    request.app[STATE].revoke(str((await request.post()).get("person", "")))
    raise web.HTTPSeeOther(path(request, "apps"))


def versions(request: web.Request) -> str:
    """On the page of faults: which version it is, and which it can be."""
    rows = "".join(f"<li>{form(path(request, 'control'), f'Be version {one}', version=one)}</li>" for one in VERSIONS)
    return f"""<section><h1>Version</h1><p>This is Mastodon {escape(request.app[STATE].version)}. Before 4.3
there was no scope “profile” and no PKCE, and posts were read one by one.</p><ul class="plain">{rows}</ul></section>"""
