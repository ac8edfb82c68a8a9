"""Which addresses bring many new visitors, so that Redis has to watch no others (rule 6)."""

from collections import Counter
from collections.abc import Sequence
from typing import Protocol

#: new visitors an hour of one address that a process keeps to itself
QUIET = 10
HOUR = 3600
_BITS = 20
_MASK = (1 << _BITS) - 1
#: in place of a count: Redis watches the address and has been told of those before
_TOLD = 255


class Visit(Protocol):
    @property
    def at(self) -> float: ...
    @property
    def tag(self) -> int: ...
    @property
    def source(self) -> int: ...


class Newcomers:
    """Counts the latest hour's new visitors by address: a key in Redis for each would cost as much as the click itself.

    The hours are the clicks' own: those of earlier ones, replayed after an outage, are all watched in Redis.
    It is a count-min sketch of two rows, so 2 MB whatever comes: it may count too many, never too few. An address that
    shares both its places with others is then watched early, and capped up to *quiet* visitors early.
    https://dsf.berkeley.edu/cs286/papers/countmin-latin2004.pdf
    """

    def __init__(self, quiet: int = QUIET) -> None:
        self._quiet = quiet
        self.hour = 0
        self._low = self._high = bytearray()

    def watched(self, visits: Sequence[Visit]) -> list[int | None]:
        """For each click of a batch None when nobody needs to watch its address, else how many to tell Redis of."""
        if len(visits) == 1:
            latest, coming = visits[0].at, {visits[0].source: 1}
        else:
            latest = max([visit.at for visit in visits], default=0.0)
            coming = Counter([source for source, _ in {(one.source, one.tag) for one in visits}])
        if latest >= (self.hour + 1) * HOUR:
            self.hour = int(latest // HOUR)
            self._low, self._high = bytearray(_MASK + 1), bytearray(_MASK + 1)
        since = self.hour * HOUR
        telling: set[int] = set()
        found: list[int | None] = []
        for visit in visits:
            source = visit.source
            if visit.at < since:
                found.append(0)
                continue
            count = min(self._low[source & _MASK], self._high[source >> _BITS & _MASK])
            if count + coming[source] <= self._quiet:
                found.append(None)
            elif count == _TOLD or source in telling:
                found.append(0)
            else:
                found.append(min(count, self._quiet))
                telling.add(source)
        return found

    def came(self, visits: Sequence[Visit], told: Sequence[int | None], letters: Sequence[str]) -> None:
        """A batch was settled: what ``watched`` said of its clicks, and what the script did, "u" for a new visitor."""
        since = self.hour * HOUR
        for visit, untold, letter in zip(visits, told, letters, strict=True):
            if visit.at < since or (untold is None and letter != "u"):
                continue
            source = visit.source
            for row, place in ((self._low, source & _MASK), (self._high, source >> _BITS & _MASK)):
                if untold is not None:
                    row[place] = _TOLD
                elif row[place] < _TOLD - 1:
                    row[place] += 1
