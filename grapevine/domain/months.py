"""Months are those of the calendar, in UTC, written 202610."""

from calendar import monthrange
from datetime import UTC, datetime, timedelta

from grapevine.domain.days import DAY

#: finished months that are looked back at
MOST = 12
#: seconds after a month's end when its figures are made: its third day after; clicks may come later than they happened,
#: from the journals of an outage
SETTLED = 2 * DAY


def first(month: str) -> datetime:
    """The moment in which a month begins."""
    return datetime.strptime(month, "%Y%m").replace(tzinfo=UTC)


def span(month: str) -> tuple[float, float]:
    """A month in epoch seconds: when it begins, and when it is over."""
    begins = first(month)
    return begins.timestamp(), (begins + timedelta(days=monthrange(begins.year, begins.month)[1])).timestamp()


def days(month: str) -> list[str]:
    """The days of a month as ``days.day_of`` writes them."""
    begins = first(month)
    return [f"{month}{day:02}" for day in range(1, monthrange(begins.year, begins.month)[1] + 1)]


def settled(now: float, most: int = MOST) -> list[str]:
    """The last months that are over for long enough to be counted, newest first."""
    moment = datetime.fromtimestamp(now - SETTLED, UTC)
    found: list[str] = []
    while len(found) < most:
        moment = moment.replace(day=1) - timedelta(days=1)
        found.append(moment.strftime("%Y%m"))
    return found
