"""The stand-in for X on a port of its own, under a prefix as in the playground, and members before its pages."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

import pytest
from aiohttp import ClientSession, web

from grapevine.domain.posts import Post, PostKind
from grapevine.networks.base import Connected, Draft
from grapevine.networks.x import X
from grapevine.playground.x import XStandIn, create_app
from grapevine.playground.x_state import PEOPLE, Person

T = TypeVar("T")
ADA, BEA, CY = PEOPLE
LINK = "https://go.example.com/a1b2c3"
DRAFT = Draft(f"We built a thing & it <works> {LINK}", Post(PostKind.LINK, "https://example.com/thing"), LINK)
PIXEL = b"\x89PNG\r\n\x1a\n" + bytes(64)
OFFICE = Post(PostKind.IMAGE, "https://example.com/a.png", alt_text="A room")
IMAGE = Draft("Our new office", OFFICE, None, (PIXEL, "image/png"))
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
        async with (
            ClientSession() as session,
            session.post(address.split("?")[0], data=form, allow_redirects=False) as answer,
        ):
            assert answer.status == 302
            location = answer.headers["Location"]
        assert location.startswith(CALLBACK)
        return dict(parse_qsl(urlsplit(location).query))

    async def connect(self, person: Person = BEA) -> Connected:
        begun = await asyncio.to_thread(self.client.authorize, CALLBACK, "state-1")
        query = await self.decide(begun.url, person)
        return await asyncio.to_thread(self.client.connect, CALLBACK, query, begun.secret)

    async def fault(self, mode: str, **more: Any) -> None:
        async with (
            ClientSession() as session,
            session.post(f"{self.url}/_control", json={"fault": mode, **more}) as answer,
        ):
            assert answer.status == 200


@asynccontextmanager
async def staged() -> AsyncIterator[Stage]:
    state = XStandIn(callbacks=[CALLBACK])
    parent = web.Application()
    parent.add_subapp("/x", create_app(state))
    runner = web.AppRunner(parent, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/x"
    try:
        yield Stage(state, url, X(state.api_key, state.api_secret, url))
    finally:
        await runner.cleanup()


@pytest.fixture
async def x() -> AsyncIterator[Stage]:
    async with staged() as stage:
        yield stage
