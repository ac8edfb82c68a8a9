"""When a publication that could not be made is tried again."""

#: seconds for which an outage is waited out; then the member decides
PATIENCE = 86400.0
_FIRST, _LONGEST = 30.0, 1800.0


def next_try(now: float, began: float, after: float | None = None) -> float | None:
    """The moment of the next try after one that failed at *now*; None when that would be a day after it *began*.

    The pauses grow with the time that has passed; *after* is what the other side asked for, in seconds.
    """
    pause = min(max((now - began) / 3, _FIRST), _LONGEST)
    at = now + max(pause, after or 0.0)
    return at if at <= began + PATIENCE else None
