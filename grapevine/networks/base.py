"""What every network offers to the programs: one contract, and the errors it may end in.

Everything here is synchronous (requests-oauthlib); callers use ``asyncio.to_thread``. Each call ends in its result or
in ``TryLater``, ``Reconnect``, ``Refused`` or ``Unavailable``; nobody else looks at a status code. Tokens are opaque
strings: what a network needs to remember (token, secret, refresh token, expiry) it packs into one string itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

from grapevine.domain.accounts import Capabilities, Profile
from grapevine.domain.budgets import Quota
from grapevine.domain.errors import NotFound, Unavailable
from grapevine.domain.pictures import Takes
from grapevine.domain.posts import Post, PostKind
from grapevine.domain.reactions import Counts

#: seconds to connect, seconds to read; every request to a network has both.
TIMEOUT = (5.0, 20.0)


@dataclass(frozen=True, slots=True)
class Ask:
    """One permission that the network's prompt will ask for, and why (rule 19).

    *scope* is what it is called in words, and *code* its name in the network's settings, where that is another.
    """

    scope: str
    why: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """Something the member is asked on Grapevine's own page before the network's prompt (which server, say).

    *name* is that of the answer; *value* is suggested. A *secret* one is typed unseen and never shown again. One with
    an *aside* is for few: it stands folded away under those words, and may stay without an answer.
    """

    name: str
    label: str
    hint: str = ""
    placeholder: str = ""
    value: str = ""
    secret: bool = False
    aside: str = ""


NO_ANSWERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Authorization:
    """Where to send the member; *secret* stays on the server (OAuth 1 request token secret, PKCE verifier)."""

    url: str
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Connected:
    """The outcome of a finished dance; *caption_limit* where the account has another than its network's."""

    token: str = field(repr=False)
    profile: Profile
    capabilities: Capabilities
    expires_at: float | None = None
    caption_limit: int | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """A finished dance that opened several accounts: the member chooses one of *options*, the others are forgotten."""

    options: tuple[Connected, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of an image post; *kind* is its content type."""

    content: bytes = field(repr=False)
    kind: str
    alt_text: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be published: the final caption (links already short), the post, and the link that its card points at.

    *link* is None for image and video posts. *media* holds the bytes of an image or a video and its content type.
    *key* is the same for every attempt at one placement, and no other's; it says nothing about the member. *at* is when
    the member shared it, in epoch seconds. *more* are the further pictures of an image post. *thumbnail* is the picture
    of the card. *prepared* is what ``Preparing.prepare`` answered. *note*: what the member should know of its pictures.
    """

    caption: str
    post: Post
    link: str | None = None
    media: tuple[bytes, str] | None = None
    key: str = ""
    at: float = 0.0
    more: tuple[Picture, ...] = ()
    thumbnail: tuple[bytes, str] | None = None
    prepared: str = ""
    note: str = ""

    @property
    def pictures(self) -> tuple[Picture, ...]:
        if self.media is None or self.post.kind is PostKind.VIDEO:
            return ()
        return (Picture(*self.media, self.post.alt_text), *self.more)


@dataclass(frozen=True, slots=True)
class Published:
    """The network's id of the placement and the address at which a person sees it.

    *note* is a sentence about what the network left out of it.
    """

    id: str
    url: str
    note: str = ""


class Network(Protocol):
    """A social network. Adding one is one file, one test file and one line in ``networks/__init__.py``."""

    @property
    def name(self) -> str:
        """The word in keys, slugs and settings: ``linkedin``, ``x``."""
        ...

    @property
    def title(self) -> str:
        """The word that people read: ``LinkedIn``."""
        ...

    @property
    def caption_limit(self) -> int: ...

    @property
    def batch_size(self) -> int:
        """How many placements one call of *counts* may read at the most."""
        ...

    @property
    def pictures(self) -> Takes:
        """What it takes of a picture; others are made to fit before they come here in a draft."""
        ...

    @property
    def quota(self) -> Quota | None:
        """How many calls the network allows, as far as it says; None: it does not."""
        ...

    @property
    def card_from_link(self) -> bool:
        """Whether the draft's link makes the card by itself; else the caption has to carry the link."""
        ...

    @property
    def asks(self) -> Sequence[Ask]: ...

    @property
    def questions(self) -> Sequence[Question]:
        """What the member is asked before the prompt; for most networks nothing."""
        ...

    @property
    def revoke_hint(self) -> str:
        """Where at the network a member sees and removes the permission themselves."""
        ...

    def caption_length(self, text: str) -> int:
        """The caption's length as the network counts it."""
        ...

    def authorize(self, redirect_uri: str, state: str, answers: Mapping[str, str] = NO_ANSWERS) -> Authorization:
        """Begin the dance. For OAuth 1 the *state* travels inside the callback address.

        *answers* are those to *questions*, by name; ``Refused`` says what is wrong with one.
        """
        ...

    def connect(self, redirect_uri: str, query: Mapping[str, str], secret: str) -> Connected | Choice:
        """Finish the dance with the callback's query; ``Refused`` when the member or the network said no.

        ``Choice`` where it opened several accounts, with all that connects any of them: the network is not asked again.
        """
        ...

    def profile(self, token: str) -> Profile:
        """Name, picture and reach as they are now (rule 18: reach weekly)."""
        ...

    def publish(self, token: str, draft: Draft) -> Published:
        """Post once. ``TryLater(uncertain=True)`` when the post may be out although no answer came."""
        ...

    def settle(self, token: str, draft: Draft, since: float) -> Published | None:
        """After an uncertain create begun at *since*: find the post, or post it where a duplicate is refused by name.

        None when the network cannot tell: the member is asked.
        """
        ...

    def counts(self, token: str, ids: Sequence[str]) -> dict[str, Counts | Unavailable | NotFound]:
        """At most *batch_size* placements; ``NotFound`` only where the network says that a post is gone."""
        ...

    def stale(self, token: str, now: float) -> bool:
        """Whether *refresh* has to come before the token's next use, and what it answers be kept before that use."""
        ...

    def refresh(self, token: str) -> tuple[str, float | None] | None:
        """A fresh token and its expiry, or None where the network has no refresh."""
        ...

    def revoke(self, token: str) -> bool:
        """True when the network confirmed that the token is dead; False when it cannot say. Never raises."""
        ...
