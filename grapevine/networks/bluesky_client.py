"""Who Grapevine is to the servers of Bluesky's members: https://atproto.com/specs/oauth#clients

A client is not registered there: its id is an address, at which each server reads the rest. So an installation whose
``BASE_URL`` the internet can reach may ask for permission, and so may one on this very machine, whose id says it all.
"""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from jwskate import Jwk

#: publish posts, upload pictures, and nothing else: https://atproto.com/specs/permission
SCOPES = ("atproto", "repo:app.bsky.feed.post?action=create", "blob:image/*")
#: the first by convention: of such an id, the reference server's page that asks shows nothing but the host
_DOCUMENT, _CALLBACK = "/oauth-client-metadata.json", "/oauth/bluesky/callback"
#: P-256's: https://nvlpubs.nist.gov/nistpubs/SpecialPublications/NIST.SP.800-186.pdf
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
#: names that lead nowhere outside; servers refuse the first five by name
_LOCAL = ("test", "local", "localhost", "invalid", "example", "internal", "lan", "corp", "home", "arpa")


@dataclass(frozen=True, slots=True)
class App:
    """Grapevine under one ``BASE_URL``; *here*: on this very machine, as somebody who only tries it.

    *keys* sign for it, the first one for new connections; on this machine none does, since nobody could know it.
    """

    base_url: str
    keys: tuple[Jwk, ...] = field(default=(), repr=False)
    here: bool = False

    def id(self, redirect_uri: str) -> str:
        if self.here:
            return f"http://localhost?{urlencode({'redirect_uri': redirect_uri, 'scope': ' '.join(SCOPES)})}"
        return f"{self.base_url}{_DOCUMENT}"

    @property
    def callback(self) -> str:
        return f"{self.base_url}{_CALLBACK}"

    @property
    def document(self) -> Mapping[str, Any] | None:
        """What the id's address says; None where it is none."""
        if self.here:
            return None
        return {
            "client_id": self.id(""),
            "client_name": "Grapevine",
            "client_uri": self.base_url,
            "application_type": "web",
            "redirect_uris": [self.callback],
            "response_types": ["code"],
            "grant_types": ["authorization_code", "refresh_token"],
            "scope": " ".join(SCOPES),
            "dpop_bound_access_tokens": True,
            "token_endpoint_auth_method": "private_key_jwt",
            "token_endpoint_auth_signing_alg": "ES256",
            "jwks": {"keys": [dict(key.public_jwk()) for key in self.keys]},
        }


def app_at(base_url: str, keys: Sequence[Jwk]) -> App | None:
    """Grapevine as *base_url* lets it present itself; None where no member's server could read who it is.

    They take a public name in small letters, and fetch nothing from another port than https's own.
    """
    try:
        parts = urlsplit(base_url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    if parts.scheme == "http" and host in ("127.0.0.1", "::1"):
        return App(base_url, here=True)
    named = "." in host and host.rpartition(".")[2] not in _LOCAL and not _is_number(host)
    # The reference server reads at no other port, and compares the id with its own way of writing it.
    exact = port is None and parts.netloc == host and base_url.isascii() and "%" not in base_url
    return App(base_url, tuple(keys)) if parts.scheme == "https" and named and exact and keys else None


def keys_of(secrets: Sequence[str]) -> tuple[Jwk, ...]:
    """The keys that sign for Grapevine, one made of each of *secrets*: whoever has those needs to keep no others."""
    return tuple(_key(secret) for secret in secrets)


def _key(secret: str) -> Jwk:
    seed = HKDF(SHA256(), 48, salt=None, info=b"grapevine: client key at Bluesky's servers").derive(secret.encode())
    number = int.from_bytes(seed) % (_ORDER - 1) + 1
    private = ec.derive_private_key(number, ec.SECP256R1())
    return Jwk.from_cryptography_key(private, alg="ES256", use="sig").with_kid_thumbprint()


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
