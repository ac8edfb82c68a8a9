"""OAuth 1.0a signatures, verified by hand: HMAC-SHA1 as RFC 5849 writes it.

The playground must not import the library that signs, else both sides could share one mistake.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, quote, unquote, urlsplit

_PART = re.compile(r'\s*([^=\s,]+)="([^"]*)"\s*')


def escape(text: str) -> str:
    """RFC 5849 section 3.6: everything but the unreserved characters is percent-encoded."""
    return quote(text, safe="~")


def parse_authorization(header: str) -> dict[str, str]:
    """The ``oauth_`` parameters of an Authorization header; empty when it is not OAuth 1 or names one twice."""
    scheme, _, rest = header.partition(" ")
    if scheme.lower() != "oauth":
        return {}
    found = [(unquote(name), unquote(value)) for name, value in _PART.findall(rest)]
    parameters = dict(found)
    return parameters if len(parameters) == len(found) else {}


def base_string(method: str, url: str, parameters: Iterable[tuple[str, str]]) -> str:
    """RFC 5849 section 3.4.1; *url* is the address that the client called, its query included."""
    parts = urlsplit(url)
    host = parts.netloc.lower()
    default = {"http": ":80", "https": ":443"}[parts.scheme.lower()]
    address = f"{parts.scheme.lower()}://{host.removesuffix(default)}{parts.path or '/'}"
    pairs = [*parse_qsl(parts.query, keep_blank_values=True), *parameters]
    normal = "&".join(f"{name}={value}" for name, value in sorted((escape(n), escape(v)) for n, v in pairs))
    return "&".join(map(escape, (method.upper(), address, normal)))


def signed(
    method: str, url: str, oauth: dict[str, str], body: list[tuple[str, str]], secret: str, token_secret: str
) -> bool:
    """Whether *oauth* carries the right signature; *body* holds a form's fields, nothing for any other body."""
    if oauth.get("oauth_signature_method") != "HMAC-SHA1":
        return False
    own = [(name, value) for name, value in oauth.items() if name not in ("realm", "oauth_signature")]
    key = f"{escape(secret)}&{escape(token_secret)}".encode()
    digest = hmac.digest(key, base_string(method, url, [*own, *body]).encode(), hashlib.sha1)
    return hmac.compare_digest(base64.b64encode(digest).decode(), oauth.get("oauth_signature", ""))
