"""Who a handle is, and which server keeps their account: https://atproto.com/specs/handle and /specs/did

The member, or their app password, goes to the server that this finds, so the two sides must agree: the handle names a
DID, and the DID's own document names the handle.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from grapevine.domain.errors import NotFound, Refused, TryLater
from grapevine.networks.bluesky_answers import complain
from grapevine.networks.bluesky_token import title_of
from grapevine.networks.bluesky_xrpc import Server
from grapevine.networks.http import json_object
from grapevine.written import is_loopback

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = rf"(?:{_LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])?"
_HANDLE = re.compile(_HOST)
_PROFILE = re.compile(r"https?://(?:[\w.]+)/profile/([^/?#\s]+).*")
_DID = re.compile(rf"did:(?:plc:[a-z2-7]{{24}}|web:{_HOST})")
_HOW = "Please type it as it stands on your profile, for example bea.bsky.social."


@dataclass(frozen=True, slots=True)
class Identity:
    """A member at Bluesky; *pds* is the address of the server that keeps their account."""

    did: str
    handle: str
    pds: str


@dataclass(frozen=True, slots=True)
class Directory:
    """Where identities are looked up: *server* knows handles, *plc* is the directory of DIDs."""

    server: str
    plc: str
    allow_private: bool = False

    def find(self, typed: str) -> Identity:
        """The member whose handle was *typed*; ``Refused`` says what is wrong with it."""
        handle = handle_in(typed)
        did = self._did(handle)
        document = self._document(did, handle)
        names = document.get("alsoKnownAs")
        known = [one.lower() for one in names if isinstance(one, str)] if isinstance(names, list) else []
        if document.get("id") != did or f"at://{handle}" not in known:
            raise Refused(f"The account behind {handle} does not use this handle (any more). {_HOW}")
        return Identity(did, handle, self._pds(document, handle))

    def _did(self, handle: str) -> str:
        with Server(self.server, title_of(self.server)) as server:
            answer = server.query("com.atproto.identity.resolveHandle", ("handle", handle))
            if answer.status_code == 400:
                raise Refused(f"There is no Bluesky account named {handle}. {_HOW}")
            complain(answer, server.title)
            did = json_object(answer, server.title).get("did")
        if not isinstance(did, str) or not _DID.fullmatch(did):
            raise Refused(f"The account behind {handle} has an identity that Grapevine does not know.")
        return did

    def _document(self, did: str, handle: str) -> dict[str, Any]:
        """A did:plc's stands in the directory, a did:web's on a server that the member chose."""
        web = did.removeprefix("did:web:") if did.startswith("did:web:") else ""
        url, path = (f"https://{web}", "/.well-known/did.json") if web else (self.plc, f"/{quote(did, safe=':')}")
        title = f"Your server {web}" if web else "Bluesky's directory of accounts"
        with Server(url, title, public_only=bool(web) and not self.allow_private) as server:
            answer = server.get(path)
            try:
                complain(answer, title)
            except NotFound:
                raise Refused(f"The account {handle} has been deleted.") from None
            return json_object(answer, title)

    def _pds(self, document: dict[str, Any], handle: str) -> str:
        services = document.get("service")
        for service in services if isinstance(services, list) else []:
            if isinstance(service, dict) and str(service.get("id", "")).endswith("#atproto_pds"):
                url = str(service.get("serviceEndpoint", "")).rstrip("/")
                if self.may_be_spoken_to(url):
                    return url
        raise Refused(f"The account {handle} is on no server that Grapevine can speak to.")

    def may_be_spoken_to(self, url: str) -> bool:
        """An https:// name without port or path; *allow_private* lets it have a port, or be this very machine."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            return False
        if self.allow_private and is_loopback(url):
            return parts.scheme in ("http", "https")
        bare = parts.netloc == (parts.hostname if port is None else f"{parts.hostname}:{port}")
        whole = bare and not (parts.path or parts.query or parts.fragment)
        known = bool(_HANDLE.fullmatch(parts.hostname or ""))
        return parts.scheme == "https" and whole and known and (port is None or self.allow_private)


def handle_in(typed: str) -> str:
    """The handle in what a member typed: bare, with an @, or their profile's address.

    Bluesky's own app wraps handles in invisible marks of writing direction, which come along when one is copied.
    """
    text = "".join(sign for sign in typed if unicodedata.category(sign) != "Cf").strip().lower()
    if profile := _PROFILE.fullmatch(text):
        text = profile[1]
    handle = text.removeprefix("@").removesuffix(".")
    if not handle:
        raise Refused(f"What is your handle? {_HOW}")
    if "@" in handle:
        raise Refused(f"This is an e-mail address, and Grapevine needs your handle. {_HOW}")
    if not _HANDLE.fullmatch(handle) or len(handle) > 253:
        raise Refused(f"“{' '.join(typed.split())[:80]}” is no whole handle. {_HOW}")
    return handle


def unreachable(error: TryLater) -> TryLater:
    """The same trouble, as a person before the connect page reads it."""
    said = str(error).removesuffix(" Grapevine tries again later.")
    return TryLater(f"{said} Please try again in a few minutes.", error.after)
