"""Servers that give permissions, as others may have written them: who may, where it is asked for, and odd answers."""

import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grapevine.domain.errors import GrapevineError, Reconnect, Refused, TryLater
from grapevine.networks.base import Authorization
from grapevine.networks.bluesky import Bluesky
from grapevine.networks.bluesky_client import SCOPES
from tests.networks.bluesky_stand_in import CY, serving
from tests.networks.calls import call, failing

HERE = "http://127.0.0.1:3000"
CALLBACK = f"{HERE}/oauth/bluesky/callback"
TOKEN = {
    "access_token": "an-access-token",
    "token_type": "DPoP",
    "refresh_token": "ref-1",
    "scope": " ".join(SCOPES),
    "expires_in": 3600,
    "sub": CY.did,
}


@dataclass
class World:
    """One account, its server and the server of its permissions in one; each document says what the test wants."""

    origin: str = ""
    resource: dict[str, Any] = field(default_factory=dict)
    issuer: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, tuple[int, Any]] = field(default_factory=dict)
    ended: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{self.origin}/at"

    def client(self, *, allow_private: bool = True) -> Bluesky:
        return Bluesky(self.url, self.url, f"{self.url}/plc", allow_private=allow_private, base_url=HERE)

    async def begin(self) -> Authorization:
        return await call(self.client().authorize, CALLBACK, "state-1", {"handle": "cy.test"})

    def authorize(self) -> Authorization:
        return self.client().authorize(CALLBACK, "state-1", {"handle": "cy.test"})

    def connect(self, begun: Authorization) -> object:
        query = {"code": "cod-1", "state": "state-1", "iss": self.url}
        return self.client().connect(CALLBACK, query, begun.secret)

    def app(self) -> web.Application:
        service = {"id": "#atproto_pds", "serviceEndpoint": self.url}
        identity = {"id": CY.did, "alsoKnownAs": ["at://cy.test"], "service": [service]}

        async def answer(request: web.Request) -> web.Response:
            name = request.path.removeprefix("/at")
            if name.startswith("/plc/"):
                return web.json_response({**identity, "service": [{**service, "serviceEndpoint": self.url}]})
            if name == "/oauth/revoke":
                self.ended.append(str((await request.post())["token"]))
                return web.json_response({})
            status, said = self.answers.get(name, (404, {}))
            if isinstance(said, bytes):
                return web.Response(status=status, body=said, content_type="application/json")
            return web.json_response(said, status=status)

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", answer)
        return app

    def speak(self) -> None:
        """Say in the documents what stands in *resource* and *issuer*, and what is usual for the rest."""
        usual = {
            "issuer": self.url,
            "pushed_authorization_request_endpoint": f"{self.url}/oauth/par",
            "authorization_endpoint": f"{self.url}/oauth/authorize",
            "token_endpoint": f"{self.url}/oauth/token",
            "revocation_endpoint": f"{self.url}/oauth/revoke",
            "client_id_metadata_document_supported": True,
        }
        self.answers |= {
            "/xrpc/com.atproto.identity.resolveHandle": (200, {"did": CY.did}),
            "/.well-known/oauth-protected-resource": (200, {"authorization_servers": [self.url], **self.resource}),
            "/.well-known/oauth-authorization-server": (200, {**usual, **self.issuer}),
        }
        self.answers.setdefault("/oauth/par", (201, {"request_uri": "urn:1", "expires_in": 299}))
        self.answers.setdefault("/oauth/token", (200, TOKEN))


@asynccontextmanager
async def a_world() -> AsyncIterator[World]:
    world = World()
    async with serving(("/at", world.app())) as origin:
        world.origin = origin
        world.speak()
        yield world


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world() as world:
        yield world


async def test_a_server_of_another_make_is_asked_and_believed(world: World) -> None:
    begun = await world.begin()
    assert begun.url.startswith(f"{world.url}/oauth/authorize?")
    assert await call(world.connect, begun)


@pytest.mark.parametrize(
    "resource",
    [
        {"authorization_servers": []},
        {"authorization_servers": None},
        {"authorization_servers": "https://bsky.social"},
        {"authorization_servers": ["https://bsky.social", "https://other.example.com"]},
        {"authorization_servers": [7]},
    ],
)
async def test_a_server_that_names_nobody_in_particular_is_not_asked(world: World, resource: dict[str, Any]) -> None:
    world.resource = resource
    world.speak()
    assert "app password" in str(await failing(Refused, world.authorize))


@pytest.mark.parametrize("named", ["http://10.0.0.7", "ftp://x", "https://bsky.social/path", "javascript:alert(1)"])
async def test_a_server_that_names_a_place_inside_is_not_believed(world: World, named: str) -> None:
    world.resource = {"authorization_servers": [named]}
    world.speak()
    assert "app password" in str(await failing(Refused, world.authorize))


@pytest.mark.parametrize(
    "issuer",
    [
        {"issuer": "https://bsky.social"},
        {"issuer": None},
        {"protected_resources": ["https://another.example.com"]},
        {"client_id_metadata_document_supported": False},
        {"client_id_metadata_document_supported": "yes"},
    ],
)
async def test_two_servers_that_disagree_ask_nobody(world: World, issuer: dict[str, Any]) -> None:
    world.issuer = issuer
    world.speak()
    assert "app password" in str(await failing(Refused, world.authorize))


@pytest.mark.parametrize("which", ["pushed_authorization_request", "authorization", "token", "revocation"])
@pytest.mark.parametrize(
    "address", [None, 7, "", "nonsense", "http://bsky.social/oauth", "https://10.0.0.7/oauth", "javascript:alert(1)"]
)
async def test_neither_grapevine_nor_a_browser_is_sent_to_a_place_that_is_none(
    world: World, which: str, address: object
) -> None:
    world.issuer = {f"{which}_endpoint": address}
    world.speak()
    await failing(TryLater, world.authorize)


@pytest.mark.parametrize("gone", ["oauth-protected-resource", "oauth-authorization-server"])
async def test_a_server_without_a_prompt_is_told_from_one_in_trouble(world: World, gone: str) -> None:
    world.answers[f"/.well-known/{gone}"] = (404, {})
    assert "has no page of its own" in str(await failing(Refused, world.authorize))
    world.answers[f"/.well-known/{gone}"] = (503, {})
    await failing(TryLater, world.authorize)


async def outcome(function: Callable[..., Any], *arguments: Any) -> tuple[Any, str | None]:
    """What the call answers, or the text of the error of ours in which it ends."""
    try:
        return await call(function, *arguments), None
    except GrapevineError as error:
        return None, str(error)


#: what stands in an answer instead of what should
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=20), st.lists(st.integers())
)


@given(
    name=st.sampled_from([*TOKEN, "id_token", "expires_at", "dpop_key"]),
    odd=ODD | st.dictionaries(st.text(max_size=5), st.integers(), max_size=2),
    left_out=st.booleans(),
    status=st.sampled_from([200, 400, 401, 403, 404, 500]),
)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_an_odd_answer_ends_in_an_error_of_ours_or_in_a_whole_connection(
    world: World, name: str, odd: object, left_out: bool, status: int
) -> None:
    said: dict[str, Any] = {**TOKEN, name: odd}
    if left_out:
        said.pop(name)
    world.answers["/oauth/token"] = (200, TOKEN)
    begun = await world.begin()
    world.answers["/oauth/token"] = (status, said)
    connected, said_no = await outcome(world.connect, begun)
    if said_no is not None:
        assert "an-access-token" not in said_no
        return
    assert status == 200
    assert connected.profile.uid == CY.did
    held = json.loads(connected.token)
    assert isinstance(held["access"], str)
    assert isinstance(held["refresh"], str)
    assert held["until"] <= time.time() + 10 * 365 * 86400
    await outcome(world.client().refresh, connected.token)


@pytest.mark.parametrize(
    "said",
    [{}, {"request_uri": None}, {"request_uri": 7, "expires_in": 1}, {"request_uri": ["urn:1"]}, []],
)
async def test_an_odd_answer_to_the_request_sends_nobody_anywhere(world: World, said: object) -> None:
    world.answers["/oauth/par"] = (201, said)
    await failing(TryLater, world.authorize)


async def test_an_error_that_nobody_knows_is_a_refusal_with_the_servers_words(world: World) -> None:
    world.answers["/oauth/par"] = (400, {"error": "no_way", "error_description": "Not on a Sunday."})
    assert "Not on a Sunday" in str(await failing(Refused, world.authorize))


async def test_a_renewal_for_somebody_else_is_not_taken(world: World) -> None:
    connected: Any = await call(world.connect, await world.begin())
    world.answers["/oauth/token"] = (200, {**TOKEN, "sub": "did:plc:somebodyelse222222222222"})
    await failing(TryLater, world.client().refresh, connected.token)
    world.answers["/oauth/token"] = (400, {"error": "invalid_grant"})
    await failing(Reconnect, world.client().refresh, connected.token)
