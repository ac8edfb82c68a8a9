"""Reactions: likes, comments and reshares, and the window in which they are gathered."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Counts:
    """What a network tells of one placement; counts only, never who or what (rule 18).

    *reshares* is None where the network tells the others and not these: unknown, which is no 0 (rule 11). *source*
    names which of a network's sources told, where it has several.
    """

    likes: int
    comments: int
    reshares: int | None
    #: what the network itself counts as clicks on links, where it tells; no reaction, and never ours (rule 26)
    link_clicks: int | None = field(default=None, compare=False)
    source: str = field(default="", compare=False)

    @property
    def total(self) -> int:
        """Of what is known: at least so many."""
        return self.likes + self.comments + (self.reshares or 0)

    def rises_over(self, before: "Counts | None") -> bool:
        """A new reaction is a rise of any of the three since the last read (rule 13); at first, since 0."""
        old = before or Counts(0, 0, 0)
        more = (self.reshares or 0) > (old.reshares or 0)
        return self.likes > old.likes or self.comments > old.comments or more


@dataclass(frozen=True, slots=True)
class Reactions:
    """What is known of a placement's reactions; times in epoch seconds, None for never.

    *ends* is when the window closes unless a new reaction comes; *closed* when it did. *reason* says why the counts are
    not available (rule 11): then *counts* is the last that could be had, or None. *link_clicks* is the network's.
    *failed* is how often reading it went wrong since it was *checked*, and *tried* when it did so at last.
    """

    counts: Counts | None = None
    checked: float | None = None
    ends: float | None = None
    closed: float | None = None
    reason: str = ""
    link_clicks: int | None = None
    failed: int = 0
    tried: float | None = None

    @property
    def looked(self) -> float | None:
        """When it was read at last, or could not be."""
        return self.tried or self.checked


def next_try(failed: int, batch: int, soon: float, interval: float) -> float:
    """Seconds until a placement is read again that *failed* so often in a row, where a call reads up to *batch*.

    *soon* while it was read with others, since any of these may be the bad one; then twice as long each time.
    """
    return min(soon * 2.0 ** min(30, max(0, failed - batch.bit_length())), interval)


def together(failed: int, batch: int, alike: int) -> int:
    """How many of *alike* placements that *failed* so often are read in one call: half as many as before."""
    return max(1, min(batch >> min(failed, 30), (alike + 1) // 2)) if failed else batch


def next_read(now: float, ends: float, interval: float, hour_offset: float, every: int = 1) -> float:
    """When a placement is read next: at its own moment of each interval, and once more in the window's last hours.

    *hour_offset* (0 ≤ offset < *interval*) is the placement's own moment; the last read lies a twelfth of the interval
    before the window's end; after that the next visit is the end itself, to close. *every* is how many intervals lie
    between two reads where a network's quota allows no more (rule 11).
    """
    regular = (now // interval) * interval + hour_offset
    if regular <= now:
        regular += interval
    regular += (every - 1) * interval
    last = ends - interval / 12
    if now < last:
        return min(regular, last)
    return max(ends, now)
