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
    """A network's part of what was shared in the month; None is hidden. *people*: at least so many."""

    network: str
    people: int
    placements: int | None = None
    clicks: int | None = None
    reactions: int | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """A month's figures, frozen when they were *made*; None is hidden. *people*: at least so many shared.

    *partial*: the first member came in the course of the month. *late*: it was counted so long after its end that what
    came of its shares says nothing about it.
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
    late: bool = False


def totals(
    month: str, made: float, parts: Iterable[Part], members: int, *, partial: bool = False, late: bool = False
) -> Totals:
    """What may be shown of a month. *members* is how many people could have taken part."""
    kept = list(parts)
    names = sorted({name for part in kept for name in part.networks})
    on = [[part.networks.get(name, _NOTHING) for name in names] for part in kept]
    # Together, since a network's clicks and those of the month are nearly the same: each may give away another.
    shares, *placements = _shown(
        [(part.shares, *(one.placements for one in here)) for part, here in zip(kept, on, strict=True)],
        max(1, len(names)),
    )
    known = int(any(part.named for part in kept))
    clicks, *on_clicks = _shown(
        [
            (part.clicks, *(one.clicks for one in here), *[part.clicks if part.named else 0] * known)
            for part, here in zip(kept, on, strict=True)
        ],
        known=known,
    )
    reactions, *on_reactions = _shown(
        [(p.reactions, *(o.reactions for o in here)) for p, here in zip(kept, on, strict=True)]
    )
    (reach,) = _shown([(part.reach,) for part in kept])
    rows = []
    for place, name in enumerate(names):
        people = at_least(sum(1 for here in on if here[place].placements), members)
        if people is not None:
            rows.append(Row(name, people, placements[place], on_clicks[place], on_reactions[place]))
    people = at_least(sum(1 for part in kept if part.shares), members)
    return Totals(month, made, people, shares, clicks, reactions, reach, tuple(rows), partial, late)


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
