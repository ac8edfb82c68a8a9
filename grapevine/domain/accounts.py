"""A member's connected account on a network."""

from dataclasses import dataclass, field
from enum import StrEnum

#: seconds before a token runs out at which its member is told, if nobody else can renew it
WARNINGS = (7 * 86400.0, 86400.0, 0.0)


def next_warning(expires_at: float, now: float) -> float:
    """When after *now* an account that runs out at *expires_at* wants a look; the last look is at its end."""
    return next((expires_at - early for early in WARNINGS if expires_at - early > now), expires_at)


class AccountState(StrEnum):
    CONNECTED = "connected"
    EXPIRED = "expired"  # the token ran out by itself: clicks go on, reactions pause (rule 5)
    DISCONNECTED = "disconnected"  # by the member, or revoked at the network: nothing is gathered


@dataclass(frozen=True, slots=True)
class Profile:
    """Who the account is at the network; *reach* is its connections or followers, None when the network hides it.

    *reach_reason* says why, where the network was asked and will not tell.
    """

    uid: str
    name: str
    picture: str | None = None
    reach: int | None = None
    reach_reason: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a connection may do; a reason stands beside each "no" (rule 11)."""

    post: bool = True
    count: bool = True
    reach: bool = True
    count_reason: str = ""
    reach_reason: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """One account of one member; times in epoch seconds. *caption_limit* where it is another than its network's.

    *count_reason* says what of the counts is not told, if anything is. *counted_by* is the source that told them at
    last, where the network has several, and *count_again* when all of them are asked anew.
    """

    network: str
    uid: str
    name: str
    state: AccountState
    connected_at: float
    picture: str | None = None
    reach: int | None = None
    reach_at: float | None = None
    expires_at: float | None = None
    can_post: bool = True
    can_count: bool = True
    can_reach: bool = True
    count_reason: str = ""
    reach_reason: str = ""
    caption_limit: int | None = None
    counted_by: str = ""
    count_again: float | None = None

    @property
    def may_count(self) -> bool:
        """Whether its reactions are told, or may be one day without connecting anew."""
        return self.can_count or self.count_again is not None

    @property
    def id(self) -> str:
        """The account's name inside its member: network and the network's own id."""
        return f"{self.network}:{self.uid}"

    @property
    def gathering(self) -> bool:
        """Whether clicks of its placements are gathered (rule 5)."""
        return self.state is not AccountState.DISCONNECTED
