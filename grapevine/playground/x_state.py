"""What the stand-in for X remembers: its members, their posts, the tokens, and the fault it is asked to show."""

import re
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from twitter_text import extract_urls_with_indices

from grapevine.playground.faults import USUAL, Fault
from grapevine.playground.memory import packed, unpacked
from grapevine.playground.posts import Posts

_LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]'…]")


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    name: str
    handle: str
    followers: int


PEOPLE = (
    Person("2244994945", "Ada Okafor", "ada_okafor", 1204),
    Person("1460323737", "Bea Lindqvist", "bea_lindqvist", 312),
    Person("7588892012", "Cy Ortega", "cyortega", 58),
)


@dataclass(slots=True)
class XPost:
    """*text* is what the member wrote; the API shows it with its links wrapped."""

    id: str
    author: Person
    text: str
    created: float
    url: str
    media: tuple[str, ...] = ()
    likes: int = 0
    replies: int = 0
    reposts: int = 0
    quotes: int = 0


@dataclass(slots=True)
class RequestToken:
    token: str
    secret: str = field(repr=False)
    callback: str
    created: float
    person: Person | None = None
    verifier: str | None = field(default=None, repr=False)


@dataclass(slots=True)
class AccessToken:
    token: str
    secret: str = field(repr=False)
    person: Person


MODES = {
    **USUAL,
    "500": "fails inside",
    "429": "too many requests, with x-rate-limit-reset",
    "402": "the app's credits are used up",
    "401": "unauthorized, without a code",
    "403": "the app is not enrolled",
    "revoked": "every token is invalid or expired",
}


def links_in(text: str) -> list[tuple[int, int, str]]:
    """Where *text* has links: start, end, address. X links addresses without a scheme too.

    Addresses of this machine are no links to X; here they are, since the playground's short links are such.
    """
    found = {match.start(): (match.start(), match.end(), match.group()) for match in _LINK.finditer(text)}
    for entity in extract_urls_with_indices(text):
        start, end = entity["indices"]
        if not any(begin <= start < stop for begin, stop, _ in found.values()):
            url = entity["url"]
            found[start] = (start, end, url if "://" in url else f"http://{url}")
    return [found[start] for start in sorted(found)]


class XStandIn(Posts[XPost]):
    """A strict stand-in for X.

    *callbacks* are the beginnings of the callback addresses listed for the app; a *read_only* app may not post.
    """

    counted = ("likes", "replies", "reposts")

    def __init__(
        self,
        api_key: str = "playground-x-key",
        api_secret: str = "playground-x-secret",  # noqa: S107  # the playground's own, known to everyone
        callbacks: Sequence[str] = ("http://127.0.0.1", "http://localhost"),
        read_only: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__()
        self.api_key = api_key
        self.api_secret = api_secret
        self.callbacks = list(callbacks)
        self.read_only = read_only
        self.clock = clock
        self.fault: Fault | None = None
        self.request_tokens: dict[str, RequestToken] = {}
        self.access_tokens: dict[str, AccessToken] = {}
        self.nonces: dict[str, float] = {}
        self.media: dict[str, tuple[str, bytes, str]] = {}  # id -> owner, bytes, content type
        self.alt_texts: dict[str, str] = {}
        self._sequence = 0

    def new_id(self) -> str:
        """A snowflake: milliseconds since X's epoch, then a sequence number; 19 digits."""
        self._sequence += 1
        return str((int(self.clock() * 1000) - 1288834974657 << 22) | self._sequence % 4096)

    def add(self, author: Person, text: str, url: str, media: Sequence[str] = ()) -> XPost:
        """A new post; *url* is where a person sees it, ``{id}`` standing for its id."""
        number = self.new_id()
        post = XPost(number, author, text, self.clock(), url.replace("{id}", number), tuple(media))
        self._posts[number] = post
        return post

    def issue(self, person: Person) -> AccessToken:
        """The member's access token; X hands out the same one until it is revoked."""
        for known in self.access_tokens.values():
            if known.person == person:
                return known
        token = AccessToken(f"{person.id}-{secrets.token_hex(20)}", secrets.token_hex(22), person)
        self.access_tokens[token.token] = token
        return token

    def revoke(self, person_id: str) -> None:
        """What the member does on X's page of connected apps."""
        for token in [t for t in self.access_tokens.values() if t.person.id == person_id]:
            del self.access_tokens[token.token]

    def remember(self) -> dict[str, Any]:
        """What outlasts a restart, as JSON; dances that are not over, nonces and the fault do not."""
        return {
            "tokens": [{**asdict(token), "person": token.person.id} for token in self.access_tokens.values()],
            "media": {
                number: {"owner": owner, "content": packed(content), "type": kind}
                for number, (owner, content, kind) in self.media.items()
            },
            "alt_texts": self.alt_texts,
            "posts": [{**asdict(post), "author": post.author.id} for post in self._posts.values()],
        }

    def recall(self, remembered: dict[str, Any]) -> None:
        """Take up what `remember` gave; KeyError, TypeError, ValueError or AttributeError when it is something else."""
        who = {person.id: person for person in PEOPLE}
        self.access_tokens = {
            token["token"]: AccessToken(**{**token, "person": who[token["person"]]}) for token in remembered["tokens"]
        }
        self.media = {
            number: (one["owner"], unpacked(one["content"]), one["type"]) for number, one in remembered["media"].items()
        }
        self.alt_texts = {**remembered["alt_texts"]}
        self._posts = {
            post["id"]: XPost(**{**post, "author": who[post["author"]], "media": tuple(post["media"])})
            for post in remembered["posts"]
        }


STATE: web.AppKey[XStandIn] = web.AppKey("x", XStandIn)


def timestamp(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
