"""The stand-in Mastodon server on a port of its own, and members before its pages."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

import pytest
from aiohttp import ClientSession, web

from grapevine.domain.posts import Post, PostKind
from grapevine.networks.base import Connected, Draft
from grapevine.networks.mastodon import Mastodon
from grapevine.playground.mastodon import MastodonStandIn, create_app
from grapevine.playground.mastodon_state import PEOPLE, Person
from tests.networks.calls import call

T = TypeVar("T")
ADA, BEA, CY = PEOPLE
LINK = "https://go.example.com/a1b2c3"
DRAFT = Draft(f"We built a thing & it <works> {LINK}", Post(PostKind.LINK, "https://example.com/thing"), LINK)
PIXEL = b"\x89PNG\r\n\x1a\n" + bytes(64)
OFFICE = Post(PostKind.IMAGE, "https://example.com/a.png", alt_text="A room")
IMAGE = Draft("Our new office", OFFICE, None, (PIXEL, "image/png"))
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
        form = {"person": person.id, "decision": decision}
        async with ClientSession() as session, session.post(address, data=form, allow_redirects=False) as answer:
            assert answer.status == 302, await answer.text()
            location = answer.headers["Location"]
        assert location.startswith(CALLBACK)
        return dict(parse_qsl(urlsplit(location).query))

    async def connect(self, person: Person = BEA) -> Connected:
        address, secret = await self.prompt()
        return await call(self.client.connect, CALLBACK, await self.decide(address, person), secret)

    async def fault(self, mode: str, **more: Any) -> None:
        async with (
            ClientSession() as session,
            session.post(f"{self.url}/_control", json={"fault": mode, **more}) as answer,
        ):
            assert answer.status == 200


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def staged(version: str = "4.5.2", **options: Any) -> AsyncIterator[Stage]:
    state = MastodonStandIn(version, **options)
    async with serving(create_app(state)) as url:
        yield Stage(state, url, Mastodon(allow_private=True, patience=(0.02,) * 20))


@pytest.fixture
async def mastodon() -> AsyncIterator[Stage]:
    async with staged() as stage:
        yield stage
