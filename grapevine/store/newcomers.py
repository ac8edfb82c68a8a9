"""Which addresses bring many new visitors, so that Redis has to watch no others (rule 6)."""

from collections import Counter
from collections.abc import Iterable, Sequence

#: new visitors an hour of one address that a process keeps to itself
QUIET = 10
_HOUR = 3600.0
_BITS = 20
_MASK = (1 << _BITS) - 1
#: in place of a count: Redis watches the address and has been told of those before
_TOLD = 255


class Newcomers:
    """Counts new visitors by address for an hour: a key in Redis for each would cost as much as the click itself.

    It is a count-min sketch of two rows, so 2 MB whatever comes: it may count too many, never too few. An address that
    shares both its places with others is then watched early, and capped up to *quiet* visitors early.
    https://dsf.berkeley.edu/cs286/papers/countmin-latin2004.pdf
    """

    def __init__(self, quiet: int = QUIET) -> None:
        self._quiet = quiet
        self._since = 0.0
        self._low = self._high = bytearray()

    def watched(self, sources: Sequence[int], tags: Sequence[int], now: float) -> list[int | None]:
        """For each click of a batch None when nobody needs to watch its address, else how many to tell Redis of."""
        if not 0 <= now - self._since < _HOUR:
            self._since = now
            self._low, self._high = bytearray(_MASK + 1), bytearray(_MASK + 1)
        coming = Counter([source for source, _ in {*zip(sources, tags, strict=True)}]) if len(sources) > 1 else None
        telling: set[int] = set()
        found: list[int | None] = []
        for source in sources:
            count = min(self._low[source & _MASK], self._high[source >> _BITS & _MASK])
            if count + (coming[source] if coming else 1) <= self._quiet:
                found.append(None)
            elif count == _TOLD or source in telling:
                found.append(0)
            else:
                found.append(min(count, self._quiet))
                telling.add(source)
        return found

    def came(self, sources: Iterable[tuple[int, int | None, bool]]) -> None:
        """A batch was settled: each click's address, what ``watched`` said of it, and whether its visitor was new."""
        for source, told, new in sources:
            for row, place in ((self._low, source & _MASK), (self._high, source >> _BITS & _MASK)):
                if told is not None:
                    row[place] = _TOLD
                elif new and row[place] < _TOLD - 1:
                    row[place] += 1
