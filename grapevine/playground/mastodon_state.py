"""What the stand-in Mastodon server remembers: its people, apps, tokens, posts, and the fault it is asked to show."""

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from aiohttp import web

from grapevine.playground.faults import USUAL, Fault
from grapevine.playground.memory import packed, unpacked
from grapevine.playground.posts import Posts

#: seconds that a one-time code and an Idempotency-Key live, and a window of the limit for registrations lasts
CODE_LIFE, KEY_LIFE, REGISTRATION_WINDOW = 600.0, 3600.0, 600.0
MODES = {
    **USUAL,
    "500": "fails inside",
    "503": "is under repair: a page of the proxy in front of it",
    "429": "too many requests, with X-RateLimit-Reset",
    "address": "too many requests of this address, when they come without a token",
    "401": "the proxy in front of it asks for a password",
    "403": "the login is disabled",
    "410": "the server has closed for good",
    "422": "finds the request invalid",
    "revoked": "every token was revoked",
}


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    name: str
    acct: str
    followers: int
    colour: str


PEOPLE = (
    Person("109348684141000001", "Ada Okafor", "ada", 877, "#7a3b69"),
    Person("109348684141000002", "Bea Lindqvist", "bea", 451, "#1f6f5c"),
    Person("109348684141000003", "Cy Ortega", "cy", 36, "#8a5a12"),
)


@dataclass(frozen=True, slots=True)
class App:
    client_id: str
    secret: str = field(repr=False)
    name: str
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...]


@dataclass(slots=True)
class Code:
    """What a one-time code stands for; *challenge* is PKCE's, empty when there was none."""

    app: App
    person: Person
    scopes: tuple[str, ...]
    redirect_uri: str
    challenge: str
    made: float
    used: bool = False


@dataclass(slots=True)
class Token:
    client_id: str
    person: Person
    scopes: tuple[str, ...]
    revoked: bool = False


@dataclass(slots=True)
class Media:
    owner: Person
    content: bytes = field(repr=False)
    kind: str
    description: str
    ready: float
    used: bool = False


@dataclass(slots=True)
class Status:
    id: str
    author: Person
    text: str
    created: float
    url: str
    visibility: str = "public"
    media: tuple[str, ...] = ()
    favourites: int = 0
    replies: int = 0
    boosts: int = 0


class MastodonStandIn(Posts[Status]):
    """One strict stand-in server.

    *version* before 4.3 has no scope ``profile``, no PKCE, and reads posts one by one; *closed* shows nothing to those
    who have no token; *processing*: seconds that it works on an image; *registrations*: apps in ten minutes.
    """

    counted = ("favourites", "replies", "boosts")

    def __init__(
        self,
        version: str = "4.5.2",
        *,
        limit: int = 500,
        closed: bool = False,
        processing: float = 0.0,
        registrations: int = 5,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__()
        self.version = version
        self.limit = limit
        self.closed = closed
        self.processing = processing
        self.registrations = registrations
        self.clock = clock
        self.fault: Fault | None = None
        self.registered: list[float] = []
        self.apps: dict[str, App] = {}
        self.codes: dict[str, Code] = {}
        self.tokens: dict[str, Token] = {}
        self.media: dict[str, Media] = {}
        self.keys: dict[tuple[str, str], tuple[float, str]] = {}  # account, Idempotency-Key -> when, which status
        self._sequence = 0

    @property
    def modern(self) -> bool:
        """4.3 and newer."""
        return tuple(int(part) for part in self.version.split(".")[:2]) >= (4, 3)

    def new_id(self) -> str:
        """Milliseconds, then a sequence number, as Mastodon's own."""
        self._sequence += 1
        return str(int(self.clock() * 1000) << 16 | self._sequence % 65536)

    def add(self, author: Person, text: str, url: str, media: Sequence[str] = (), visibility: str = "public") -> Status:
        """A new post; *url* is where a person sees it, ``{id}`` standing for its id."""
        number = self.new_id()
        status = Status(number, author, text, self.clock(), url.replace("{id}", number), visibility, tuple(media))
        self._posts[number] = status
        return status

    def public(self) -> list[Status]:
        return [one for one in self.newest() if one.visibility == "public"]

    def issue(self, app: App, person: Person, scopes: Sequence[str]) -> str:
        """An access token; the same app, person and scopes have one until it is revoked."""
        wanted = Token(app.client_id, person, tuple(scopes))
        for known, token in self.tokens.items():
            if token == wanted:
                return known
        access = secrets.token_urlsafe(32)
        self.tokens[access] = wanted
        return access

    def revoke(self, person_id: str) -> None:
        """What the member does under "Authorized apps"."""
        for token in self.tokens.values():
            token.revoked = token.revoked or token.person.id == person_id

    def remember(self) -> dict[str, Any]:
        """What outlasts a restart, as JSON; dances that are not over and the fault do not."""
        return {
            "version": self.version,
            "apps": [asdict(app) for app in self.apps.values()],
            "tokens": {access: {**asdict(token), "person": token.person.id} for access, token in self.tokens.items()},
            "media": {
                number: {**asdict(one), "owner": one.owner.id, "content": packed(one.content)}
                for number, one in self.media.items()
            },
            "keys": [[*key, *kept] for key, kept in self.keys.items()],
            "posts": [{**asdict(one), "author": one.author.id} for one in self._posts.values()],
        }

    def recall(self, remembered: dict[str, Any]) -> None:
        """Take up what `remember` gave; KeyError, TypeError, ValueError or AttributeError when it is something else."""
        who = {person.id: person for person in PEOPLE}
        self.version = remembered["version"]
        lists = ("redirect_uris", "scopes")
        self.apps = {
            one["client_id"]: App(**{**one, **{name: tuple(one[name]) for name in lists}}) for one in remembered["apps"]
        }
        self.tokens = {
            access: Token(**{**one, "person": who[one["person"]], "scopes": tuple(one["scopes"])})
            for access, one in remembered["tokens"].items()
        }
        self.media = {
            number: Media(**{**one, "owner": who[one["owner"]], "content": unpacked(one["content"])})
            for number, one in remembered["media"].items()
        }
        self.keys = {(account, key): (at, number) for account, key, at, number in remembered["keys"]}
        self._posts = {
            one["id"]: Status(**{**one, "author": who[one["author"]], "media": tuple(one["media"])})
            for one in remembered["posts"]
        }


STATE: web.AppKey[MastodonStandIn] = web.AppKey("mastodon", MastodonStandIn)
