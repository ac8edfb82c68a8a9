"""What a member has been told of a share's placements by direct message, and what there is to tell next.

A share on several networks has one message about the whole of it, which is changed as its placements come out. A change
makes no phone ring, so what needs the member later than that has a message of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from grapevine.domain.shares import PlacementState, Status

#: what the message about the whole share is kept as; the others are kept as their network
WHOLE = ""
#: seconds after a message was posted within which its reader is taken to see that it changes
NOTICED = 30.0

_WAITING = (PlacementState.PENDING, PlacementState.PUBLISHING)


@dataclass(frozen=True, slots=True)
class Message:
    """A direct message: where it stands, *at* which time it was posted, and *shown*: network → the outcome it tells."""

    channel: str
    ts: str
    at: float
    shown: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do at Slack: the message *about* the whole share, or a network, posted *anew* or changed."""

    about: str
    anew: bool


def outcome(status: Status) -> str:
    """A word for what has become of a placement, another one whenever something else has; empty while it waits."""
    return "" if status.state in _WAITING else f"{status.state}:{status.since!r}"


def wants_member(status: Status) -> bool:
    """Whether this is no good news that may as well be read later."""
    return status.state in (PlacementState.REFUSED, PlacementState.ASKING)


def speaks(status: Status) -> bool:
    """Whether there is something to say of a placement by itself: what a member said is out is no news to them."""
    return wants_member(status) or (status.state is PlacementState.PUBLISHED and bool(status.url))


def next_step(statuses: Mapping[str, Status], messages: Mapping[str, Message], now: float) -> Step | None:
    """What is to be told next, *statuses* being those of all networks that Grapevine posts to; None when all is told.

    After each step it is to be asked again with what stands in the store by then: the last outcome is told, however
    many come at the same moment.
    """
    if len(statuses) < 2:
        return next((step for one in statuses.items() if (step := _own(*one, messages.get(one[0]), now))), None)
    whole = messages.get(WHOLE)
    if whole is None:
        any_news = any(outcome(one) and one.state is not PlacementState.CANCELLED for one in statuses.values())
        return Step(WHOLE, anew=True) if any_news else None
    for network, status in statuses.items():
        own = messages.get(network)
        late = wants_member(status) and _unread(network, status, whole) and now - whole.at > NOTICED
        if (own or late) and (step := _own(network, status, own, now)):
            return step
    if any(_unread(network, status, whole) for network, status in statuses.items()):
        return Step(WHOLE, anew=False)
    return None


def _unread(network: str, status: Status, message: Message) -> bool:
    return message.shown.get(network) != outcome(status)


def _own(network: str, status: Status, message: Message | None, now: float) -> Step | None:
    """The message of one network alone."""
    if not speaks(status) or (message and not _unread(network, status, message)):
        return None
    return Step(network, anew=message is None or (wants_member(status) and now - message.at > NOTICED))
