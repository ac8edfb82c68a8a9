"""Which server may give a member's permission: https://atproto.com/specs/oauth#authorization-servers

The server that keeps the account names it, and it has to name that one's address as its own.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from grapevine.domain.errors import NotFound, Refused, TryLater
from grapevine.networks.bluesky_answers import complain
from grapevine.networks.bluesky_identity import Directory
from grapevine.networks.bluesky_questions import INSTEAD, PASSWORD
from grapevine.networks.bluesky_token import title_of
from grapevine.networks.bluesky_xrpc import Server
from grapevine.networks.http import json_object


@dataclass(frozen=True, slots=True)
class Issuer:
    """A server that gives permissions: its name *url*, and where it is asked for what."""

    url: str
    par: str
    authorization: str
    token: str
    revocation: str


def issuer_of(pds: str, directory: Directory) -> Issuer:
    """The issuer for the accounts at *pds*; ``Refused`` where there is none that Grapevine can use."""
    title = title_of(pds)
    named = _document(pds, "oauth-protected-resource", title, directory).get("authorization_servers")
    if not isinstance(named, list) or len(named) != 1 or not isinstance(named[0], str):
        raise _none(title)
    if not directory.may_be_spoken_to(named[0]):
        raise Refused(f"{title} sends Grapevine to a place that it may not speak to. {INSTEAD}", PASSWORD)
    return issuer_at(named[0], title, directory, pds)


def issuer_at(url: str, title: str, directory: Directory, pds: str = "") -> Issuer:
    """The issuer that is called *url*, which has to agree, and to know *pds* if it tells whom it knows."""
    said = _document(url, "oauth-authorization-server", title, directory)
    known = said.get("protected_resources")
    if said.get("issuer") != url or (pds and isinstance(known, list) and pds not in known):
        raise Refused(f"{title} and the server that gives its permissions disagree. {INSTEAD}", PASSWORD)
    if said.get("client_id_metadata_document_supported") is not True:
        raise _none(title)
    return Issuer(
        url,
        *(
            _endpoint(said, name, title, directory)
            for name in ("pushed_authorization_request", "authorization", "token", "revocation")
        ),
    )


def _document(server: str, name: str, title: str, directory: Directory) -> dict[str, Any]:
    with Server(server, title, public_only=not directory.allow_private) as line:
        answer = line.get(f"/.well-known/{name}")
        try:
            complain(answer, title)
        except (NotFound, Refused):
            raise _none(title) from None
        return json_object(answer, title)


def _endpoint(said: dict[str, Any], name: str, title: str, directory: Directory) -> str:
    url = said.get(f"{name}_endpoint")
    try:
        parts = urlsplit(url) if isinstance(url, str) else None
    except ValueError:
        parts = None
    plain = isinstance(url, str) and url.isascii() and url.isprintable() and " " not in url  # one parser's is all's
    if parts is None or not plain or not directory.may_be_spoken_to(f"{parts.scheme}://{parts.netloc}"):
        raise TryLater(f"{title} answered with something unreadable.")
    return str(url)


def _none(title: str) -> Refused:
    return Refused(f"{title} has no page of its own on which it could ask you. {INSTEAD}", PASSWORD)
