"""Budgets of calls: what a network allows, how often posts can be read within that, and which of them come first."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from math import ceil

DAY = 86400.0
#: intervals between reads for which a post is lively after it was shared, and after each new reaction
LIVELY = 3


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time that has a budget of its own; *label* tells it from others, *ends* in epoch seconds."""

    label: str
    ends: float


def span(now: float, seconds: float) -> Span:
    """The stretch of so many *seconds* that *now* lies in; those of a day begin at midnight UTC."""
    number = int(now // seconds)
    return Span(f"{seconds:.0f}.{number}", (number + 1) * seconds)


@dataclass(frozen=True, slots=True)
class Quota:
    """What a network allows in each *window* of seconds, to one account and to the whole app; None: no bound.

    *calls* is how many one read of a batch takes as a rule, *extra* how many more what is nice to know takes.
    """

    per_account: int | None = None
    per_app: int | None = None
    window: float = DAY
    calls: int = 1
    extra: int = 0

    @property
    def bounded(self) -> bool:
        return self.per_account is not None or self.per_app is not None


class Use(StrEnum):
    """What calls are for, where a network's limit may hold for some and not for others."""

    READING = "read"
    POSTING = "post"
    UPLOADING = "upload"


class Rank(IntEnum):
    """What a call is for; each leaves a part of the budget to those before it."""

    ACT = 0  # what a member does: never refused here, only counted
    CLOSING = 1  # a placement's last read (rule 12)
    ORDINARY = 2

    @property
    def use(self) -> Use:
        return Use.POSTING if self is Rank.ACT else Use.READING


def bound(limit: int | None, rank: Rank) -> int | None:
    """How much of *limit* may be used up when a call of this rank goes out; None: it goes out in any case."""
    if limit is None or rank is Rank.ACT:
        return None
    return limit - limit // (20 if rank is Rank.CLOSING else 10)


def reads(limit: int | None, quota: Quota, interval: float, *, extra: bool = False) -> float | None:
    """How many posts *limit* allows to be read in each *interval* of seconds; None: all of them."""
    most = bound(limit, Rank.ORDINARY)
    return None if most is None else most * interval / quota.window / (quota.calls + (quota.extra if extra else 0))


def lasts(quota: Quota | None, interval: float) -> bool:
    """Whether a budget has to last for the reads of a whole *interval*, so that somebody has to share it out."""
    return quota is not None and quota.bounded and quota.window >= interval


@dataclass(frozen=True, slots=True)
class Cadence:
    """How many intervals lie between two reads of a lively post, and of a quiet one; *extras*: what is nice to know."""

    lively: int = 1
    quiet: int = 1
    extras: bool = True

    def within(self, window: float, interval: float) -> "Cadence":
        """No slower than once a *window*: at its end each post is read in any case (rule 12)."""
        longest = max(1, ceil(window / interval))
        return Cadence(min(self.lively, longest), min(self.quiet, longest), extras=self.extras)

    def of(self, *, lively: bool) -> int:
        return self.lively if lively else self.quiet

    def slower(self, other: "Cadence") -> "Cadence":
        """Where two budgets bind, the narrower one does."""
        return Cadence(
            max(self.lively, other.lively), max(self.quiet, other.quiet), extras=self.extras and other.extras
        )

    @property
    def daily(self) -> bool:
        return self.lively == self.quiet == 1


def cadence(lively: int, quiet: int, limit: int | None, quota: Quota, interval: float) -> Cadence:
    """The cadence at which so many posts are read with one *limit* of a *quota*.

    Lively ones come first, but for a quarter that is kept for quiet ones, so that none is forgotten.
    """
    most, with_extras = reads(limit, quota, interval), reads(limit, quota, interval, extra=True)
    if most is None or with_extras is None or lively + quiet <= with_extras:
        return Cadence()
    if lively + quiet <= most:
        return Cadence(extras=False)
    most = max(most, 0.01)
    for_lively = min(lively, most - min(quiet, most / 4))
    for_quiet = most - for_lively
    return Cadence(
        ceil(lively / for_lively - 1e-9) if lively else 1,
        ceil(quiet / for_quiet - 1e-9) if quiet else 1,
        extras=False,
    )


def is_lively(now: float, ends: float, window: float, interval: float) -> bool:
    """Whether it was shared, or got a new reaction, of late; *ends* is the end of its *window* (rule 12)."""
    return now - (ends - window) < LIVELY * interval


def is_closing(now: float, ends: float, interval: float) -> bool:
    """Whether this read may be the last one: in the window's last hours, and after it."""
    return now >= ends - interval / 12


def urgency(now: float, ends: float, window: float, interval: float, looked: float | None) -> tuple[int, float]:
    """What sorts placements: closing ones, then lively ones, then the others; not *looked* at for longest first.

    A look in vain counts as one, so that what cannot be read does not come first for ever.
    """
    if is_closing(now, ends, interval):
        return 0, max(ends, looked or 0.0)
    return (1 if is_lively(now, ends, window, interval) else 2), looked or 0.0
