"""The stand-in for X on a port of its own, under a prefix as in the playground, and members before its pages."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from grapevine.networks.base import Connected
from grapevine.networks.x import X
from grapevine.playground.x import XStandIn, create_app
from grapevine.playground.x_state import PEOPLE, Person
from tests.networks.stage import back_from, switch
from tests.serving import mounted, serving

ADA, BEA, CY = PEOPLE
CALLBACK = "http://127.0.0.1:3000/oauth/x"


@dataclass
class Stage:
    """The running stand-in, our client for it, and what people and operators do there."""

    state: XStandIn
    url: str
    client: X

    async def decide(self, address: str, person: Person, decision: str = "authorize") -> dict[str, str]:
        """The query with which the member comes back from the consent page at *address*."""
        token = dict(parse_qsl(urlsplit(address).query))["oauth_token"]
        form = {"oauth_token": token, "person": person.id, "decision": decision}
        return await back_from(address, CALLBACK, form, code=302)

    async def connect(self, person: Person = BEA) -> Connected:
        begun = await asyncio.to_thread(self.client.authorize, CALLBACK, "state-1")
        query = await self.decide(begun.url, person)
        return await asyncio.to_thread(self.client.connect, CALLBACK, query, begun.secret)

    async def fault(self, mode: str, **more: Any) -> None:
        await switch(self.url, mode, **more)


@asynccontextmanager
async def staged() -> AsyncIterator[Stage]:
    state = XStandIn(callbacks=[CALLBACK])
    async with serving(mounted({"/x": create_app(state)})) as url:
        yield Stage(state, f"{url}/x", X(state.api_key, state.api_secret, f"{url}/x"))


@pytest.fixture
async def x() -> AsyncIterator[Stage]:
    async with staged() as stage:
        yield stage
