"""The stand-in for Bluesky that asks people on its own page, and a Grapevine that it can reach or that is next door."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from aiohttp import web
from aiohttp.test_utils import TestServer

from grapevine.networks.base import Authorization, Connected
from grapevine.networks.bluesky import Bluesky
from grapevine.networks.bluesky_token import Grant, Token, unpack
from grapevine.playground.bluesky import BlueskyStandIn, create_app
from grapevine.playground.bluesky_state import Person
from tests.networks import bluesky_stand_in
from tests.networks.bluesky_stand_in import BEA, serving
from tests.networks.calls import call

#: as the world sees it, and its secret
PUBLIC, SECRET = "https://grapevine.acme.com", "the first key"
HERE = "http://127.0.0.1:3000"


@dataclass
class Stage(bluesky_stand_in.Stage):
    """*client* is Grapevine at *base_url*; others may be made with ``at``."""

    base_url: str = PUBLIC
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def callback(self) -> str:
        return f"{self.base_url}/oauth/bluesky/callback"

    def at(self, base_url: str, *secrets: str) -> Bluesky:
        """Another Grapevine before the same Bluesky, or the same one with other settings."""
        return Bluesky(
            self.url, self.url, f"{self.url}/plc", allow_private=True, base_url=base_url, secrets=secrets or (SECRET,)
        )

    async def begin(self, person: Person = BEA) -> Authorization:
        return await call(self.client.authorize, self.callback, "state-1", {"handle": person.handle, "password": ""})

    def allow(self, begun: Authorization, person: Person = BEA) -> dict[str, str]:
        """The query with which somebody comes back who said yes."""
        return query_of(self.state.authorize(query_of(begun.url)["request_uri"], person.did))

    def begin_blocking(self) -> Authorization:
        return self.client.authorize(self.callback, "state-1", {"handle": BEA.handle})

    def finish_blocking(self, begun: Authorization, query: Mapping[str, str]) -> object:
        return self.client.connect(self.callback, query, begun.secret)

    async def finish(self, begun: Authorization, query: Mapping[str, str]) -> Connected:
        finished = await call(self.client.connect, self.callback, dict(query), begun.secret)
        assert isinstance(finished, Connected)
        return finished

    async def connect(self, person: Person = BEA) -> Connected:
        begun = await self.begin(person)
        return await self.finish(begun, self.allow(begun, person))


def query_of(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))


def granted(token: str) -> tuple[Token, Grant]:
    known = unpack(token)
    assert known.grant is not None
    return known, known.grant


def changed(token: str, **facts: Any) -> str:
    """The same token with other facts in its grant."""
    known, grant = granted(token)
    return replace(known, grant=replace(grant, **facts)).pack()


@asynccontextmanager
async def staged(base_url: str = PUBLIC, **options: Any) -> AsyncIterator[Stage]:
    """Grapevine's own document is really served, at the place where the world finds *base_url*."""
    state = BlueskyStandIn(**options)

    async def document(request: web.Request) -> web.Response:
        return web.json_response(stage.client.client_document)

    own = web.Application()
    own.add_routes([web.get("/oauth-client-metadata.json", document)])
    async with serving(("/bluesky", create_app(state))) as origin, TestServer(own) as house:
        state.hosts[base_url] = f"http://{house.host}:{house.port}"
        url = f"{origin}/bluesky"
        stage = Stage(state, url, Bluesky(url, url, f"{url}/plc"), base_url)
        stage.client = stage.at(base_url)
        yield stage
