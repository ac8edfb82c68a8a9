"""Whether a client's metadata is right: validateClientMetadata in client-manager.ts of the reference server."""

import re
from typing import Any
from urllib.parse import urlsplit

from grapevine.playground.bluesky_jwt import WrongToken, public_key
from grapevine.playground.bluesky_refusal import invalid_client_metadata, invalid_redirect_uri
from grapevine.playground.bluesky_scopes import SCOPES

Metadata = dict[str, Any]
_LISTS = ("redirect_uris", "response_types", "grant_types")
_TEXTS = (
    "client_id", "client_name", "client_uri", "logo_uri", "policy_uri", "tos_uri", "jwks_uri", "scope",
    "application_type", "subject_type", "token_endpoint_auth_method", "token_endpoint_auth_signing_alg",
)  # fmt: skip
_UNSUPPORTED = (
    "default_max_age", "userinfo_signed_response_alg", "id_token_signed_response_alg",
    "userinfo_encrypted_response_alg",
)  # fmt: skip
_LOOPBACK = ("127.0.0.1", "::1")
_LOCAL = ("test", "local", "localhost", "invalid", "example")


def checked(client_id: str, given: Metadata) -> Metadata:
    """The metadata with its defaults; `OAuthError` when there is something wrong with it."""
    metadata = _shaped(client_id, given)
    if "jwks" in metadata and "jwks_uri" in metadata:
        raise invalid_client_metadata("jwks_uri and jwks are mutually exclusive")
    for name in _UNSUPPORTED:
        if metadata.get(name) is not None:
            raise invalid_client_metadata(f'Unsupported "{name}" parameter')
    page = metadata.get("client_uri")
    if page and is_local(urlsplit(page).hostname or ""):
        raise invalid_client_metadata("client_uri hostname is invalid")
    if "scope" not in metadata:
        raise invalid_client_metadata("Missing scope property")
    scopes, grants = metadata["scope"].split(" "), metadata["grant_types"]
    if "atproto" not in scopes:
        raise invalid_client_metadata('Missing "atproto" scope')
    if twice := _twice(scopes):
        raise invalid_client_metadata(f'Duplicate scope "{twice}"')
    if twice := _twice(grants):
        raise invalid_client_metadata(f'Duplicate grant type "{twice}"')
    for grant in grants:
        if grant not in ("authorization_code", "refresh_token"):
            how = "not allowed" if grant == "implicit" else "not supported"
            raise invalid_client_metadata(f'Grant type "{grant}" is {how}')
    if metadata.get("client_id", client_id) != client_id:
        raise invalid_client_metadata("client_id does not match")
    if metadata["subject_type"] != "public":
        raise invalid_client_metadata('Only "public" subject_type is supported')
    _auth_method(metadata)
    if metadata.get("dpop_bound_access_tokens") is not True:
        raise invalid_client_metadata('"dpop_bound_access_tokens" must be true')
    if "code" not in metadata["response_types"]:
        raise invalid_client_metadata('response_types must include "code"')
    if "authorization_code" not in grants:
        said = 'The "code" response type requires that "grant_types" contains "authorization_code"'
        raise invalid_client_metadata(said)
    if metadata["application_type"] == "native" and metadata.get("token_endpoint_auth_method") != "none":
        raise invalid_client_metadata('Native clients must authenticate using "none" method')
    for address in metadata["redirect_uris"]:
        _redirect_uri(metadata, address)
    if client_id.startswith("https://"):
        _discoverable(client_id, metadata)
    return metadata


def wrong_loopback_uri(address: str) -> str:
    """Why it does not lead to the person's own machine, by its number and not by its name; empty when it does."""
    try:
        url = urlsplit(address)
        host, _ = url.hostname, url.port
    except ValueError:
        return "Invalid URL"
    if url.scheme != "http":
        return 'URL must use the "http:" protocol'
    if host == "localhost":
        return 'Use of "localhost" hostname is not allowed (RFC 8252), use a loopback IP such as "127.0.0.1" instead'
    return "" if host in _LOOPBACK else 'URL must use "localhost", "127.0.0.1" or "[::1]" as hostname'


def usable(keys: list[Any]) -> list[dict[str, Any]]:
    """Keys that are private, or without a name, are passed over as if they were not there."""
    return [key for key in keys if _is_usable(key)]


def _is_usable(key: Any) -> bool:
    try:
        return bool(public_key(key) and isinstance(key.get("kid"), str))
    except WrongToken:
        return False


def is_local(host: str) -> bool:
    return "." not in host or host.rpartition(".")[2].lower() in _LOCAL


def _shaped(client_id: str, given: Metadata) -> Metadata:
    what = f'Unable to obtain client metadata for "{client_id}": Validation of'
    metadata = {
        "response_types": ["code"], "grant_types": ["authorization_code"], "application_type": "web",
        "subject_type": "public", "token_endpoint_auth_method": "client_secret_basic", **given,
    }  # fmt: skip
    for name in _LISTS:
        value = metadata.get(name)
        if not isinstance(value, list) or not value or not all(isinstance(one, str) for one in value):
            raise invalid_client_metadata(f'{what} "{name}" failed with error: Expected a list of texts')
    for name in _TEXTS:
        if name in metadata and not isinstance(metadata[name], str):
            raise invalid_client_metadata(f'{what} "{name}" failed with error: Expected string')
        if name.endswith("_uri") and name in metadata and not _web_uri(metadata[name]):
            raise invalid_client_metadata(f'{what} "{name}" failed with error: Invalid URL')
    if metadata["application_type"] not in ("web", "native"):
        raise invalid_client_metadata(f'{what} "application_type" failed with error: Invalid enum value')
    if "scope" in metadata and not SCOPES.fullmatch(metadata["scope"]):
        raise invalid_client_metadata(f'{what} "scope" failed with error: Invalid OAuth scope')
    jwks = metadata.get("jwks", {"keys": []})
    if not isinstance(jwks, dict) or not isinstance(jwks.get("keys"), list):
        raise invalid_client_metadata(f'{what} "jwks.keys" failed with error: Expected array')
    if "jwks" in metadata:
        metadata["jwks"] = {"keys": usable(jwks["keys"])}
    for at, address in enumerate(metadata["redirect_uris"]):
        if wrong := wrong_redirect_uri(address):
            raise invalid_client_metadata(f'{what} "redirect_uris.{at}" failed with error: {wrong}')
    return metadata


def wrong_redirect_uri(address: str) -> str:
    """Why no app can be there: https, the person's own machine or, on a phone, a scheme of the app's own."""
    if address.startswith("https:"):
        return "" if _https(address) else "Invalid URL"
    if address.startswith("http:"):
        return wrong_loopback_uri(address)
    if re.match(r"[^.:]+(?:\.[^.:]+)+:/(?!/)", address):
        return ""
    return 'URL must use the "https:" or "http:" protocol, or a private-use URI scheme (RFC 8252)'


def _auth_method(metadata: Metadata) -> None:
    method, alg = metadata["token_endpoint_auth_method"], metadata.get("token_endpoint_auth_signing_alg")
    if method == "none":
        if alg:
            said = 'token_endpoint_auth_method "none" must not have token_endpoint_auth_signing_alg'
            raise invalid_client_metadata(said)
    elif method == "private_key_jwt":
        if "jwks" not in metadata and "jwks_uri" not in metadata:
            raise invalid_client_metadata("private_key_jwt auth method requires jwks or jwks_uri")
        if "jwks" in metadata and not metadata["jwks"]["keys"]:
            raise invalid_client_metadata("private_key_jwt auth method requires at least one key in jwks")
        if not alg:
            raise invalid_client_metadata("Missing token_endpoint_auth_signing_alg client metadata")
    else:
        raise invalid_client_metadata(
            f'Unsupported client authentication method "{method}". Make sure "token_endpoint_auth_method" is set to '
            'one of: "none", "private_key_jwt"'
        )


def _redirect_uri(metadata: Metadata, address: str) -> None:
    url = urlsplit(address)
    if "@" in url.netloc:
        raise invalid_redirect_uri(f"Redirect URI {address} must not contain credentials")
    if not wrong_loopback_uri(address):
        if metadata["application_type"] != "native":
            raise invalid_redirect_uri("Loopback redirect URIs are only allowed for native apps")
    elif url.scheme == "https":
        if is_local(url.hostname or ""):
            raise invalid_redirect_uri(f'Redirect URI "{address}"\'s domain name must not be a local hostname')
    elif metadata["application_type"] != "native":
        raise invalid_redirect_uri("Private-Use URI Scheme redirect URI are only allowed for native apps")


def _discoverable(client_id: str, metadata: Metadata) -> None:
    if "client_id" not in metadata:
        raise invalid_client_metadata("client_id is required for discoverable clients")
    mine = urlsplit(client_id)
    if page := metadata.get("client_uri"):
        url = urlsplit(page)
        if (url.scheme, url.netloc) != (mine.scheme, mine.netloc):
            raise invalid_client_metadata("client_uri must have the same origin as the client_id")
        if not (mine.path == url.path or mine.path.startswith(f"{url.path.rstrip('/')}/")):
            raise invalid_client_metadata("client_uri must be a parent URL of the client_id")
    own = ".".join(reversed((mine.hostname or "").split(".")))
    for address in metadata["redirect_uris"]:
        scheme = urlsplit(address).scheme
        if "." in scheme and scheme != own:
            raise invalid_redirect_uri(
                "Private-Use URI Scheme redirect URI, for discoverable client metadata, must be the fully qualified "
                f"domain name (FQDN) of the client_id, in reverse order ({own}:)"
            )


def _web_uri(address: str) -> bool:
    return not wrong_loopback_uri(address) or address.startswith("http://localhost") or _https(address)


def _https(address: str) -> bool:
    try:
        url = urlsplit(address)
        host = url.hostname or ""
    except ValueError:
        return False
    return url.scheme == "https" and ("." in host or ":" in host) and host not in _LOOPBACK


def _twice(values: list[str]) -> str:
    return next((value for value in values if values.count(value) > 1), "")
