"""The stand-in's pages: sign in and consent, the feed, and what can go wrong."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from html import escape
from urllib.parse import urlsplit

from aiohttp import web

from grapevine.playground.faults import Fault
from grapevine.playground.linkedin_faults import MODES
from grapevine.playground.linkedin_state import MEMBERS, RESOURCES, STATE, Member, StoredPost
from grapevine.playground.pages import Site, form, path

SITE = Site(
    "LinkedIn (stand-in)",
    "",
    {"feed": "Feed", "faults": "Faults"},
    own="#0a66c2",
    ground="#f4f2ee",
    line="#dddddd",
    round="1.2rem",
    style="video.media{max-width:100%} .tag{color:var(--own);font-weight:600}",
)
_ADDRESS = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]']")
_TAG = re.compile(r"(?<![\w&/#;])#(\w*[^\W\d_]\w*)")
_SCOPES = {
    "openid": "Use your name and photo",
    "profile": "Use your name and photo",
    "email": "Use the primary email address associated with your LinkedIn account",
    "r_basicprofile": "Use your basic profile including your name, photo, headline, and public profile URL",
    "w_member_social": "Create, modify, and delete posts, comments, and reactions on your behalf",
    "r_member_postAnalytics": "Retrieve your posts and their reporting data",
    "r_member_profileAnalytics": "Use your profile analytics data, such as the number of your followers",
    "r_1st_connections_size": "Use the number of 1st-degree connections within your network",
}


def login(request: web.Request, here: str) -> web.Response:
    people = "".join(f"<p>{form(here, f'Sign in as {one.name}', member=key)}</p>" for key, one in MEMBERS.items())
    body = f"""<section><h1>Sign in</h1><p>This stand-in asks for no password. Who are you?</p>
{people}{form(here, "Cancel", answer="cancel")}</section>"""
    return SITE.page(request, "Sign in", body)


def consent(request: web.Request, here: str, member: Member, scopes: Iterable[str]) -> web.Response:
    wants = "".join(f"<li>{escape(said)}</li>" for said in dict.fromkeys(_SCOPES[scope] for scope in scopes))
    body = f"""<section>{_by(request, member, "signed in")}<h1>Grapevine would like to:</h1><ul>{wants}</ul>
{form(here, "Allow", "main", answer="allow")} {form(here, "Cancel", answer="cancel")}
{form(here, "Use another account", another="1")}</section>"""
    return SITE.page(request, "Authorize", body)


def bummer(request: web.Request, why: str, status: int = 400) -> web.Response:
    body = f"<section><h1>Bummer, something went wrong.</h1><p>{escape(why)}</p></section>"
    return SITE.page(request, "LinkedIn", body, status)


def feed(request: web.Request, posts: Sequence[StoredPost]) -> web.Response:
    shown = "".join(_post(request, post) for post in posts)
    return SITE.page(request, "Feed", f"<h1>Feed</h1>{shown or '<p>Nobody has posted anything yet.</p>'}")


def _by(request: web.Request, member: Member, beside: str) -> str:
    key = next(key for key, one in MEMBERS.items() if one == member)
    return f"""<header><img src="{path(request, "picture", name=key)}" alt="" width="44" height="44"><div>
<strong>{escape(member.name)}</strong><br><small>{escape(beside)}</small></div></header>"""


def _post(request: web.Request, post: StoredPost) -> str:
    when = datetime.fromtimestamp(post.created, UTC).strftime("%d %b %Y, %H:%M UTC")
    here = path(request, "post", urn=post.urn)
    kinds = (("Like", "likes"), ("Comment", "comments"), ("Repost", "reshares"))
    buttons = "".join(form(here, label, reaction=kind) for label, kind in kinds)
    return f"""<article id="{escape(post.urn)}">{_by(request, post.author, when)}<p>{_linked(post.text)}</p>
{_card(request, post)}<p><small>{_counted(post)}</small></p><footer>{buttons}</footer></article>"""


def _counted(post: StoredPost) -> str:
    numbers = ((post.likes, "like"), (post.comments, "comment"), (post.reshares, "repost"))
    return " · ".join(f"{number} {noun}{'' if number == 1 else 's'}" for number, noun in numbers)


def _card(request: web.Request, post: StoredPost) -> str:
    if post.pictures:
        return "".join(_picture(request, one["id"], one.get("altText", "")) for one in post.pictures)
    if post.article is None:
        return ""
    source, about = post.article["source"], escape(post.article.get("description", ""))
    drawn = _picture(request, post.article["thumbnail"], "") if "thumbnail" in post.article else ""
    return (
        f'<a class="card" href="{escape(source)}" target="_blank" rel="noopener">{drawn}'
        f"<strong>{escape(post.article['title'])}</strong>{about} <small>{escape(urlsplit(source).netloc)}</small></a>"
    )


def _picture(request: web.Request, urn: str, alt: str) -> str:
    source = f"{path(request, 'feed')}images/{escape(urn)}"
    if ":video:" in urn:
        return f'<video class="media" src="{source}" controls></video>'
    return f'<img class="media" src="{source}" alt="{escape(alt)}">'


def _linked(text: str) -> str:
    shown, end = [], 0
    for address in _ADDRESS.finditer(text):
        shown.append(_tagged(text[end : address.start()]))
        shown.append(f'<a href="{escape(address[0])}" target="_blank" rel="noopener">{escape(address[0])}</a>')
        end = address.end()
    return "".join([*shown, _tagged(text[end:])])


def _tagged(text: str) -> str:
    return _TAG.sub(r'<span class="tag">#\1</span>', escape(text, quote=False))


def faults(request: web.Request, fault: Fault | None) -> web.Response:
    here, on = path(request, "faults"), fault.mode if fault else ""
    modes = "".join(
        f"<li>{form(here, f'Switch on {mode}', fault=mode)} <small>{escape(said)}</small></li>"
        for mode, said in MODES.items()
    )
    people = "".join(
        f"<p>{form(here, f'Remove Grapevine as {one.name}', revoke=key)}</p>" for key, one in MEMBERS.items()
    )
    denied = request.app[STATE].forbidden
    resources = "".join(
        f"<p>{form(here, ('Allow ' if one in denied else 'Deny ') + one, deny=one)}</p>" for one in RESOURCES
    )
    body = f"""<section><h1>Faults</h1><p>Now: <b>{on or "all is well"}</b></p>
{form(here, "All is well", "main", fault="")}
<ul class="plain">{modes}</ul></section>
<section><h1>Permitted services</h1>{people}</section>
<section><h1>What this app may read</h1>{resources}</section>"""
    return SITE.page(request, "Faults", body)
