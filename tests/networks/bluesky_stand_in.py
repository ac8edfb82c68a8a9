"""The stand-in for Bluesky under a prefix, as in the playground, and members with app passwords."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

from aiohttp import ClientSession, web

from grapevine.domain.errors import Refused
from grapevine.domain.posts import Post, PostKind
from grapevine.networks.base import Connected, Draft
from grapevine.networks.bluesky import Bluesky
from grapevine.playground.bluesky import BlueskyStandIn, create_app
from grapevine.playground.bluesky_state import PEOPLE, Person
from tests.networks.calls import call, failing

T = TypeVar("T")
ADA, BEA, CY = PEOPLE
LINK = "https://go.example.com/a1b2c3"
DRAFT = Draft(
    f"We built a thing & it <works> {LINK}", Post(PostKind.LINK, "https://example.com/thing", "A thing"), LINK
)
PIXEL = b"\x89PNG\r\n\x1a\n" + bytes(64)
OFFICE = Post(PostKind.IMAGE, "https://example.com/a.png", alt_text="A room")
IMAGE = Draft("Our new office", OFFICE, None, (PIXEL, "image/png"))
CALLBACK = "http://127.0.0.1:3000/oauth/bluesky/callback"
CREATE = "POST /xrpc/com.atproto.repo.createRecord"


@dataclass
class Stage:
    """The running stand-in, our client for it, and what people and operators do there."""

    state: BlueskyStandIn
    url: str
    client: Bluesky

    def answers(self, person: Person = BEA, **other: str) -> dict[str, str]:
        """What a member types on the connect page."""
        made = self.state.make_app_password(person, "Grapevine")
        return {"handle": person.handle, "password": made.password, **other}

    async def connect(self, person: Person = BEA) -> Connected:
        begun = await call(self.client.authorize, CALLBACK, "state-1", self.answers(person))
        return await call(self.client.connect, CALLBACK, dict(parse_qsl(urlsplit(begun.url).query)), begun.secret)

    async def refused(self, **other: str) -> str:
        """Why Bea is not connected who types this."""
        return str(await failing(Refused, self.client.authorize, CALLBACK, "state-1", self.answers(BEA, **other)))

    async def fault(self, mode: str, **more: Any) -> None:
        async with (
            ClientSession() as session,
            session.post(f"{self.url}/_control", json={"fault": mode, **more}) as answer,
        ):
            assert answer.status == 200

    async def ask(self, method: str, path: str, token: str = "", **more: Any) -> tuple[int, Any]:
        """A call with an access token of one's own."""
        headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **more.pop("headers", {})}
        async with (
            ClientSession() as session,
            session.request(method, f"{self.url}/xrpc/{path}", headers=headers, **more) as answer,
        ):
            text = await answer.text()
            return answer.status, json.loads(text) if text and "json" in answer.content_type else None


@asynccontextmanager
async def serving(*apps: tuple[str, web.Application]) -> AsyncIterator[str]:
    parent = web.Application()
    for prefix, app in apps:
        parent.add_subapp(prefix, app)
    runner = web.AppRunner(parent, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def staged(**options: Any) -> AsyncIterator[Stage]:
    state = BlueskyStandIn(**options)
    async with serving(("/bluesky", create_app(state))) as origin:
        url = f"{origin}/bluesky"
        yield Stage(state, url, Bluesky(url, url, f"{url}/plc", allow_private=True))
