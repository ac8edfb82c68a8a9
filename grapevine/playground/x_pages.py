"""The stand-in's pages: sign in and consent, what a post looks like, and connected apps."""

import secrets
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from aiohttp import web

from grapevine.playground.feed import Counter, Shown, linked
from grapevine.playground.pages import Site, face, form, image, path
from grapevine.playground.x_state import PEOPLE, STATE, Person, XPost, links_in

_PERMISSIONS = (
    "See posts from your timeline, and your lists and collections.",
    "See your profile information and account settings.",
    "See accounts you follow, mute, and block.",
    "Follow and unfollow accounts for you.",
    "Update your profile and account settings.",
    "Post and delete posts for you, and engage with posts posted by others.",
)
_COLOURS = {"ada_okafor": "#7a3b69", "bea_lindqvist": "#1f6f5c", "cyortega": "#8a5a12"}

SITE = Site(
    "X (stand-in)",
    " / X (stand-in)",
    {"feed": "Home", "apps": "Connected apps", "faults": "Faults"},
    own="#14181c",
    ground="#f4f6f8",
    line="#dde3e8",
    round="999px",
)
COUNTERS = {
    "reply": Counter("replies", "reply", "replies"),
    "repost": Counter("reposts", "repost", "reposts"),
    "like": Counter("likes", "like", "likes"),
}


async def authorize(request: web.Request) -> web.Response:
    """Sign in, for a request token that somebody still waits for."""
    token = request.query.get("oauth_token", "")
    held = request.app[STATE].request_tokens.get(token)
    if held is None or held.verifier is not None:
        return _whoa(request)
    here = path(request, "authorize")
    people = "".join(
        f"<li>{form(here, f'Sign in as {p.name}', oauth_token=token, person=p.id)} <small>@{p.handle}</small></li>"
        for p in PEOPLE
    )
    return SITE.page(request, "Sign in", f'<section><h1>Sign in to X</h1><ul class="plain">{people}</ul></section>')


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
    here = path(request, "authorize")
    asked = "".join(f"<li>{line}</li>" for line in _PERMISSIONS)
    return SITE.page(
        request,
        "Authorize an application",
        f"""<section><h1>Grapevine wants to access your X account</h1>
<p>Signed in as {person.name} <small>@{person.handle}</small></p><p>Things this App can do:</p><ul>{asked}</ul>
{form(here, "Authorize app", "main", oauth_token=token, person=person.id, decision="authorize")}
{form(here, "Cancel", oauth_token=token, person=person.id, decision="cancel")}</section>""",
    )


def _whoa(request: web.Request) -> web.Response:
    said = (
        "The request token for this page is invalid. It may have already been used, or expired because it is too old."
    )
    again = "Please go back to the site or application that sent you here and try again."
    return SITE.page(request, "Whoa there!", f"<section><h1>Whoa there!</h1><p>{said} {again}</p></section>", 403)


def _with(address: str, **query: str) -> str:
    parts = urlsplit(address)
    pairs = [*parse_qsl(parts.query, keep_blank_values=True), *query.items()]
    return urlunsplit(parts._replace(query=urlencode(pairs)))


def shown(request: web.Request, post: XPost) -> Shown:
    alts = request.app[STATE].alt_texts
    return Shown(
        post.author.name,
        post.author.handle,
        f"{post.author.handle}_normal.svg",
        path(request, "post", id=post.id),
        linked(post.text, links_in(post.text)),
        "".join(image(request, number, alts.get(number, "Image")) for number in post.media),
    )


async def picture(request: web.Request) -> web.Response:
    """A member's face, or an image that came with a post."""
    name, media = request.match_info["name"], request.app[STATE].media
    if name in media:
        return web.Response(body=media[name][1], content_type=media[name][2])
    person = next((p for p in PEOPLE if name.startswith(f"{p.handle}_") and name.endswith(".svg")), None)
    if person is None:
        raise web.HTTPNotFound
    return face(person.name, _COLOURS[person.handle])


async def apps(request: web.Request) -> web.Response:
    held = list(request.app[STATE].access_tokens.values())
    here = path(request, "apps")
    rows = "".join(
        f"<li>{t.person.name}: Grapevine {form(here, f'Revoke access of {t.person.name}', person=t.person.id)}</li>"
        for t in held
    )
    body = f'<ul class="plain">{rows}</ul>' if held else "<p>Nobody has connected an app.</p>"
    return SITE.page(request, "Connected apps", f"<section><h1>Connected apps</h1>{body}</section>")


async def revoke(request: web.Request) -> web.StreamResponse:
    request.app[STATE].revoke(str((await request.post()).get("person", "")))
    raise web.HTTPSeeOther(request.app.router["apps"].url_for())
