"""What the stand-in for Facebook remembers: people, Pages, what was allowed, tokens, posts, and the fault it shows."""

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from aiohttp import web

from grapevine.playground.faults import USUAL, Fault
from grapevine.playground.memory import packed, unpacked
from grapevine.playground.posts import Posts

#: seconds; a user token that was not exchanged lives for an hour or two
CODE_LIFE, SHORT_LIFE, LONG_LIFE = 600.0, 3600.0, 5183944.0
SCOPES = ("pages_show_list", "pages_manage_posts", "pages_read_engagement")


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Page:
    """*tasks*: what each person may do there."""

    id: str
    name: str
    followers: int
    colour: str
    tasks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


PEOPLE = ADA, BEA, CY = (
    Person("24005550100000001", "Ada Okafor"),
    Person("24005550100000002", "Bea Lindqvist"),
    Person("24005550100000003", "Cy Ortega"),
)
_ALL = ("ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MESSAGING", "MODERATE", "MANAGE")
PAGES = (
    Page("101550000000001", "Vine & Co", 2310, "#2b5f1d", {ADA.id: _ALL, BEA.id: ("ANALYZE", "CREATE_CONTENT")}),
    Page("101550000000002", "Vine & Co Careers", 640, "#7a3b69", {ADA.id: _ALL}),
    Page("101550000000003", "Grape Growers of Ulm", 88, "#8a5a12", {ADA.id: ("ANALYZE",)}),
)


@dataclass(slots=True)
class Grant:
    """What one person has allowed the app: for which Pages, and what."""

    pages: tuple[str, ...]
    scopes: tuple[str, ...]


@dataclass(slots=True)
class Token:
    """A person's, or a Page's when it names one; *ends* in epoch seconds, None for never."""

    token: str = field(repr=False)
    person: str
    page: str = ""
    ends: float | None = None


@dataclass(slots=True)
class Code:
    code: str = field(repr=False)
    person: str
    redirect_uri: str
    made: float


@dataclass(slots=True)
class Post:
    id: str
    page: str
    message: str
    created: float
    link: str = ""
    photos: tuple[str, ...] = ()
    likes: int = 0
    comments: int = 0
    shares: int = 0


MODES = {
    **USUAL,
    "500": "an unknown error, code 2",
    "429": "the Page's limit is reached",
    "revoked": "the person removed the app",
    "expired": "the token has run out",
    "checkpoint": "the person has to log in and put something right",
    "role_lost": "the person has no role on the Page any more",
    "forbidden": "a permission is missing",
    "blocked": "blocked for a while for what it does",
    "proof": "the app's secret was changed",
    "unanswered": "leaves every second answer of a batch out",
    "unattached": "does not show what is attached to a post",
    "chatty": "tells people and texts that nobody asked for",
    "401": "a proxy in between lets nobody in",
}


class FacebookStandIn(Posts[Post]):
    """A strict stand-in for Facebook. *redirect_uris* are those listed for the app, whole."""

    counted = ("likes", "comments", "shares")

    def __init__(
        self,
        app_id: str = "1002003004005",
        app_secret: str = "playground-facebook-secret",  # noqa: S107  # the playground's own, known to everyone
        redirect_uris: Sequence[str] = (),
        pages: Sequence[Page] = PAGES,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__()
        self.app_id, self.app_secret = app_id, app_secret
        self.redirect_uris = list(redirect_uris)
        self.pages = {page.id: page for page in pages}
        self.clock = clock
        self.fault: Fault | None = None
        self.grants: dict[str, Grant] = {}
        self.codes: dict[str, Code] = {}
        self.tokens: dict[str, Token] = {}
        self.photos: dict[str, tuple[str, bytes, str, str]] = {}  # id -> page, bytes, content type, alternative text
        self.asked: list[str] = []  # the fields that were asked for
        self._sequence = 0

    def new_id(self) -> str:
        self._sequence += 1
        return f"{int(self.clock() * 1000)}{self._sequence % 1000:03d}"

    def issue(self, person: str, page: str = "", ends: float | None = None) -> Token:
        """A token; a Page's is the same until it ends."""
        for known in self.tokens.values():
            if page and (known.person, known.page, known.ends) == (person, page, ends):
                return known
        token = Token(f"EAAG{secrets.token_urlsafe(60)}", person, page, ends)
        self.tokens[token.token] = token
        return token

    def allow(self, person: str, pages: Sequence[str], scopes: Sequence[str] = SCOPES) -> None:
        self.grants[person] = Grant(tuple(pages), tuple(scopes))

    def remove_app(self, person: str) -> None:
        """What somebody does under "Business integrations", or an app for them: every token of theirs is dead."""
        self.grants.pop(person, None)

    def add(self, page: str, message: str, link: str = "", photos: Sequence[str] = ()) -> Post:
        post = Post(f"{page}_{self.new_id()}", page, message, self.clock(), link, tuple(photos))
        self._posts[post.id] = post
        return post

    def newest(self, page: str = "") -> list[Post]:
        return [post for post in super().newest() if page in ("", post.page)]

    def told(self, post: Post) -> dict[str, Any]:
        return {"id": post.id, "text": post.message, "url": post.link, "created": post.created}

    def remember(self) -> dict[str, Any]:
        """What outlasts a restart, as JSON; codes and the fault do not."""
        return {
            "grants": {person: asdict(grant) for person, grant in self.grants.items()},
            "tokens": [asdict(token) for token in self.tokens.values()],
            "posts": [asdict(post) for post in self._posts.values()],
            "photos": {
                number: {"page": page, "content": packed(content), "type": kind, "alt": alt}
                for number, (page, content, kind, alt) in self.photos.items()
            },
        }

    def recall(self, remembered: dict[str, Any]) -> None:
        """Take up what `remember` gave; KeyError, TypeError, ValueError or AttributeError when it is something else."""
        grants, photos = remembered["grants"].items(), remembered["photos"].items()
        self.grants = {person: Grant(tuple(one["pages"]), tuple(one["scopes"])) for person, one in grants}
        self.tokens = {one["token"]: Token(**one) for one in remembered["tokens"]}
        self._posts = {one["id"]: Post(**{**one, "photos": tuple(one["photos"])}) for one in remembered["posts"]}
        self.photos = {
            number: (one["page"], unpacked(one["content"]), one["type"], one["alt"]) for number, one in photos
        }


STATE: web.AppKey[FacebookStandIn] = web.AppKey("facebook", FacebookStandIn)
