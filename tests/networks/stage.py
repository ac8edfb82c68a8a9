"""A network on its stand-in: what the contract's tests need to do there, in one shape."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from aiohttp import ClientSession, CookieJar

from grapevine.networks import offered
from grapevine.networks.base import Connected, Network
from grapevine.settings import NetworkSettings
from tests.networks.wire import Wire

CALLBACK = "http://127.0.0.1:3000/oauth/callback"


class StandIn(Protocol):
    def posts(self) -> list[dict[str, Any]]: ...

    def react(self, post_id: str | None = None, likes: int = 0, comments: int = 0, reshares: int = 0) -> str | None: ...


@dataclass
class Stage:
    """*create* and *read* are the calls ("POST /2/tweets") that faults are aimed at; *called* is the account's name.

    The *wire* is before the stand-in: it spoils answers of which the stand-in knows nothing.
    """

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
    wire: Wire = field(default_factory=Wire)

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
