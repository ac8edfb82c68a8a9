"""An app of nobody's: OAuth by hand, each proof and assertion as the test wants it, right or wrong."""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from aiohttp import ClientSession, web
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from yarl import URL

from grapevine.playground.bluesky import BlueskyStandIn, create_app
from grapevine.playground.bluesky_state import PEOPLE, Person
from tests.networks.bluesky_stand_in import serving

ADA, BEA, CY = PEOPLE
SCOPE = "atproto repo:app.bsky.feed.post?action=create blob:image/*"
CALLBACK = "http://127.0.0.1:3000/oauth/bluesky/callback"
ORIGIN = "https://grapevine.example.com"
CLIENT_ID, WEB_CALLBACK = f"{ORIGIN}/oauth/client.json", f"{ORIGIN}/oauth/bluesky/callback"
VERIFIER = "v" * 43
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def loopback(scope: str, redirect_uri: str = "http://127.0.0.1/oauth/bluesky/callback") -> str:
    return f"http://localhost?{urlencode({'redirect_uri': redirect_uri, 'scope': scope})}"


LOOPBACK = loopback(SCOPE)


def b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def s256(text: str) -> str:
    return b64(hashlib.sha256(text.encode()).digest())


class Key:
    """A P-256 key that signs whatever it is given."""

    def __init__(self, kid: str = "") -> None:
        self._private = ec.generate_private_key(ec.SECP256R1())
        numbers = self._private.public_key().public_numbers()
        x, y = b64(numbers.x.to_bytes(32)), b64(numbers.y.to_bytes(32))
        self.jwk: dict[str, str] = {"kty": "EC", "crv": "P-256", "x": x, "y": y} | ({"kid": kid} if kid else {})

    @property
    def private_jwk(self) -> dict[str, str]:
        return {**self.jwk, "d": b64(self._private.private_numbers().private_value.to_bytes(32))}

    def signed(self, headers: dict[str, Any], claims: Any) -> str:
        payload = f"{b64(json.dumps(headers).encode())}.{b64(json.dumps(claims).encode())}"
        r, s = decode_dss_signature(self._private.sign(payload.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{payload}.{b64(r.to_bytes(32) + s.to_bytes(32))}"


@dataclass(frozen=True)
class Answer:
    status: int
    body: dict[str, Any]
    headers: dict[str, str]

    @property
    def error(self) -> str:
        return str(self.body.get("error", ""))

    @property
    def why(self) -> str:
        return str(self.body.get("error_description") or self.body.get("message") or "")


@dataclass
class App:
    """*web*: the confidential client, whose metadata is served from a port that `hosts` leads to."""

    state: BlueskyStandIn
    url: str
    web: bool = False
    key: Key = field(default_factory=Key)
    own: Key = field(default_factory=lambda: Key("key-1"))
    nonce: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)

    @property
    def client_id(self) -> str:
        return CLIENT_ID if self.web else LOOPBACK

    @property
    def callback(self) -> str:
        return WEB_CALLBACK if self.web else CALLBACK

    def proof(
        self, method: str, url: str, token: str = "", head: Any = None, key: Key | None = None, **say: Any
    ) -> str:
        """A DPoP proof; what is said as None is left out."""
        key = key or self.key
        claims = {"jti": secrets.token_hex(8), "htm": method, "htu": url, "iat": int(self.state.clock())}
        claims |= ({"nonce": self.nonce} if self.nonce else {}) | ({"ath": s256(token)} if token else {}) | say
        headers = {"typ": "dpop+jwt", "alg": "ES256", "jwk": key.jwk} | (head or {})
        return key.signed(headers, {name: value for name, value in claims.items() if value is not None})

    def assertion(self, head: Any = None, key: Key | None = None, **say: Any) -> dict[str, str]:
        claims = {
            "iss": self.client_id, "sub": self.client_id, "aud": self.url,
            "jti": secrets.token_hex(8), "iat": int(self.state.clock()), **say,
        }  # fmt: skip
        headers = {"alg": "ES256", "kid": "key-1"} | (head or {})
        made = (key or self.own).signed(headers, {name: value for name, value in claims.items() if value is not None})
        return {"client_assertion_type": JWT_BEARER, "client_assertion": made}

    async def post(self, path: str, proof: str | None = None, **fields: str | None) -> Answer:
        """One request to the authorization server, with a proof and, for the web, an assertion, if not given."""
        said: dict[str, str | None] = {"client_id": self.client_id}
        if self.web and "client_assertion" not in fields:
            said |= self.assertion()
        form = {name: value for name, value in (said | fields).items() if value is not None}
        url = f"{self.url}/oauth/{path}"
        shown = self.proof("POST", url) if proof is None else proof
        headers = {"DPoP": shown} if shown else {}
        async with ClientSession() as session, session.post(url, data=form, headers=headers) as answer:
            return await self._read(answer)

    async def _read(self, answer: Any) -> Answer:
        self.nonce = answer.headers.get("DPoP-Nonce", self.nonce)
        body = await answer.json(content_type=None) if "json" in answer.content_type else {}
        return Answer(answer.status, body, dict(answer.headers))

    async def par(self, proof: str | None = None, **fields: str | None) -> Answer:
        asked: dict[str, str | None] = {
            "response_type": "code", "redirect_uri": self.callback, "scope": SCOPE, "state": "state-1",
            "code_challenge": s256(VERIFIER), "code_challenge_method": "S256", **fields,
        }  # fmt: skip
        return await self.post("par", proof, **asked)

    async def pushed(self, **fields: str | None) -> str:
        """The request_uri, with a nonce asked for where there is none."""
        answer = await self.par(**fields)
        if answer.error == "use_dpop_nonce":
            answer = await self.par(**fields)
        assert answer.status == 201, answer
        return str(answer.body["request_uri"])

    async def code(self, person: Person = BEA, **fields: str | None) -> str:
        where = self.state.authorize(await self.pushed(**fields), person.did)
        return dict(parse_qsl(urlsplit(where).query))["code"]

    async def exchange(self, code: str, proof: str | None = None, **fields: str | None) -> Answer:
        asked = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.callback, **fields}
        return await self.post("token", proof, **({"code_verifier": VERIFIER} | asked))

    async def connected(self, person: Person = BEA, **fields: str | None) -> dict[str, Any]:
        """A session: what the token endpoint answered. Each has a verifier of its own, since none is good twice."""
        verifier = secrets.token_urlsafe(40)
        code = await self.code(person, code_challenge=s256(verifier), **fields)
        same = {name: fields[name] for name in ("client_id", "redirect_uri") if name in fields}
        answer = await self.exchange(code, code_verifier=verifier, **same)
        assert answer.status == 200, answer
        return answer.body

    async def scoped(self, scope: str, person: Person = BEA) -> dict[str, Any]:
        """A session of a loopback client with other scopes."""
        return await self.connected(person, client_id=loopback(scope), redirect_uri=CALLBACK, scope=scope)

    async def refresh(self, token: str, proof: str | None = None, **fields: str | None) -> Answer:
        return await self.post("token", proof, grant_type="refresh_token", refresh_token=token, **fields)

    async def call(self, method: str, name: str, token: str, proof: str | None = None, **more: Any) -> Answer:
        """A call of the resource server."""
        url = f"{self.url}/xrpc/{name}"
        shown = {"DPoP": self.proof(method, url, token) if proof is None else proof}
        headers = {"Authorization": f"DPoP {token}", **(shown if shown["DPoP"] else {}), **more.pop("headers", {})}
        async with ClientSession() as session, session.request(method, URL(url), headers=headers, **more) as answer:
            return await self._read(answer)

    async def fault(self, mode: str, **more: Any) -> None:
        asked = {"fault": mode, **more}
        async with ClientSession() as session, session.post(f"{self.url}/_control", json=asked) as answer:
            assert answer.status == 200

    def later(self, seconds: float) -> None:
        """So much time goes by."""
        before = self.state.clock() - time.time()
        self.state.clock = lambda: time.time() + before + seconds


def right_metadata(app: App) -> dict[str, Any]:
    return {
        "client_id": CLIENT_ID,
        "client_name": "Grapevine",
        "client_uri": ORIGIN,
        "redirect_uris": [WEB_CALLBACK],
        "scope": SCOPE,
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "application_type": "web",
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "ES256",
        "dpop_bound_access_tokens": True,
        "jwks": {"keys": [app.own.jwk]},
    }


@asynccontextmanager
async def staged(*, web_client: bool = False) -> AsyncIterator[App]:
    """The stand-in under a prefix, and the app; for the web also the app's own server, which answers *metadata*."""
    state, own = BlueskyStandIn(), web.Application()

    async def metadata(request: web.Request) -> web.Response:
        assert request.headers["Accept"] == "application/json"
        return web.json_response(app.metadata)

    own.add_routes([web.get("/oauth/client.json", metadata)])
    async with serving(("/bluesky", create_app(state)), ("/app", own)) as origin:
        app = App(state, f"{origin}/bluesky", web=web_client)
        if web_client:
            app.metadata, state.hosts[ORIGIN] = right_metadata(app), f"{origin}/app"
        yield app
