"""Named people: in Slack Ada (admin), Bea (advocate), Cy (stranger to both); and the readers who follow links."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from grapevine.domain.members import Member
from grapevine.store import Store

TEAM = "T0GRAPE001"
#: a moment in all tests: Saturday, 21 November 2026, 12:00 UTC
NOON = 1795262400.0


@dataclass(frozen=True)
class Person:
    """Somebody in Slack; *team* and *user* are Slack's ids."""

    user: str
    name: str
    team: str = TEAM
    tz: str = "Europe/Berlin"
    locale: str = "en-GB"

    async def joins(self, store: Store, now: float = NOON) -> Member:
        """The member who is this person."""
        return await store.members.join(self.team, self.user, now, self.tz, self.locale)


ADA = Person("U0ADA00001", "Ada", tz="Europe/London")
BEA = Person("U0BEA00001", "Bea", tz="Europe/Stockholm", locale="sv-SE")
CY = Person("U0CY000001", "Cy", tz="America/New_York", locale="en-US")

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/26.6 Mobile/15E148 Safari/604.1"
)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0"
LINKEDINBOT = "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)"
SLACKBOT = "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


@dataclass(frozen=True)
class Visitor:
    """Somebody who follows a link; *address* reaches the shortener through a proxy that it trusts."""

    address: str
    user_agent: str = CHROME
    language: str = "en-GB,en;q=0.9"

    @property
    def headers(self) -> Mapping[str, str]:
        """What the proxy passes on of this visitor's request."""
        return {
            "X-Forwarded-For": self.address,
            "User-Agent": self.user_agent,
            "Accept-Language": self.language,
        }

    def with_(self, **changes: str) -> "Visitor":
        return replace(self, **changes)


DORA = Visitor("198.51.100.7")
EMIL = Visitor("198.51.100.8", IPHONE, "de-DE,de;q=0.9")
FAY = Visitor("2001:db8:4:7::1", FIREFOX, "fr")


def crowd(count: int) -> list[Visitor]:
    """So many different visitors, each with an address of their own."""
    return [Visitor(f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}") for number in range(count)]
