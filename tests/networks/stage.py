"""A network on its stand-in: what the contract's tests need to do there, in one shape."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from aiohttp import ClientSession, CookieJar, web

from grapevine.networks import offered
from grapevine.networks.base import Connected, Network
from grapevine.settings import NetworkSettings

CALLBACK = "http://127.0.0.1:3000/oauth/callback"


class StandIn(Protocol):
    def posts(self) -> list[dict[str, Any]]: ...

    def react(self, post_id: str | None = None, likes: int = 0, comments: int = 0, reshares: int = 0) -> str | None: ...


@dataclass
class Stage:
    """*create* and *read* are the calls ("POST /2/tweets") that faults are aimed at; *called* is the account's name."""

    network: Network
    unreachable: Network
    state: StandIn
    secrets: tuple[str, ...]
    create: str
    read: str
    forms: Callable[[str, bool], list[dict[str, str]]]
    break_: Callable[[str, str], None]
    mend: Callable[[], None]
    remove: Callable[[str], None]
    answers: Mapping[str, str] = field(default_factory=dict)
    called: str = "Bea Lindqvist"

    async def decide(self, address: str, *, allow: bool = True) -> dict[str, str]:
        """Bea before the network's prompt at *address*; the query with which she comes back."""
        async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
            for form in self.forms(address, allow):
                async with session.post(address, data=form, allow_redirects=False) as answer:
                    location = answer.headers.get("Location", "")
                    assert answer.status < 400
        assert location.startswith(CALLBACK)
        return dict(parse_qsl(urlsplit(location).query))

    async def connect(self) -> Connected:
        begun = await asyncio.to_thread(self.network.authorize, CALLBACK, "state-1", self.answers)
        query = await self.decide(begun.url)
        assert query["state"] == "state-1"
        connected = await asyncio.to_thread(self.network.connect, CALLBACK, query, begun.secret)
        assert isinstance(connected, Connected)
        return connected


@asynccontextmanager
async def serving(apps: Mapping[str, web.Application]) -> AsyncIterator[str]:
    parent = apps.get("") or web.Application()
    for prefix, app in apps.items():
        if prefix:
            parent.add_subapp(prefix, app)
    runner = web.AppRunner(parent, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def offering(name: str, **settings: str) -> Network:
    return offered(NetworkSettings.model_validate(settings))[name]
