"""What Grapevine remembers of a LinkedIn connection, packed into one opaque string."""

import json
from dataclasses import asdict, dataclass, field

from grapevine.domain.errors import Reconnect


@dataclass(frozen=True, slots=True)
class Token:
    """*scope* holds what was granted; *person* is the id in ``urn:li:person:…``; *expires_at* in epoch seconds."""

    access: str = field(repr=False)
    scope: tuple[str, ...]
    expires_at: float | None = None
    refresh: str = field(default="", repr=False)
    person: str = ""

    @property
    def author(self) -> str:
        return f"urn:li:person:{self.person}"

    def pack(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))

    def usable(self, now: float) -> "Token":
        """Itself; ``Reconnect`` when it has run out, which spares LinkedIn a call."""
        if self.expires_at is not None and now >= self.expires_at:
            raise Reconnect("Your LinkedIn connection has run out. Please connect LinkedIn again.")
        return self


def unpack(packed: str) -> Token:
    fields = None
    try:
        fields = json.loads(packed)
        return Token(
            str(fields["access"]),
            tuple(map(str, fields["scope"])),
            None if fields["expires_at"] is None else float(fields["expires_at"]),
            str(fields["refresh"]),
            str(fields["person"]),
        )
    except (ValueError, KeyError, TypeError):
        del fields
    raise Reconnect("Grapevine cannot read its LinkedIn connection. Please connect LinkedIn again.")
