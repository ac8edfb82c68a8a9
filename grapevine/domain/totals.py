"""Programme totals of a finished month: what all members did together, with nothing in it about a few (rule 17)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from grapevine.domain.disclosure import FIVE, hidden


@dataclass(frozen=True, slots=True)
class OnNetwork:
    """What one member shared on one network in a month, and what came of it so far."""

    placements: int = 0
    clicks: int = 0
    reactions: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """What one member did in a month; clicks, reactions and reach are those of its days.

    *named*: a leaderboard names them with their points, which tell their clicks.
    """

    shares: int = 0
    clicks: int = 0
    reactions: int = 0
    reach: int = 0
    networks: Mapping[str, OnNetwork] = field(default_factory=dict)
    named: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A network's part of what was shared in the month; None is hidden. *people*: at least so many.

    *clicks* and *reactions*: what percentage of those that came of it so far, in fives. In numbers they would stand in
    two months, as those of a share and as those of a day, and months could be solved against each other.
    """

    network: str
    people: int
    placements: int | None = None
    clicks: int | None = None
    reactions: int | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """A month's figures, frozen when they were *made*; None is hidden. *people*: at least so many shared.

    *partial*: the first member came in the course of the month.
    """

    month: str
    made: float
    people: int | None = None
    shares: int | None = None
    clicks: int | None = None
    reactions: int | None = None
    reach: int | None = None
    rows: tuple[Row, ...] = ()
    partial: bool = False


def totals(month: str, made: float, parts: Iterable[Part], members: int, *, partial: bool = False) -> Totals:
    """What may be shown of a month. *members* is how many people could have taken part."""
    kept = list(parts)
    names = sorted({name for part in kept for name in part.networks})
    on = [[part.networks.get(name, _NOTHING) for name in names] for part in kept]
    shares, *placements = _shown(
        [(part.shares, *(one.placements for one in here)) for part, here in zip(kept, on, strict=True)],
        max(1, len(names)),
    )
    known = int(any(part.named for part in kept))
    (clicks,) = _shown(
        [(part.clicks, *[part.clicks if part.named else 0] * known) for part in kept],
        known=known,
    )
    (reactions,) = _shown([(part.reactions,) for part in kept])
    (reach,) = _shown([(part.reach,) for part in kept])
    of_clicks = _percent([tuple(one.clicks for one in here) for here in on])
    of_reactions = _percent([tuple(one.reactions for one in here) for here in on])
    rows = []
    for place, name in enumerate(names):
        people = at_least(sum(1 for here in on if here[place].placements), members)
        if people is not None:
            rows.append(Row(name, people, placements[place], of_clicks[place], of_reactions[place]))
    people = at_least(sum(1 for part in kept if part.shares), members)
    return Totals(month, made, people, shares, clicks, reactions, reach, tuple(rows), partial)


def at_least(people: int, members: int) -> int | None:
    """A number of people as it is shown: a multiple of five that it reaches; None below.

    It leaves room for five of the *members* who are none of them, so that it is never everybody by name.
    """
    if people < FIVE:
        return None
    return min(people, max(FIVE, members - FIVE)) // FIVE * FIVE


_NOTHING = OnNetwork()


def _shown(parts: Sequence[tuple[int, ...]], steps: int = 1, known: int = 0) -> list[int | None]:
    """The sum in each place, or None where it is hidden; the last *known* ones, had elsewhere, are left out."""
    people = Counter(part for part in parts if any(part))
    sums = [sum(column) for column in zip(*parts, strict=True)] or [0] * (1 + known)
    gone = hidden(people, steps, known) if people else range(len(sums))
    return [None if place in gone else total for place, total in enumerate(sums[: len(sums) - known])]


def _percent(parts: Sequence[tuple[int, ...]]) -> list[int | None]:
    """What percentage of all each place is, in fives and 5 at the least; None where it is hidden."""
    total, *each = _shown([(sum(part), *part) for part in parts])
    return [None if one is None or not total else max(5, round(20 * one / total) * 5) for one in each]
