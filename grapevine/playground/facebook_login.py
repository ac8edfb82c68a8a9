"""Facebook's prompt: sign in, choose Pages and permissions, and go back.

https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow
"""

import secrets
from html import escape
from typing import NoReturn
from urllib.parse import urlencode

from aiohttp import web

from grapevine.playground.facebook_pages import SITE
from grapevine.playground.facebook_state import PEOPLE, SCOPES, STATE, Code, FacebookStandIn, Person
from grapevine.playground.pages import form

ASKED = {
    "pages_show_list": "Show a list of the Pages you manage",
    "pages_manage_posts": "Create and manage content on your Page",
    "pages_read_engagement": "Read content posted on the Page",
}


async def dialog(request: web.Request) -> web.Response:
    """What is wrong with the request is said here and goes nowhere."""
    state, asked = request.app[STATE], request.query
    if asked.get("client_id") != state.app_id:
        return _wrong(request, "Invalid App ID", "The provided app ID does not look like a valid app ID.")
    if asked.get("redirect_uri") not in state.redirect_uris:
        said = "The redirect URI is not white-listed in the app's client OAuth settings."
        return _wrong(request, "URL blocked", f"This redirect failed because {said}")
    scopes = [scope for scope in asked.get("scope", "").replace(" ", ",").split(",") if scope]
    if unknown := [scope for scope in scopes if scope not in SCOPES]:
        return _wrong(request, "Invalid Scopes", f"Invalid Scopes: {', '.join(unknown)}.")
    if asked.get("response_type", "code") != "code":
        return _wrong(request, "Sorry, something went wrong", "This stand-in knows the code flow only.")
    given = await request.post()
    person = next((one for one in PEOPLE if one.id == given.get("person")), None)
    if person is None:
        rows = "".join(f"<li>{form(str(request.rel_url), f'Sign in as {p.name}', person=p.id)}</li>" for p in PEOPLE)
        return SITE.page(
            request, "Log in", f'<section><h1>Log in to Facebook</h1><ul class="plain">{rows}</ul></section>'
        )
    if given.get("decision") == "continue":
        pages, granted = (",".join(map(str, given.getall(name, []))).split(",") for name in ("page", "scope"))
        state.allow(person.id, [one for one in state.pages if one in pages], [one for one in scopes if one in granted])
        code = Code(secrets.token_urlsafe(40), person.id, asked["redirect_uri"], state.clock())
        state.codes[code.code] = code
        _back(request, code=code.code)
    if given.get("decision") == "cancel":
        refused = {"error_reason": "user_denied", "error_description": "Permissions error"}
        _back(request, error="access_denied", error_code="200", **refused)
    return _consent(request, state, person, scopes)


def _consent(request: web.Request, state: FacebookStandIn, person: Person, scopes: list[str]) -> web.Response:
    own = [one for one in state.pages.values() if person.id in one.tasks]
    pages = "".join(
        f'<label><input type="checkbox" name="page" value="{one.id}" checked> {escape(one.name)}</label>' for one in own
    )
    allows = "".join(
        f'<label><input type="checkbox" name="scope" value="{scope}" checked> {ASKED[scope]}</label>'
        for scope in scopes
    )
    body = f"""<section><h1>Grapevine wants to use your Pages</h1><p>Signed in as {person.name}</p>
<form method="post" action="{escape(str(request.rel_url))}"><input type="hidden" name="person" value="{person.id}">
<fieldset><legend>Choose the Pages you want Grapevine to access</legend>{pages or "You have no Page."}</fieldset>
<fieldset><legend>What you allow</legend>{allows}</fieldset>
<button class="main" name="decision" value="continue">Continue as {person.name.split()[0]}</button>
<button name="decision" value="cancel">Cancel</button></form></section>"""
    return SITE.page(request, "Log in with Facebook", body)


def _wrong(request: web.Request, title: str, said: str) -> web.Response:
    return SITE.page(request, title, f"<section><h1>{escape(title)}</h1><p>{escape(said)}</p></section>", 400)


def _back(request: web.Request, **answer: str) -> NoReturn:
    """With the mark that Facebook leaves at the end of the address."""
    if "state" in request.query:
        answer["state"] = request.query["state"]
    where = request.query["redirect_uri"]
    raise web.HTTPFound(f"{where}{'&' if '?' in where else '?'}{urlencode(answer)}#_=_")
