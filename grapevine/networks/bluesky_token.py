"""What Grapevine remembers of a Bluesky connection, packed into one opaque string."""

import base64
import json
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlsplit

from grapevine.domain.errors import Reconnect

#: seconds before its end at which an access token is renewed: a post with a picture takes several calls
EARLY = 300.0
#: seconds that an access token is trusted which does not say how long it lives
_SHORTEST = 600.0
_OWN = ("bsky.social", ".bsky.network")


@dataclass(frozen=True, slots=True)
class Grant:
    """By whom, to whom and for which key a permission was given, where the member gave one by OAuth.

    *issuer* is the server that gave it, *renewing* and *ending* are its addresses; *client* is Grapevine's id there and
    *kid* the key with which it signs, empty for a client without one. *proof* is the private key that every call proves
    to have, as a JWK: the permission is good for its holder only. *ends* is when all of it ends, 0 where nobody knows.
    """

    issuer: str
    renewing: str
    ending: str
    client: str
    kid: str
    proof: dict[str, str] = field(repr=False)
    ends: float = 0.0


@dataclass(frozen=True, slots=True)
class Token:
    """*until* is the access token's end by our own clock; *refresh* is used once, and answered with its successor.

    *grant* is None for a session that an app password opened.
    """

    did: str
    pds: str
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    until: float = 0.0
    grant: Grant | None = None

    @property
    def title(self) -> str:
        """How sentences about the member's server begin."""
        return title_of(self.pds)

    def pack(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))


def title_of(server: str) -> str:
    host = urlsplit(server).hostname or ""
    return "Bluesky" if host.endswith(_OWN) else f"Your server {host}"


def unpack(packed: str) -> Token:
    """The opposite of ``Token.pack``; ``Reconnect`` when it is none of ours."""
    try:
        kept = json.loads(packed)
        grant = kept.get("grant")
        token = Token(**{**kept, "grant": Grant(**grant) if grant else None})
        named = token.did.startswith("did:") and token.pds.startswith("http") and token.access and token.refresh
        whole = bool(named) and isinstance(token.until, float | int)
    except (ValueError, TypeError, AttributeError):
        whole = False
    if not whole:
        raise Reconnect("Grapevine cannot read what it kept for Bluesky. Please connect Bluesky again.")
    return token


def claims(jwt: str) -> dict[str, Any]:
    """What a JWT says of itself, unverified: good for times and scope only; empty when it is none."""
    try:
        payload = jwt.split(".")[1]
        said = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (ValueError, IndexError):
        return {}
    return said if isinstance(said, dict) else {}


def good_until(access: str, now: float) -> float:
    """When by our clock the access token is to be renewed: its own clock tells only how long it lives (two hours)."""
    said = claims(access)
    issued, ends = said.get("iat"), said.get("exp")
    if not isinstance(issued, int) or not isinstance(ends, int):
        return now + _SHORTEST
    return now + max(ends - issued - EARLY, 0.0)
