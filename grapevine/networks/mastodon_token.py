"""What Grapevine remembers of a Mastodon connection, packed into one opaque string."""

import json
from dataclasses import asdict, dataclass, field

from grapevine.domain.errors import Reconnect
from grapevine.networks.mastodon_server import CAPTION_LIMIT, Server


@dataclass(frozen=True, slots=True)
class App:
    """Grapevine as one server knows it, and how the dance goes there."""

    server: Server
    client_id: str
    client_secret: str = field(repr=False)
    scopes: tuple[str, ...] = ()
    pkce: bool = False
    caption_limit: int = CAPTION_LIMIT


@dataclass(frozen=True, slots=True)
class Token:
    """It does not expire. The app's credentials are needed once more, to revoke it."""

    server: str
    access: str = field(repr=False)
    client_id: str
    client_secret: str = field(repr=False)
    caption_limit: int = CAPTION_LIMIT

    def pack(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Begun:
    """What has to be known when the member comes back from the prompt."""

    app: App
    verifier: str = field(repr=False)

    def pack(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))


def unpack(packed: str) -> Token:
    """The opposite of ``Token.pack``; ``Reconnect`` when it is none of ours."""
    try:
        token = Token(**json.loads(packed))
        whole = token.server.startswith("http") and token.access and isinstance(token.caption_limit, int)
    except (ValueError, TypeError, AttributeError):
        whole = False
    if not whole:
        raise Reconnect("Grapevine cannot read what it kept for Mastodon. Please connect Mastodon again.")
    return token


def begun(packed: str) -> Begun:
    """The opposite of ``Begun.pack``."""
    raw = json.loads(packed)
    app = raw["app"]
    known = {**app, "server": Server(**app["server"]), "scopes": tuple(app["scopes"])}
    return Begun(App(**known), raw["verifier"])
