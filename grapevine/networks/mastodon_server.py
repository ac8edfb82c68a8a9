"""Which server a member means, and what that server says about itself before anybody signs in."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests

from grapevine.domain.errors import Refused, TryLater
from grapevine.networks.http import claim_https, json_object
from grapevine.networks.mastodon_answers import complain
from grapevine.written import is_loopback

CAPTION_LIMIT = 500
SCOPES = ("profile", "write:statuses", "write:media")
#: servers before 4.3 have no smaller permission to see who somebody is
OLD_SCOPES = ("read:accounts", "write:statuses", "write:media")
_HANDLE = re.compile(r"@?[\w.-]+@(?P<host>[^@/\s]+)")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"(?:{_LABEL}\.)+(?:[a-z]{{2,63}}|xn--[a-z0-9-]{{1,59}})")
_HOW = "Please type its name as it stands in your browser, for example mastodon.social."


@dataclass(frozen=True, slots=True)
class Server:
    """A server's address without a path: Mastodon has none."""

    url: str

    @property
    def name(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def title(self) -> str:
        """How sentences about it begin."""
        return f"Your server {self.name}"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a server said: how long a post may be, which scopes are asked for, whether it knows PKCE."""

    caption_limit: int = CAPTION_LIMIT
    scopes: tuple[str, ...] = OLD_SCOPES
    pkce: bool = False


def named(answer: str, *, allow_private: bool = False) -> Server:
    """The server in what a member typed: a name, an address, or their own handle; ``Refused`` when there is none.

    *allow_private* lets it have a port, or be this very machine, to which plain http is spoken.
    """
    text = answer.strip().lower()
    if handle := _HANDLE.fullmatch(text):
        text = handle["host"]
    scheme, _, rest = text.rpartition("://")
    host = re.split(r"[/?#]", rest, maxsplit=1)[0].removesuffix(".")
    if not host:
        raise Refused(f"Which server is your account on? {_HOW}")
    here = allow_private and _has_port(host) and is_loopback(f"http://{host}")
    if here:
        return Server(f"{scheme or 'http'}://{host}") if scheme in ("", "http", "https") else _unknown(answer)
    if scheme not in ("", "https"):
        raise Refused(f"Grapevine speaks to servers through https only. {_HOW}")
    name, colon, port = host.partition(":")
    try:
        name = name.encode("idna").decode()
    except UnicodeError:
        return _unknown(answer)
    if not _NAME.fullmatch(name) or (colon and not (allow_private and _has_port(host))):
        return _unknown(answer)
    return Server(f"https://{name}:{port}" if colon else f"https://{name}")


def ask(session: requests.Session, server: Server) -> Facts:
    """What the server says of itself; ``Refused`` when no Mastodon answers there.

    https://docs.joinmastodon.org/methods/instance/ and https://docs.joinmastodon.org/methods/oauth/
    """
    about = _found(session, server, "/api/v2/instance") or _found(session, server, "/api/v1/instance")
    if not isinstance(about.get("version"), str):
        raise Refused(f"No Mastodon server answers at {server.name}. {_HOW}")
    oauth = _found(session, server, "/.well-known/oauth-authorization-server")
    scopes, methods = oauth.get("scopes_supported"), oauth.get("code_challenge_methods_supported")
    return Facts(
        _limit(about),
        SCOPES if isinstance(scopes, list) and "profile" in scopes else OLD_SCOPES,
        isinstance(methods, list) and "S256" in methods,
    )


def _found(session: requests.Session, server: Server, path: str) -> dict[str, Any]:
    """The JSON object at *path*, empty where the server has none."""
    answer = session.get(claim_https(f"{server.url}{path}"))
    if answer.status_code == 429 or answer.status_code >= 500:
        complain(answer, server.title)
    if answer.status_code != 200:
        return {}
    try:
        return json_object(answer, server.title)
    except TryLater:
        return {}


def _limit(about: dict[str, Any]) -> int:
    """Characters of a post; forks say it in a place of their own."""
    configuration = about.get("configuration")
    statuses = configuration.get("statuses") if isinstance(configuration, dict) else None
    said = statuses.get("max_characters") if isinstance(statuses, dict) else about.get("max_toot_chars")
    return said if isinstance(said, int) and 1 <= said <= 1_000_000 else CAPTION_LIMIT


def _has_port(host: str) -> bool:
    """Whether *host* is a name with a port that may be one, or without any."""
    try:
        return urlsplit(f"http://{host}").port != 0 and "@" not in host
    except ValueError:
        return False


def _unknown(answer: str) -> Server:
    raise Refused(f"“{' '.join(answer.split())[:80]}” is no server that Grapevine can speak to. {_HOW}")
