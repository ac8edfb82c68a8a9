"""What Grapevine remembers of a LinkedIn connection, packed into one opaque string."""

import json
from dataclasses import asdict, dataclass, field

from grapevine.domain.errors import Reconnect


@dataclass(frozen=True, slots=True)
class Token:
    """*scope* holds what was granted; *person* is the id in ``urn:li:person:…``.

    *expires_at* in epoch seconds, as is *made*: when it was given out (0.0: before Grapevine noted that).
    """

    access: str = field(repr=False)
    scope: tuple[str, ...]
    expires_at: float | None = None
    refresh: str = field(default="", repr=False)
    person: str = ""
    made: float = 0.0

    @property
    def author(self) -> str:
        return f"urn:li:person:{self.person}"

    def pack(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))


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
            float(fields.get("made") or 0.0),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        del fields
    raise Reconnect("Grapevine cannot read its LinkedIn connection. Please connect LinkedIn again.")
