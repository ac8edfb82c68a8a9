"""Points: what unique clicks earn; computed from the counts by day, never incremented on their own (rule 16)."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Rate:
    """*points* for each unique click from *day* (20261121) on."""

    day: str
    points: int


#: the rate of a workspace whose admin never changed it
DEFAULT_RATES = (Rate("00000000", 1),)


def rate_on(day: str, rates: Sequence[Rate]) -> int:
    """The points per click in force on *day*; *rates* are sorted by day, a later one of the same day wins."""
    place = bisect_right([rate.day for rate in rates], day)
    return rates[place - 1].points if place else 0


def points(clicks_by_day: Mapping[str, int], rates: Sequence[Rate] = DEFAULT_RATES) -> int:
    """What the unique clicks of some days earned."""
    return sum(clicks * rate_on(day, rates) for day, clicks in clicks_by_day.items())


@dataclass(frozen=True, slots=True)
class Place:
    rank: int
    member: str
    points: int


def ranked(scores: Mapping[str, int], least: int) -> list[Place]:
    """Places with ties sharing a rank (1, 2, 2, 4); empty below *least* participants (rule 17)."""
    if len(scores) < least:
        return []
    places: list[Place] = []
    for number, (member, score) in enumerate(sorted(scores.items(), key=lambda item: (-item[1], item[0])), 1):
        tied = bool(places) and places[-1].points == score
        places.append(Place(places[-1].rank if tied else number, member, score))
    return places


class Period:
    """The leaderboard's periods."""

    WEEK, MONTH, ALL = "week", "month", "all"


def first_day(period: str, now: float) -> str:
    """The first UTC day of the ISO week or the month that *now* lies in; of all time, the beginning of time."""
    today = datetime.fromtimestamp(now, UTC)
    if period == Period.WEEK:
        return datetime.fromtimestamp(now - today.weekday() * 86400, UTC).strftime("%Y%m%d")
    if period == Period.MONTH:
        return today.strftime("%Y%m01")
    return "00000000"
