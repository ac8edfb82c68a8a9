"""Days are UTC (rule 7), written 20261121 in keys."""

from datetime import UTC, datetime, timedelta

DAY = 86400.0


def day_of(now: float) -> str:
    """The UTC day of a moment in epoch seconds."""
    return datetime.fromtimestamp(now, UTC).strftime("%Y%m%d")


def last_days(now: float, count: int) -> list[str]:
    """The last *count* days, today included, oldest first."""
    today = datetime.fromtimestamp(now, UTC)
    return [(today - timedelta(days=back)).strftime("%Y%m%d") for back in range(count - 1, -1, -1)]
