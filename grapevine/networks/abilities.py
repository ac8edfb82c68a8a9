"""What only some networks are or can do beyond the contract of ``base``; asked for with ``isinstance``."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from grapevine.domain.errors import NotFound, Unavailable
from grapevine.domain.money import Prices
from grapevine.domain.reactions import Counts
from grapevine.networks.base import Draft, Network


@runtime_checkable
class Preparing(Protocol):
    """A network at which what a post shows has to be there before the post is made."""

    def prepare(self, token: str, draft: Draft) -> str:
        """Upload it. The answer is kept and comes back as *draft.prepared* with each attempt at the create.

        So that an attempt whose answer was lost and the one that settles it say the same, to the letter.
        """
        ...


@runtime_checkable
class Several(Protocol):
    """A network that takes several pictures in one post; any other takes one."""

    @property
    def most_pictures(self) -> int: ...


@runtime_checkable
class Bare(Protocol):
    """A network that fetches nothing from a link: its card shows what the draft says (``Draft.thumbnail``)."""

    @property
    def bare_cards(self) -> bool: ...


@runtime_checkable
class Filming(Protocol):
    """A network that takes a video with its bytes; any other is given none."""

    @property
    def largest_video(self) -> int:
        """In bytes."""
        ...


@runtime_checkable
class Charging(Protocol):
    """A network that charges the company for calls: what they cost, by which the workspace's budget is kept."""

    @property
    def prices(self) -> Prices: ...

    def price(self, draft: Draft) -> int:
        """What publishing this costs."""
        ...


@runtime_checkable
class OfPages(Protocol):
    """A network whose accounts are Pages: a person allows several of them at once."""

    @property
    def note(self) -> str:
        """What a member should know before connecting: what an account is there, and what it cannot be."""
        ...

    def share_permission(self, token: str, other: str) -> bool:
        """Whether revoking one ends the other too."""
        ...


@runtime_checkable
class Introduced(Protocol):
    """A network whose servers read who Grapevine is at an address of ours, ``/oauth-client-metadata.json``."""

    @property
    def client_document(self) -> Mapping[str, Any] | None:
        """What they read there; None where this installation has no such address."""
        ...


@runtime_checkable
class Versioned(Protocol):
    """A network that steps by itself from a version of its API that is no longer served to one that is."""

    @property
    def configured_version(self) -> str: ...

    @property
    def version(self) -> str:
        """The one in use."""
        ...

    def take_up(self, version: str) -> None:
        """Use the one that another client stepped to."""
        ...


@runtime_checkable
class Apart(Protocol):
    """A network at which every connection is a permission by itself, whoever connects which account how often.

    So one that is replaced, or that nobody wants, is ended, and no other one with it.
    """

    @property
    def apart(self) -> bool: ...


class NotCounted(Unavailable):
    """The network tells this connection no counts, of whichever post.

    Not *sure*: or it does not know this one post; it says the same of both.
    """

    def __init__(self, reason: str, *, sure: bool = False) -> None:
        super().__init__(reason)
        self.sure = sure


@runtime_checkable
class Sourced(Protocol):
    """A network with several sources of counts, not all of which are open to every app."""

    def counts_from(self, token: str, ids: Sequence[str], source: str) -> dict[str, Counts | Unavailable | NotFound]:
        """As *counts*, which asks all of them in turn; here only the one that was a ``Counts.source`` before."""
        ...


def connectable(network: Network) -> str:
    """What a member connects there, as it follows "Connect" on a button: "X", "a Facebook Page"."""
    return f"a {network.title} Page" if isinstance(network, OfPages) else network.title
