"""The stand-in Mastodon server on a port of its own, and members before its pages."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest

from grapevine.networks.base import Connected
from grapevine.networks.mastodon import Mastodon
from grapevine.playground.mastodon import MastodonStandIn, create_app
from grapevine.playground.mastodon_state import PEOPLE, Person
from tests.networks.calls import call
from tests.networks.stage import back_from, switch
from tests.serving import serving

ADA, BEA, CY = PEOPLE
CALLBACK = "http://127.0.0.1:3000/oauth/mastodon/callback"


@dataclass
class Stage:
    """The running server, our client for it, and what people and operators do there."""

    state: MastodonStandIn
    url: str
    client: Mastodon

    @property
    def name(self) -> str:
        return urlsplit(self.url).netloc

    async def prompt(self, state: str = "state-1", callback: str = CALLBACK) -> tuple[str, str]:
        """The address of the server's prompt and the secret that waits for the member."""
        begun = await call(self.client.authorize, callback, state, {"server": self.name})
        return begun.url, begun.secret

    async def decide(self, address: str, person: Person = BEA, decision: str = "authorize") -> dict[str, str]:
        """The query with which the member comes back from the consent page at *address*."""
        return await back_from(address, CALLBACK, {"person": person.id, "decision": decision}, code=302)

    async def connect(self, person: Person = BEA) -> Connected:
        address, secret = await self.prompt()
        return await call(self.client.connect, CALLBACK, await self.decide(address, person), secret)

    async def fault(self, mode: str, **more: Any) -> None:
        await switch(self.url, mode, **more)


@asynccontextmanager
async def staged(version: str = "4.5.2", **options: Any) -> AsyncIterator[Stage]:
    state = MastodonStandIn(version, **options)
    async with serving(create_app(state)) as url:
        yield Stage(state, url, Mastodon(allow_private=True, patience=(0.02,) * 20))


@pytest.fixture
async def mastodon() -> AsyncIterator[Stage]:
    async with staged() as stage:
        yield stage
