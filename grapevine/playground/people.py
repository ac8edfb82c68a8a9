"""Who is in the stand-in workspace, and what they look like."""

from dataclasses import dataclass

from grapevine.playground.config import JSON

TEAM_ID, TEAM_NAME, TEAM_DOMAIN = "T0GRAPE001", "Vine & Co", "vine-and-co"
APP_ID, BOT_USER_ID, BOT_ID = "A0GRAPE001", "U0GRAPEBOT", "B0GRAPE001"
IMAGE_SIZES = (24, 32, 48, 72, 192, 512)


@dataclass
class User:
    id: str
    name: str
    real_name: str
    tz: str
    tz_label: str
    tz_offset: int
    locale: str = "en-GB"
    colour: str = "4a154b"
    is_admin: bool = False
    is_owner: bool = False
    is_bot: bool = False
    is_restricted: bool = False
    deleted: bool = False
    updated: int = 1767225600

    def card(self, base_url: str, *, with_email: bool) -> JSON:
        """The user object of users.info: https://docs.slack.dev/reference/objects/user-object"""
        profile: JSON = {
            "real_name": self.real_name,
            "display_name": self.name,
            "real_name_normalized": self.real_name,
            "display_name_normalized": self.name,
            "team": TEAM_ID,
            **{f"image_{size}": f"{base_url}/avatars/{self.id}.svg" for size in IMAGE_SIZES},
        }
        if with_email and not self.is_bot:
            profile["email"] = f"{self.name}@vine.example"
        card: JSON = {
            "id": self.id,
            "team_id": TEAM_ID,
            "name": self.name,
            "deleted": self.deleted,
            "profile": profile,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "updated": self.updated,
        }
        if not self.deleted:
            card |= {
                "color": self.colour,
                "real_name": self.real_name,
                "tz": self.tz,
                "tz_label": self.tz_label,
                "tz_offset": self.tz_offset,
                "is_admin": self.is_admin,
                "is_owner": self.is_owner,
                "is_primary_owner": self.is_owner,
                "is_restricted": self.is_restricted,
                "is_ultra_restricted": False,
            }
        return card


def cast() -> list[User]:
    return [
        User(
            "U0ADA00001",
            "ada",
            "Ada Okafor",
            "Europe/London",
            "Greenwich Mean Time",
            0,
            colour="6b4fa0",
            is_admin=True,
            is_owner=True,
        ),
        User(
            "U0BEA00001",
            "bea",
            "Bea Lindqvist",
            "Europe/Stockholm",
            "Central European Time",
            3600,
            locale="sv-SE",
            colour="2f7d5b",
        ),
        User(
            "U0CY000001",
            "cy",
            "Cy Ortega",
            "America/New_York",
            "Eastern Standard Time",
            -18000,
            locale="en-US",
            colour="b0562c",
        ),
    ]


def bot(name: str) -> User:
    return User(BOT_USER_ID, name.lower(), name, "Etc/UTC", "UTC", 0, colour="4b7f2a", is_bot=True)


def avatar(user: User) -> str:
    """A person's initials on their colour, as an SVG."""
    initials = "".join(word[0] for word in user.real_name.split())[:2]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 72 72" width="72" height="72">'
        f'<rect width="72" height="72" rx="12" fill="#{user.colour}"/>'
        '<text x="36" y="46" font-family="sans-serif" font-size="28" font-weight="600" fill="#fff" '
        f'text-anchor="middle">{initials}</text></svg>'
    )
