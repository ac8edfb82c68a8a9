"""What the stand-in for Bluesky remembers: people, app passwords, sessions, pictures, posts, and the fault to show."""

import base64
import hashlib
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from aiohttp import web

from grapevine.playground.bluesky_grants import Grants
from grapevine.playground.faults import USUAL, Fault
from grapevine.playground.memory import packed, unpacked

#: seconds that an access and a refresh token live, and that a used refresh token is still answered with its successor
ACCESS_LIFE, REFRESH_LIFE, GRACE = 7200, 90 * 86400, 7200
POST = "app.bsky.feed.post"
MODES = {
    **USUAL,
    "500": "fails inside",
    "503": "is under repair: a page of the proxy in front of it",
    "401": "the proxy in front of it asks for a password",
    "429": "too many requests, with ratelimit-reset",
    "revoked": "every session is revoked",
    "expired": "every access token has expired before its time",
    "deactivated": "every account is deactivated",
    "unindexed": "posts are written and not shown yet",
    "no-oauth": "it is a server without OAuth",
    "no-metadata": "it cannot fetch what an app says of itself",
    "nonce": "each answer brings a new nonce, and only the newest is good",
}


@dataclass(frozen=True, slots=True)
class Person:
    """*password* is the account's own; Grapevine must never take it."""

    did: str
    name: str
    handle: str
    followers: int
    colour: str
    password: str = field(repr=False)


PEOPLE = (
    Person("did:plc:adaokafor2222222222222222"[:32], "Ada Okafor", "ada.test", 940, "#7a3b69", "ada has a password"),
    Person("did:plc:bealindqvist2222222222222"[:32], "Bea Lindqvist", "bea.test", 388, "#1f6f5c", "bea has a password"),
    Person("did:plc:cyortega22222222222222222"[:32], "Cy Ortega", "cy.test", 21, "#8a5a12", "cy has a password"),
)


@dataclass(frozen=True, slots=True)
class AppPassword:
    did: str
    name: str
    password: str = field(repr=False)


@dataclass(slots=True)
class Session:
    """A refresh token: *made_with* is the app password's name, empty for the account's own; *next* its successor."""

    id: str
    did: str
    made_with: str
    ends: float
    next: str = ""


@dataclass(slots=True)
class Blob:
    owner: str
    content: bytes = field(repr=False)
    kind: str


@dataclass(slots=True)
class Post:
    id: str
    author: Person
    record: dict[str, Any]
    created: float
    cid: str
    url: str
    likes: int = 0
    replies: int = 0
    reposts: int = 0
    quotes: int = 0

    @property
    def uri(self) -> str:
        return f"at://{self.author.did}/{POST}/{self.id}"

    @property
    def card(self) -> str:
        """Where the post's card leads, empty without one."""
        return str(self.record.get("embed", {}).get("external", {}).get("uri", ""))


class BlueskyStandIn:
    """A member's server, the directory of DIDs and the public view of it all, in one; *clock* gives epoch seconds."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.fault: Fault | None = None
        self.key = secrets.token_hex(32)
        self.app_passwords: list[AppPassword] = []
        self.sessions: dict[str, Session] = {}
        self.oauth = Grants(lambda: self.clock())
        #: where an https origin really is ("https://grapevine.example.com": "http://127.0.0.1:3000"), as DNS and a
        #: proxy with a certificate have it. Like the reference server this one takes no .example, no .test and no port
        self.hosts: dict[str, str] = {}
        #: the address of the same state mounted elsewhere, if that one gives the permissions, as bsky.social does
        self.entryway = ""
        #: what was fetched from the hosts, by address, until when it is not fetched again
        self.fetched: dict[str, tuple[float, Any]] = {}
        self.blobs: dict[str, Blob] = {}
        self._posts: dict[tuple[str, str], Post] = {}

    def make_app_password(self, person: Person, name: str) -> AppPassword:
        """As Bluesky makes them; shown once, and here as often as one likes."""
        letters = base64.b32encode(secrets.token_bytes(10)).decode().lower()
        made = AppPassword(person.did, name, "-".join(letters[at : at + 4] for at in range(0, 16, 4)))
        self.drop_app_password(person.did, name)
        self.app_passwords.append(made)
        return made

    def drop_app_password(self, did: str, name: str) -> None:
        """It and the sessions that it opened: their access tokens live on to their end."""
        self.app_passwords = [one for one in self.app_passwords if (one.did, one.name) != (did, name)]
        self.sessions = {
            number: one for number, one in self.sessions.items() if (one.did, one.made_with) != (did, name)
        }

    def authorize(self, request_uri: str, did: str) -> str:
        """What a person does who clicks Authorize: the address, with the code, to which the browser is sent."""
        return self.oauth.authorize(request_uri, did)

    def deny(self, request_uri: str, error: str = "access_denied", why: str = "The user rejected the request") -> str:
        """The same for Deny."""
        return self.oauth.deny(request_uri, error, why)

    def blob(self, owner: str, content: bytes, kind: str) -> str:
        """Keep it; its CID: version 1, raw, SHA-256."""
        digest = b"\x01\x55\x12\x20" + hashlib.sha256(content).digest()
        cid = "b" + base64.b32encode(digest).decode().rstrip("=").lower()
        self.blobs[cid] = Blob(owner, content, kind)
        return cid

    def put(self, author: Person, key: str, record: Mapping[str, Any], url: str) -> Post:
        digest = b"\x01\x71\x12\x20" + hashlib.sha256(repr(sorted(record.items())).encode()).digest()
        cid = "b" + base64.b32encode(digest).decode().rstrip("=").lower()
        post = Post(key, author, dict(record), self.clock(), cid, url)
        self._posts[author.did, key] = post
        return post

    def post(self, did: str, key: str) -> Post | None:
        return self._posts.get((did, key))

    def find(self, key: str) -> Post | None:
        """The post of that key, whoever wrote it."""
        return next((post for post in self._posts.values() if post.id == key), None)

    def remove(self, key: str) -> None:
        self._posts = {place: post for place, post in self._posts.items() if post.id != key}

    def newest(self) -> list[Post]:
        return sorted(self._posts.values(), key=lambda post: post.created, reverse=True)

    def react(self, post_id: str | None = None, likes: int = 0, comments: int = 0, reshares: int = 0) -> str | None:
        """Let people react to the post (negative: take it back), the newest by default; its id, None without one."""
        newest = self.newest()
        post = self.find(post_id) if post_id else (newest[0] if newest else None)
        if post is None:
            return None
        post.likes = max(0, post.likes + likes)
        post.replies = max(0, post.replies + comments)
        post.reposts = max(0, post.reposts + reshares)
        return post.id

    def posts(self) -> list[dict[str, Any]]:
        """id, text, url (of the card, else of the post), created (epoch seconds) of every post, newest first."""
        return [
            {"id": one.id, "text": one.record["text"], "url": one.card or one.url, "created": one.created}
            for one in self.newest()
        ]

    def remember(self) -> dict[str, Any]:
        """What outlasts a restart, as JSON; the fault does not."""
        return {
            "key": self.key,
            "app_passwords": [asdict(one) for one in self.app_passwords],
            "sessions": [asdict(one) for one in self.sessions.values()],
            "oauth": self.oauth.remember(),
            "blobs": {cid: {**asdict(one), "content": packed(one.content)} for cid, one in self.blobs.items()},
            "posts": [{**asdict(one), "author": one.author.did} for one in self._posts.values()],
        }

    def recall(self, remembered: dict[str, Any]) -> None:
        """Take up what `remember` gave; KeyError, TypeError, ValueError or AttributeError when it is something else."""
        who = {person.did: person for person in PEOPLE}
        self.key = remembered["key"]
        self.app_passwords = [AppPassword(**one) for one in remembered["app_passwords"]]
        self.sessions = {one["id"]: Session(**one) for one in remembered["sessions"]}
        self.oauth.recall(remembered.get("oauth", {}))
        self.blobs = {
            cid: Blob(**{**one, "content": unpacked(one["content"])}) for cid, one in remembered["blobs"].items()
        }
        self._posts = {
            (one["author"], one["id"]): Post(**{**one, "author": who[one["author"]]}) for one in remembered["posts"]
        }


STATE: web.AppKey[BlueskyStandIn] = web.AppKey("bluesky", BlueskyStandIn)
