"""The feed of a stand-in network, a page for each post, and the buttons with which people react."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import NamedTuple, TypeVar

from aiohttp import web

from grapevine.playground.pages import Site, form, path
from grapevine.playground.posts import Kept, Posts

P = TypeVar("P", bound=Kept)


class Counter(NamedTuple):
    """What a button counts up: a post's *field*, and its words for one and for *many*."""

    field: str
    one: str
    many: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A post as people see it; *face*: a picture's name; *address*: its own page; *text* and the *rest* are markup."""

    author: str
    handle: str
    face: str
    address: str
    text: str
    rest: str = ""


def routes(
    site: Site,
    state: Posts[P],
    shown: Callable[[web.Request, P], Shown],
    counters: Mapping[str, Counter],
    *,
    each: str,
    pressed: str,
    gone: str,
) -> list[web.RouteDef]:
    """``/``, a post at *each*, and at *pressed* its buttons; *counters* by their names; *gone*: that there is no post.

    Both patterns have ``{id}``. There is a route "picture" with ``{name}``, which has the faces.
    """

    def article(request: web.Request, post: P) -> str:
        one, when = shown(request, post), datetime.fromtimestamp(post.created, UTC)
        buttons = "".join(
            f"{form(path(request, 'act', id=post.id, act=name), name.title())} "
            f"<span>{_said(getattr(post, counter.field), counter)}</span>\n"
            for name, counter in counters.items()
        )
        return f"""<article aria-label="Post by {escape(one.author)}" data-id="{post.id}"><header>
<img src="{path(request, "picture", name=one.face)}" alt="" width="40" height="40"><div>
<strong>{escape(one.author)}</strong> <small>{f"@{one.handle} · " if one.handle else ""}<a href="{escape(one.address)}">
<time datetime="{when.isoformat()}">{when:%d %b %H:%M} UTC</time></a></small></div></header>
<p>{one.text}</p>{one.rest}
<footer>{buttons}{form(path(request, "act", id=post.id, act="delete"), "Delete")}</footer></article>"""

    async def feed(request: web.Request) -> web.Response:
        articles = "".join(article(request, post) for post in state.public())
        return site.page(request, "Home", f"<h1>Home</h1>{articles or '<section><p>No posts yet.</p></section>'}")

    async def one(request: web.Request) -> web.Response:
        post = state.post(request.match_info["id"])
        if post is None:
            return site.page(request, "Not found", f"<section><p>{gone}</p></section>", 404)
        return site.page(request, shown(request, post).author, article(request, post))

    async def act(request: web.Request) -> web.StreamResponse:
        post, done = state.post(request.match_info["id"]), request.match_info["act"]
        if post is None:
            raise web.HTTPNotFound
        if done == "delete":
            state.remove(post.id)
        else:
            setattr(post, counters[done].field, getattr(post, counters[done].field) + 1)
        raise web.HTTPSeeOther(path(request, "feed"))

    return [
        web.get("/", feed, name="feed"),
        web.get("", feed),
        web.get(each, one, name="post"),
        web.post(f"{pressed}/{{act:{'|'.join([*counters, 'delete'])}}}", act, name="act"),
    ]


def _said(count: int, counter: Counter) -> str:
    return f"{count} {counter.one if count == 1 else counter.many}"


def linked(text: str, links: Iterable[tuple[int, int, str]]) -> str:
    """The text with its links, as (start, end, address), clickable; each leads straight to its own address."""
    parts, at = [], 0
    for start, end, address in links:
        link = f'<a href="{escape(address)}" target="_blank" rel="noopener">{escape(text[start:end])}</a>'
        parts += [escape(text[at:start]), link]
        at = end
    return "".join([*parts, escape(text[at:])])
