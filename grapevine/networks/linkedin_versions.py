"""Which monthly version of LinkedIn's API is spoken: each lives a year, and then answers 426.

https://learn.microsoft.com/en-us/linkedin/marketing/versioning
"""

import logging
import time

log = logging.getLogger(__name__)

#: the newest one that this Grapevine was tried with, and what LINKEDIN_VERSION is unless it is set
KNOWN = "202610"
_LIFE, _OLD = 12, 10
#: the day of a version's last month on which it is gone: 202510 went on the 15th, 202511 on the 16th
_GONE = 16


def advice(version: str, now: float) -> str:
    """A sentence about a version whose end is near or past; empty for one with months to live."""
    age = _today(now) - _month(version)
    if age < _OLD:
        return ""
    end = _name(_month(version) + _LIFE)
    better = KNOWN if _month(KNOWN) > _month(version) and _today(now) - _month(KNOWN) < _OLD else _name(_today(now) - 1)
    if _gone(version, now):
        return f"LinkedIn no longer serves version {version} of its API: set LINKEDIN_VERSION={better}."
    until = f"until the middle of {end[:4]}-{end[4:]}"
    return f"LinkedIn serves version {version} of its API {until}, and then no more: set LINKEDIN_VERSION={better}."


class Versions:
    """The version in use; when LinkedIn has retired it, the next one that is served, from then on."""

    def __init__(self, configured: str) -> None:
        self.configured = configured
        self._current = configured

    @property
    def current(self) -> str:
        return self._current

    def take_up(self, version: str) -> None:
        """Go on with what another process stepped to: it has warned."""
        self._current = version

    def to_try(self, now: float) -> list[str]:
        """The one in use, the one that we know, then the nearest newer ones up to this month, then older ones.

        What is gone for certain comes last: nobody waits for its refusal.
        """
        today, ours = _today(now), _month(self._current)
        newer = range(max(ours + 1, today - _LIFE + 1), today + 1)
        older = range(min(ours - 1, today), today - _LIFE, -1)
        named = [self._current, KNOWN, *map(_name, [*newer, *older])]
        return sorted(dict.fromkeys(named), key=lambda version: _gone(version, now))

    def use(self, version: str) -> None:
        if version != self._current:
            log.warning(
                "LinkedIn no longer serves version %s of its API; Grapevine goes on with %s. Set LINKEDIN_VERSION=%s.",
                self._current,
                version,
                version,
            )
            self._current = version


def _gone(version: str, now: float) -> bool:
    age = _today(now) - _month(version)
    return age > _LIFE or (age == _LIFE and time.gmtime(now).tm_mday >= _GONE)


def _month(version: str) -> int:
    return int(version[:4]) * 12 + int(version[4:]) - 1


def _name(month: int) -> str:
    return f"{month // 12}{month % 12 + 1:02}"


def _today(now: float) -> int:
    today = time.gmtime(now)
    return today.tm_year * 12 + today.tm_mon - 1
