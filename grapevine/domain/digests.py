"""When a member may be told of new clicks: not too often, and not at night."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from grapevine.domain.members import Member, Pace, Preferences


def interval(pace: Pace, soon: float) -> float | None:
    """Seconds between two digests, None when there are to be none; *soon* is the workspace's own interval."""
    return {Pace.AT_ONCE: 0.0, Pace.SOON: soon, Pace.HOURLY: 3600.0, Pace.DAILY: 86400.0}.get(pace)


def next_digest(member: Member, last: float, now: float, soon: float) -> float | None:
    """When the next digest may go out, at *now* the earliest; None for never. *last*: when one went out (0: never)."""
    pause = interval(member.preferences.pace, soon)
    if pause is None or member.left is not None:
        return None
    return _awake(max(now, last + pause), _zone(member.tz), member.preferences)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):  # a name that this machine does not know is no reason to be silent
        return ZoneInfo("UTC")


def _awake(at: float, zone: ZoneInfo, chosen: Preferences) -> float:
    """*at*, or the end of the quiet hours that it lies in."""
    begin, end = chosen.quiet_from, chosen.quiet_to
    if begin == end:
        return at
    local = datetime.fromtimestamp(at, zone)
    night = begin <= local.hour < end if begin < end else local.hour >= begin or local.hour < end
    if not night:
        return at
    date = local.date() if local.hour < end else local.date() + timedelta(days=1)
    morning = datetime(date.year, date.month, date.day, end, tzinfo=zone)
    # through UTC: an hour that the clocks skip in spring becomes the one after it
    return max(at, morning.astimezone(UTC).timestamp())
