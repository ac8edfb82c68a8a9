"""My insights: sums over some days, and how they are drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

_BARS = "▁▂▃▄▅▆▇█"
PERIODS = (7, 30, 90)
#: how many days make one point of the chart, so that it has at most 15 (Slack draws at most 20)
_STEP = {7: 1, 30: 2, 90: 7}


@dataclass(frozen=True, slots=True)
class Point:
    """One step of the chart; *label* names its first day."""

    label: str
    value: int


def sparkline(values: Sequence[int]) -> str:
    """One bar a value; a flat floor where there is nothing."""
    top = max(values, default=0)
    if top <= 0:
        return _BARS[0] * len(values)
    return "".join(_BARS[0] if value <= 0 else _BARS[round(value / top * (len(_BARS) - 1))] for value in values)


def points_of_chart(days: Sequence[str], values: Sequence[int]) -> list[Point]:
    """The days' values summed into at most 15 steps; the last step ends today."""
    step = _STEP.get(len(days), max(1, -(-len(days) // 15)))
    points = []
    first = len(days) % step
    cuts = ([0] if first else []) + list(range(first, len(days), step))
    for place, start in enumerate(cuts):
        end = cuts[place + 1] if place + 1 < len(cuts) else len(days)
        day = datetime.strptime(days[start], "%Y%m%d").replace(tzinfo=UTC)
        points.append(Point(f"{day.day} {day:%b}", sum(values[start:end])))
    return points
