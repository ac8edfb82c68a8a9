"""What Grapevine remembers of a connected Page, packed into one opaque string."""

import json
from dataclasses import asdict, dataclass, field

from grapevine.domain.errors import Reconnect


@dataclass(frozen=True, slots=True)
class Token:
    """A Page's token, which does not run out.

    *person* is the app's own number for whoever allowed it, needed once more, to take the permission back. Their own
    token is not kept: it would open all of their Pages.
    """

    page: str
    access: str = field(repr=False)
    person: str

    def pack(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))


def unpack(packed: str) -> Token:
    """The opposite of ``Token.pack``; ``Reconnect`` when it is none of ours."""
    try:
        token = Token(**json.loads(packed))
        whole = all(isinstance(part, str) and part for part in (token.page, token.access, token.person))
    except (ValueError, TypeError):
        whole = False
    if not whole:
        raise Reconnect("Grapevine cannot read what it kept for Facebook. Please connect Facebook again.")
    return token
