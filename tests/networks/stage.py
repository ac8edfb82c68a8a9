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
        return await back_from(address, CALLBACK, *self.forms(address, allow))

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


async def back_from(address: str, callback: str, *forms: Mapping[str, str], code: int | None = None) -> dict[str, str]:
    """Somebody sends *forms* from the prompt at *address*, one after the other; the query with which they come back."""
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
        for form in forms:
            async with session.post(address, data=form, allow_redirects=False) as answer:
                location, status = answer.headers.get("Location", ""), answer.status
                assert status < 400, await answer.text()
    assert code in (None, status)
    assert location.startswith(callback)
    return dict(parse_qsl(urlsplit(location).query))


async def switch(site: str, fault: str | None, **more: Any) -> None:
    """What an operator does at the stand-in that is there."""
    async with ClientSession() as session, session.post(f"{site}/_control", json={"fault": fault, **more}) as answer:
        assert answer.status == 200


def offering(name: str, **settings: str) -> Network:
    return offered(NetworkSettings.model_validate(settings))[name]
