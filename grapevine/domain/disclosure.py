"""Which of some sums may be shown, so that none of them, and no sum or difference of them, is about a few people.

The words are those of statistical disclosure control (Hundepool and others, "Handbook on Statistical Disclosure
Control"): a threshold, the p % rule, complementary suppression. ``docs/decisions/0016-programme-totals.md`` says why.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from operator import add, sub

#: a figure is about so many people, or it is not shown; no setting
FIVE = 5
#: what all but the two largest parts of a figure must come to, as a part of the largest
_REST = 0.1

#: what a few people's figures are, one in each place, and how many people have the same
Parts = Mapping[tuple[int, ...], int]


def enough(values: Mapping[int, int]) -> bool:
    """Whether a sum says nothing about one person; *values* are what people brought into it → how many people did.

    Five people brought something; whoever knows their own part, be it the second largest, knows the largest to no more
    than a tenth; and it is not so small that four people can only have brought one each.
    """
    parts = Counter[int]()
    for value, people in values.items():
        if value:
            parts[abs(value)] += people
    people = parts.total()
    if people < FIVE:
        return False
    total = sum(value * count for value, count in parts.items())
    largest = max(parts)
    second = largest if parts[largest] > 1 else max(value for value in parts if value != largest)
    if total - largest - second < _REST * largest:
        return False
    return people > FIVE or parts[1] < FIVE - 1


def hidden(people: Parts, steps: int = 1, known: int = 0) -> set[int]:
    """The places of the sums that are not shown; the sum in place 0 is the total, and stays as long as it can.

    Looked at are all sums and differences: each figure added once, left out, or taken away once, the total up to
    *steps* times. One that concerns nobody says nothing; one that does not have ``enough`` is broken up: its smallest
    figure is hidden, the total last. So is one from which somebody has only to take their own part to know a figure
    that does not have enough. The last *known* places are sums that can be had elsewhere, and not hidden.
    """
    sums = _Sums(people, steps, known)
    gone = {place for place in sums.ours if not sums.sizes[place][0]}  # nobody is fewer than five
    sums.break_up(sums.too_few(gone), gone)
    for place in sorted(gone):
        if sums.sizes[place][0] and not enough(sums.values(sums.columns[place])):
            sums.break_up(sums.but_for_one(place, gone), gone)
    return gone


class _Sums:
    """The figures side by side: a column each, with a line for all people who brought the same into them."""

    def __init__(self, people: Parts, steps: int, known: int) -> None:
        self.counts = list(people.values())
        self.columns = [list(column) for column in zip(*people, strict=True)]
        self.sizes = [
            (sum(count for value, count in zip(column, self.counts, strict=True) if value), sum(map(abs, column)))
            for column in self.columns
        ]
        self.ours = frozenset(range(len(self.columns) - known))
        self._steps = steps

    def values(self, column: Sequence[int]) -> Counter[int]:
        """What people brought into a sum → how many people did."""
        held: Counter[int] = Counter()
        for value, count in zip(column, self.counts, strict=True):
            held[value] += count
        return held

    def too_few(self, gone: AbstractSet[int]) -> set[frozenset[int]]:
        """The figures of each sum or difference that is about somebody, and about too few."""
        found: set[frozenset[int]] = set()
        for involved, column in self._made([0] * len(self.counts), gone):
            size = list(map(abs, column))
            if len(size) - size.count(0) > FIVE and sum(size) >= (2 + _REST) * max(size):
                continue  # what nearly all are, seen quickly
            if involved and any(size) and not enough(self.values(size)):
                found.add(involved)
        return found

    def but_for_one(self, place: int, gone: AbstractSet[int]) -> set[frozenset[int]]:
        """The figures of each sum or difference of shown ones from which this one differs by one person's part."""
        found: set[frozenset[int]] = set()
        for involved, column in self._made(self.columns[place], gone):
            if involved and sum(count for value, count in zip(column, self.counts, strict=True) if value) <= 1:
                found.add(involved)
        return found

    def break_up(self, found: AbstractSet[frozenset[int]], gone: set[int]) -> None:
        """Hide a figure of each."""
        for involved in sorted(found, key=lambda one: (len(one), sorted(one))):
            ours = involved & self.ours
            if ours and not gone & involved:
                gone.add(min(ours - {0} or {0}, key=lambda place: (self.sizes[place], place)))

    def _made(self, start: Sequence[int], gone: AbstractSet[int]) -> Iterator[tuple[frozenset[int], Sequence[int]]]:
        """*start* with each figure that is not gone added, left out or taken away; which ones, and what it comes to."""
        live = [place for place in range(1, len(self.columns)) if place not in gone]

        def rest(
            at: int, involved: frozenset[int], column: Sequence[int]
        ) -> Iterator[tuple[frozenset[int], Sequence[int]]]:
            if at == len(live):
                yield involved, column
                return
            place = live[at]
            yield from rest(at + 1, involved, column)
            yield from rest(at + 1, involved | {place}, list(map(add, column, self.columns[place])))
            yield from rest(at + 1, involved | {place}, list(map(sub, column, self.columns[place])))

        yield from rest(0, frozenset(), start)
        if 0 not in gone:
            for times in (*range(1, self._steps + 1), *range(-self._steps, 0)):
                yield from rest(
                    0, frozenset({0}), [one + times * total for one, total in zip(start, self.columns[0], strict=True)]
                )
