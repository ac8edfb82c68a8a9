"""What the stand-in LinkedIn knows: members, their tokens, their posts. In memory, on one event loop."""

import secrets
import time
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from aiohttp import web

from grapevine.playground.memory import packed, unpacked
from grapevine.playground.posts import Posts
from grapevine.written import is_loopback

if TYPE_CHECKING:
    from grapevine.playground.faults import Fault

CODE_LIFE = 30 * 60.0
SCOPES = {
    "share": ("openid", "profile", "email", "w_member_social"),
    "community": (
        "r_basicprofile",
        "w_member_social",
        "r_member_postAnalytics",
        "r_member_profileAnalytics",
        "r_1st_connections_size",
    ),
}


#: what an app may be refused (403) although the member granted its scope
RESOURCES = ("memberCreatorPostAnalytics", "socialMetadata", "memberFollowersCount", "connections")


@dataclass(frozen=True, slots=True)
class Member:
    id: str
    given: str
    family: str
    connections: int
    colour: str

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}"

    @property
    def urn(self) -> str:
        return f"urn:li:person:{self.id}"

    @property
    def followers(self) -> int:
        return self.connections + 37


MEMBERS = {
    "ada": Member("Ada7kq2Pz9", "Ada", "Okafor", 512, "#7a3e9d"),
    "bea": Member("Bea4mt8Xw1", "Bea", "Lindqvist", 843, "#0a66c2"),
    "cy": Member("Cy_9dr-5Lh", "Cy", "Ortega", 167, "#2e7d32"),
}


@dataclass(slots=True)
class Code:
    member: Member
    scopes: tuple[str, ...]
    redirect_uri: str
    made: float
    used: bool = False


@dataclass(slots=True)
class Token:
    """*refresh* is empty for apps without refresh tokens; times in epoch seconds."""

    member: Member
    scopes: tuple[str, ...]
    made: float
    expires: float
    refresh: str = ""
    revoked: bool = False


@dataclass(slots=True)
class Image:
    """*ready* is when it has been processed and a post may show it, in epoch seconds."""

    owner: Member
    content: bytes = field(default=b"", repr=False)
    ready: float = 0.0


@dataclass(slots=True)
class Video:
    """One that is being uploaded: *parts* by their first byte."""

    owner: Member
    size: int
    parts: dict[int, bytes] = field(default_factory=dict, repr=False)


@dataclass(slots=True)
class StoredPost:
    """*text* is what readers see, which is less than the *commentary* where that was not escaped."""

    urn: str
    author: Member
    commentary: str
    text: str
    created: float
    article: dict[str, str] | None = None
    pictures: list[dict[str, str]] = field(default_factory=list)
    likes: int = 0
    comments: int = 0
    reshares: int = 0
    link_clicks: int = 0
    deleted: bool = False

    @property
    def id(self) -> str:
        return self.urn


class LinkedInStandIn(Posts[StoredPost]):
    """The state behind both apps.

    *redirect_uris* are those registered in the portal; None: any on this machine. *settling* is for how many seconds a
    fresh token is refused. *analytics* False answers 404 as the development tier was seen to; *sparse* leaves rows of
    zero out; *processing* is for how many seconds an uploaded picture is not yet one that a post may show; *twins*
    knows each post under the other kind of URN only; *quota* is the calls that are left.
    """

    counted = ("likes", "comments", "reshares")

    def __init__(
        self,
        kind: Literal["share", "community"] = "community",
        *,
        client_id: str = "playground-linkedin-id",
        client_secret: str = "playground-linkedin-secret",  # noqa: S107 – it guards nothing: this is a toy
        redirect_uris: Collection[str] | None = None,
        settling: float = 0.5,
        token_life: float = 5184000.0,
        refresh_tokens: bool = False,
        analytics: bool = True,
        sparse: bool = False,
        processing: float = 0.0,
        twins: bool = False,
        quota: int | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__()
        self.kind = kind
        self.client_id = client_id
        self.client_secret = client_secret
        self.redirect_uris = redirect_uris
        self.settling = settling
        self.token_life = token_life
        self.refresh_tokens = refresh_tokens
        self.analytics = analytics
        self.sparse = sparse
        self.processing = processing
        self.twins = twins
        self.quota = quota
        self.clock = clock
        self.codes: dict[str, Code] = {}
        self.tokens: dict[str, Token] = {}
        self.images: dict[str, Image] = {}
        self.videos: dict[str, Video] = {}
        self.part_size = 4 * 1024 * 1024
        self.stored: dict[str, StoredPost] = {}
        self.fault: Fault | None = None
        self.calls: list[str] = []
        #: posts whose statistics end in an internal error
        self.ailing: set[str] = set()
        #: resources of the API that this app may not use (403), whatever its scopes
        self.forbidden: set[str] = set()
        self._number = 0

    @property
    def scopes(self) -> tuple[str, ...]:
        """What the app's products grant."""
        return SCOPES[self.kind]

    def registered(self, redirect_uri: str) -> bool:
        if self.redirect_uris is None:
            return is_loopback(redirect_uri)
        return redirect_uri in self.redirect_uris

    def versions(self) -> set[str]:
        """The twelve monthly versions that are served now."""
        today = time.gmtime(self.clock())
        month = today.tm_year * 12 + today.tm_mon - 1
        return {f"{one // 12}{one % 12 + 1:02}" for one in range(month - 11, month + 1)}

    def post(self, post_id: str) -> StoredPost | None:
        found = self.stored.get(post_id)
        return found if found and not found.deleted else None

    def remove(self, post_id: str) -> None:
        """Readers do not see it any more; who posts the same again is told of it."""
        self.stored[post_id].deleted = True

    def newest(self) -> list[StoredPost]:
        return [post for post in reversed(self.stored.values()) if not post.deleted]

    def told(self, post: StoredPost) -> dict[str, Any]:
        """The url is the card's, None without one; the counts are told too."""
        url = post.article["source"] if post.article else None
        counts = {"likes": post.likes, "comments": post.comments, "reshares": post.reshares}
        said = {"id": post.urn, "text": post.text, "url": url, "created": post.created, "author": post.author.name}
        return {**said, **counts}

    def clicked(self, link: str) -> None:
        """Somebody followed a post's link: LinkedIn counts each click, and does not ask whose."""
        for post in self.stored.values():
            if not post.deleted and link in (*post.text.split(), (post.article or {}).get("source")):
                post.link_clicks += 1

    def revoke(self, member: Member) -> None:
        """The member removes the app under "Permitted services"."""
        for token in self.tokens.values():
            token.revoked = token.revoked or token.member == member

    def new_urn(self, kind: str) -> str:
        """An id as LinkedIn makes them: milliseconds in the upper bits."""
        self._number += 1
        return f"urn:li:{kind}:{(int(self.clock() * 1000) << 22) | self._number}"

    def new_token(self, member: Member, scopes: tuple[str, ...], refresh: str = "") -> str:
        """A token; asking for another set of scopes than before ends the member's earlier ones."""
        for token in self.tokens.values():
            token.revoked = token.revoked or (token.member == member and set(token.scopes) != set(scopes))
        access = "AQX" + secrets.token_urlsafe(48)
        now = self.clock()
        if self.refresh_tokens and not refresh:
            refresh = "AQW" + secrets.token_urlsafe(48)
        self.tokens[access] = Token(member, scopes, now, now + self.token_life, refresh)
        return access

    def remember(self) -> dict[str, Any]:
        """What outlasts a restart, as JSON; codes that nobody has come with yet, and the fault, do not."""
        return {
            "tokens": {access: {**asdict(token), "member": token.member.id} for access, token in self.tokens.items()},
            "images": {
                urn: {"owner": image.owner.id, "content": packed(image.content)} for urn, image in self.images.items()
            },
            "posts": [{**asdict(post), "author": post.author.id} for post in self.stored.values()],
        }

    def recall(self, remembered: dict[str, Any]) -> None:
        """Take up what `remember` gave; KeyError, TypeError, ValueError or AttributeError when it is something else."""
        who = {member.id: member for member in MEMBERS.values()}
        self.tokens = {
            access: Token(**{**token, "member": who[token["member"]], "scopes": tuple(token["scopes"])})
            for access, token in remembered["tokens"].items()
        }
        self.images = {
            urn: Image(who[image["owner"]], unpacked(image["content"])) for urn, image in remembered["images"].items()
        }
        self.stored = {
            post["urn"]: StoredPost(**{**post, "author": who[post["author"]]}) for post in remembered["posts"]
        }


STATE = web.AppKey("linkedin_state", LinkedInStandIn)
