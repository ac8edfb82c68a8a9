"""A share: one member sharing one post; a placement: that share on one network."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from grapevine.domain.posts import Post

#: "my link": the member pastes it anywhere; it needs no account and is out as soon as it is made.
MY_LINK = "mylink"


class PlacementState(StrEnum):
    PENDING = "pending"  # waiting for the worker
    PUBLISHING = "publishing"  # a create is under way, or died: settle before any other create
    PUBLISHED = "published"
    REFUSED = "refused"  # the network said no; the reason is shown
    ASKING = "asking"  # nobody but the member can tell whether the post is out
    CANCELLED = "cancelled"  # the member decided not to


@dataclass(frozen=True, slots=True)
class ShortLink:
    """A slug and where it leads, as one caption holds it."""

    slug: str
    target: str


@dataclass(frozen=True, slots=True)
class Placement:
    """What was decided when the share was made. *caption* is the final text, its links already short.

    *account* is ``Account.id``, empty for "my link". *card* is the slug whose target is the post's own URL, empty
    when the post has none that counts (rule 3). *reach* is the account's when the share was made.
    """

    network: str
    account: str
    caption: str
    links: tuple[ShortLink, ...] = ()
    card: str = ""
    reach: int = 0


@dataclass(frozen=True, slots=True)
class Status:
    """What has become of a placement; *remote* is the network's id of it, *since* when the state began.

    *reason* says why it is not out, or what one that is out had to leave behind. *prepared* is what stands ready at the
    network for the create that is under way. *reconnect*: its account has to be connected again before it can go out.
    """

    state: PlacementState
    since: float
    remote: str = ""
    url: str = ""
    reason: str = ""
    prepared: str = ""
    reconnect: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """*reach* is the sum of the reach of the accounts it went to, at the time (rule 18)."""

    id: str
    member: str
    post: Post
    created: float
    placements: tuple[Placement, ...]
    offer: str = ""
    reach: int = 0

    def placement(self, network: str) -> Placement:
        return next(placement for placement in self.placements if placement.network == network)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Every request to a share's links accounted for (rule 7); *networks* is the uniques by first-followed network."""

    prefetch: int = 0
    preview: int = 0
    bot: int = 0
    own: int = 0
    colleague: int = 0
    capped: int = 0
    repeat: int = 0
    unique: int = 0
    networks: Mapping[str, int] | None = None

    @property
    def total(self) -> int:
        return (
            self.prefetch
            + self.preview
            + self.bot
            + self.own
            + self.colleague
            + self.capped
            + self.repeat
            + self.unique
        )
