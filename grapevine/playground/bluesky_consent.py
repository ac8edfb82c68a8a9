"""What a person sees of OAuth: the page that asks for consent, and the page of the apps that they said yes to."""

from datetime import UTC, datetime
from html import escape
from urllib.parse import urlsplit

from aiohttp import web

from grapevine.playground.bluesky_clients import client_of
from grapevine.playground.bluesky_discovery import only_here
from grapevine.playground.bluesky_dpop import FAULT
from grapevine.playground.bluesky_grants import Asked, Denied, Grant
from grapevine.playground.bluesky_pages import form, page_of, path_of
from grapevine.playground.bluesky_refusal import OAuthError
from grapevine.playground.bluesky_scopes import in_words
from grapevine.playground.bluesky_sessions import person_of
from grapevine.playground.bluesky_state import PEOPLE, STATE, Person


async def authorize(request: web.Request) -> web.StreamResponse:
    """Who are you, is that all right, and back to the app; what is wrong with the request is said here."""
    only_here(request)
    state, said = request.app[STATE], await request.post() if request.method == "POST" else {}
    request_uri, client_id = request.query.get("request_uri", ""), request.query.get("client_id", "")
    if not request_uri or not client_id:
        return _wrong(request, "Invalid request parameters")
    try:
        await client_of(state, client_id, cut_off=request.get(FAULT) == "no-metadata")
        asked = state.oauth.find(request_uri, client_id)
    except Denied as denied:
        raise _back(denied.where) from None
    except OAuthError as refusal:
        return _wrong(request, refusal.description)
    if asked.parameters.get("prompt") == "none":
        raise _back(state.deny(request_uri, "login_required", "Login is required"))
    person = person_of(str(said.get("did", ""))) or (None if "other" in said else _hinted(asked))
    if said.get("decision") == "deny":
        raise _back(state.deny(request_uri))
    if person is None:
        return _sign_in(request, asked)
    if said.get("decision") == "authorize" and request.get(FAULT) == "deactivated":
        raise _back(state.deny(request_uri, why="This account has been deactivated"))
    if said.get("decision") == "authorize":
        raise _back(state.authorize(request_uri, person.did))
    return _consent(request, asked, person)


def _sign_in(request: web.Request, asked: Asked) -> web.Response:
    here = str(request.rel_url)
    people = "".join(
        f"<li>{form(here, f'Sign in as {one.name}', did=one.did)} <small>@{one.handle}</small></li>" for one in PEOPLE
    )
    body = f"""<section><h1>Sign in</h1><p>{_app(asked)} would like to connect to your account.</p>
<ul class="plain">{people}</ul>{form(here, "Cancel", decision="deny")}</section>"""
    return page_of(request, "Sign in", body)


def _consent(request: web.Request, asked: Asked, person: Person) -> web.Response:
    here, scopes = str(request.rel_url), asked.parameters["scope"].split()
    wants = "".join(f"<li>{escape(in_words(scope))} <small>{escape(scope)}</small></li>" for scope in scopes)
    body = f"""<section><h1>Authorize</h1><header><img src="{path_of(request, "picture", name=f"{person.handle}.svg")}"
alt="" width="40" height="40"><div>Signed in as <strong>{person.name}</strong> <small>@{person.handle}</small></div>
</header><p>{_app(asked)} asks for access to your account. It will be able to:</p><ul>{wants}</ul>
<footer>{form(here, "Authorize", "main", did=person.did, decision="authorize")}
{form(here, "Deny", did=person.did, decision="deny")} {form(here, "Another account", other="1")}</footer></section>"""
    return page_of(request, "Authorize", body)


def _app(asked: Asked) -> str:
    """Its host is what can be trusted; its name is what it calls itself."""
    host = urlsplit(asked.client_id).netloc
    if not asked.client_name:
        return f"<strong>{escape(host)}</strong>"
    return f"<strong>{escape(asked.client_name)}</strong> <small>({escape(host)})</small>"


def _hinted(asked: Asked) -> Person | None:
    hint = asked.parameters.get("login_hint", "")
    return next((one for one in PEOPLE if hint in (one.did, one.handle)), None)


def _back(where: str) -> web.HTTPException:
    return web.HTTPSeeOther(where, headers={"Cache-Control": "no-store"})


def _wrong(request: web.Request, said: str) -> web.Response:
    return page_of(request, "Error", f"<section><h1>An error occurred</h1><p>{escape(said)}</p></section>", 400)


async def account(request: web.Request) -> web.Response:
    """The apps of everybody here, since nobody signs in for long."""
    body = "".join(_apps_of(request, person) for person in PEOPLE)
    return page_of(request, "Connected apps", f"<h1>Connected apps</h1>{body}")


def _apps_of(request: web.Request, person: Person) -> str:
    sessions = {one.client_id: one for one in request.app[STATE].oauth.sessions_of(person.did)}
    rows = "".join(_row(request, person, one) for one in sessions.values())
    apps = f'<ul class="plain">{rows}</ul>' if rows else "<p>No app is connected.</p>"
    who = f"<strong>{person.name}</strong> <small>@{person.handle}</small>"
    return f'<section aria-label="{person.name}"><p>{who}</p>{apps}</section>'


def _row(request: web.Request, person: Person, grant: Grant) -> str:
    host, since = urlsplit(grant.client_id).netloc, datetime.fromtimestamp(grant.created, UTC)
    button = f"Revoke access of {grant.client_name or host} to {person.name}"
    may = ", ".join(in_words(scope).lower() for scope in grant.scopes if scope != "atproto")
    end = form(path_of(request, "account"), button, did=person.did, client_id=grant.client_id)
    return f"""<li><strong>{escape(grant.client_name or host)}</strong>
<small>{escape(host)}, since {since:%d %b %Y}</small><p>{escape(may)}</p>{end}</li>"""


async def revoke(request: web.Request) -> web.StreamResponse:
    said = await request.post()
    request.app[STATE].oauth.revoke(str(said.get("did", "")), str(said.get("client_id", "")))
    raise web.HTTPSeeOther(path_of(request, "account"))
