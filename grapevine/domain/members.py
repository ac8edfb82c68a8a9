"""A member: a person of a workspace, known inside by a random id."""

from dataclasses import dataclass
from enum import StrEnum

#: seconds for which a person who left can come back before everything about them is erased (rule 25)
ERASED_AFTER = 30 * 86400.0


class Pace(StrEnum):
    """How often the digest may come (design §5); SOON is the workspace's own interval, 15 minutes by default."""

    OFF = "off"
    AT_ONCE = "at_once"
    SOON = "soon"
    HOURLY = "hourly"
    DAILY = "daily"


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a member chose; quiet hours are hours of the day in the member's own time zone, equal means none."""

    pace: Pace = Pace.SOON
    quiet_from: int = 20
    quiet_to: int = 8
    leaderboard: bool = False  # opt-in (rule 17)


@dataclass(frozen=True, slots=True)
class Member:
    """*team* and *user* are Slack's ids; *tz* is an IANA name; times in epoch seconds."""

    id: str
    team: str
    user: str
    created: float
    tz: str = "UTC"
    locale: str = "en-US"
    left: float | None = None
    preferences: Preferences = Preferences()
