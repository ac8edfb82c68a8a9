"""Who an app is: its metadata, really fetched from the address that is its id, and the proof that it is the one.

packages/oauth/oauth-provider/src/client/client-manager.ts and client.ts of the reference server.
"""

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp
from jwskate import Jwk

from grapevine.playground.bluesky_grants import ClientAuth
from grapevine.playground.bluesky_jwt import Headers, WrongToken, opened, public_key
from grapevine.playground.bluesky_metadata import Metadata, checked, is_local, usable, wrong_loopback_uri
from grapevine.playground.bluesky_refusal import (
    ALGORITHMS,
    OAuthError,
    invalid_client,
    invalid_client_metadata,
    invalid_grant,
    invalid_request,
)
from grapevine.playground.bluesky_scopes import SCOPES
from grapevine.playground.bluesky_state import BlueskyStandIn

_JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION_AGE = 60
_PATIENCE, _CACHED, _LARGEST = aiohttp.ClientTimeout(total=10), 600.0, 512 * 1024
_LOOPBACK = re.compile(r"http://localhost/?(?:\?([^#]*))?")


@dataclass(frozen=True, slots=True)
class Client:
    """*keys*: the public ones, by which its assertions are known."""

    id: str
    metadata: Metadata
    keys: tuple[dict[str, Any], ...] = ()

    @property
    def confidential(self) -> bool:
        return bool(self.metadata.get("token_endpoint_auth_method") != "none")

    @property
    def name(self) -> str:
        return str(self.metadata.get("client_name") or "")

    @property
    def refreshes(self) -> bool:
        return "refresh_token" in self.metadata["grant_types"]


async def client_of(state: BlueskyStandIn, client_id: str, *, cut_off: bool = False) -> Client:
    """The client of that id; `OAuthError` where it is none. *cut_off*: its metadata cannot be fetched."""
    loopback = _LOOPBACK.fullmatch(client_id)
    if loopback:
        return Client(client_id, checked(client_id, _loopback(client_id, loopback[1] or "")))
    what = f'Unable to obtain client metadata for "{client_id}"'
    if "://" not in client_id:
        raise invalid_client_metadata(f"{what}: Invalid URL")
    _discoverable(client_id)
    metadata: Metadata = await _fetched(
        state, client_id, what, cut_off, lambda body: checked(client_id, _object(body, what))
    )
    keys: list[Any] = metadata.get("jwks", {}).get("keys", [])
    if address := metadata.get("jwks_uri"):
        why = f'Unable to obtain jwks from "{address}" for "{client_id}"'
        keys = await _fetched(state, address, why, cut_off, lambda body: _object(body, why).get("keys", []))
    return Client(client_id, metadata, tuple(usable(keys)))


def authenticated(state: BlueskyStandIn, client: Client, fields: dict[str, Any], issuer: str, jkt: str) -> ClientAuth:
    """How the client proved who it is; *jkt* is the thumbprint of the key of its DPoP proof."""
    if not client.confidential:
        return ClientAuth()
    assertion = fields.get("client_assertion")
    if fields.get("client_assertion_type") != _JWT_BEARER or not isinstance(assertion, str):
        raise invalid_request('client authentication method "private_key_jwt" required a "client_assertion"')
    chosen: list[Jwk] = []

    def key_of(headers: Headers) -> Jwk:
        if headers["alg"] not in ALGORITHMS:
            raise WrongToken('Unsupported "alg" value for a JSON Web Key Set')
        named = isinstance(headers.get("kid"), str)
        fitting = [key for key in client.keys if not named or key["kid"] == headers["kid"]]
        fitting = [key for key in fitting if key.get("alg", headers["alg"]) == headers["alg"]]
        fitting = [key for key in fitting if key.get("use", "sig") == "sig"]
        if len(fitting) != 1:
            how = "multiple matching keys" if fitting else "no applicable key"
            raise WrongToken(f"{how} found in the JSON Web Key Set")
        chosen.append(public_key(fitting[0]))
        return chosen[0]

    try:
        said, headers = opened(
            assertion, key_of, state.clock(), age=_ASSERTION_AGE,
            issuer=client.id, subject=client.id, audience=issuer, required=("jti",),
        )  # fmt: skip
    except WrongToken as wrong:
        raise invalid_client(wrong.of('Validation of "client_assertion" failed')) from None
    if not headers.get("kid"):
        raise invalid_client('"kid" required in client_assertion')
    # The protocol wants this, and the reference server means to, but it compares thumbprints of two different hashes.
    if jkt and chosen[0].thumbprint() == jkt:
        raise invalid_request("The DPoP proof must be signed with a different key than the client assertion")
    until = float(said["exp"]) - state.clock() if "exp" in said else _ASSERTION_AGE * 1.1
    if not state.oauth.unique(f"Auth@{client.id}", str(said["jti"]), until):
        raise invalid_grant("private_key_jwt jti reused")
    return ClientAuth("private_key_jwt", str(headers["kid"]), str(headers["alg"]), chosen[0].thumbprint("sha-512"))


def _loopback(client_id: str, query: str) -> Metadata:
    """https://atproto.com/specs/oauth#localhost-client-development"""
    given = parse_qsl(query, keep_blank_values=True)
    scopes = [value for name, value in given if name == "scope"]
    addresses = [value for name, value in given if name == "redirect_uri"]
    others = len(given) - len(scopes) - len(addresses)
    if others or len(scopes) > 1 or any(map(wrong_loopback_uri, addresses)):
        raise invalid_client_metadata(f'Invalid client ID "{client_id}"')
    if scopes and not SCOPES.fullmatch(scopes[0]):
        raise invalid_client_metadata(f'Invalid client ID "{client_id}"')
    if scopes and "atproto" not in scopes[0].split(" "):
        said = 'ATProto Loopback ClientID must include "atproto" scope'
        raise invalid_client_metadata(f'Invalid loopback client id "{client_id}": {said}')
    return {
        "client_id": client_id,
        "scope": scopes[0] if scopes else "atproto",
        "redirect_uris": addresses or ["http://127.0.0.1/", "http://[::1]/"],
        "response_types": ["code"],
        "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": "none",
        "application_type": "native",
        "dpop_bound_access_tokens": True,
    }


def _discoverable(client_id: str) -> None:
    """https://www.ietf.org/archive/id/draft-ietf-oauth-client-id-metadata-document-00.html"""
    try:
        url = urlsplit(client_id)
        host = url.hostname or ""
    except ValueError:
        raise invalid_client_metadata(f'Invalid client ID "{client_id}"') from None
    good = url.scheme == "https" and "@" not in url.netloc and "#" not in client_id and url.path.strip("/")
    number = ":" in host or re.fullmatch(r"[\d.]+", host)
    dots = {".", ".."} & {*url.path.split("/")}
    if not good or url.path.endswith("/") or dots or number or "." not in host or host.endswith(".local"):
        raise invalid_client_metadata(f'Invalid client ID "{client_id}"')
    if is_local(host):
        raise OAuthError("invalid_client_id", "The client_id's TLD must not be a local hostname")


async def _fetched(state: BlueskyStandIn, address: str, what: str, cut_off: bool, taken: Any) -> Any:
    """What is there, once it was *taken* without complaint; kept for ten minutes."""
    if cut_off:
        raise invalid_client_metadata(what)
    until, known = state.fetched.get(address, (0.0, None))
    if until > state.clock():
        return known
    found = taken(await _read(state, address, what))
    state.fetched[address] = (state.clock() + _CACHED, found)
    return found


async def _read(state: BlueskyStandIn, address: str, what: str) -> Any:
    url = urlsplit(address)
    if url.port is not None:
        raise invalid_client_metadata(f"{what}: Custom {url.scheme}: ports not allowed")
    really = state.hosts.get(f"{url.scheme}://{url.netloc}")
    if really is None:
        raise invalid_client_metadata(f"{what}: Invalid hostname")
    where = really + address.removeprefix(f"{url.scheme}://{url.netloc}")
    try:
        async with (
            aiohttp.ClientSession(timeout=_PATIENCE) as session,
            session.get(where, headers={"Accept": "application/json"}, allow_redirects=False) as answer,
        ):
            if 300 <= answer.status < 400:
                raise invalid_client_metadata(f"{what}: unexpected redirect")
            if answer.status != 200:
                raise invalid_client_metadata(f"{what}: {answer.reason}")
            kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            if kind != "application/json":
                raise invalid_client_metadata(f"{what}: Unexpected response Content-Type ({kind})")
            body = bytearray()
            async for part in answer.content.iter_chunked(64 * 1024):
                body += part
                if len(body) > _LARGEST:
                    raise invalid_client_metadata(what)
    except aiohttp.ClientConnectorError:
        raise invalid_client_metadata(f"{what}: Connection refused") from None
    except (aiohttp.ClientError, TimeoutError):
        raise invalid_client_metadata(what) from None
    try:
        return json.loads(body)
    except ValueError:
        raise invalid_client_metadata(f"{what}: Unable to parse response as JSON") from None


def _object(body: Any, what: str) -> dict[str, Any]:
    if not isinstance(body, dict):
        kind = "array" if isinstance(body, list) else type(body).__name__
        raise invalid_client_metadata(f"{what}: Validation failed with error: Expected object, received {kind}")
    return body
