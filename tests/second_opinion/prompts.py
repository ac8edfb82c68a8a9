"""A Bluesky that asks people on a page of its own, whoever wrote it, and the Grapevine that it finds at its address."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from grapevine.networks.base import Authorization, Connected, Draft
from grapevine.networks.bluesky import Bluesky
from grapevine.networks.bluesky_client import app_at, keys_of
from grapevine.playground.bluesky_state import Person
from tests.networks import bluesky_oauth_stand_in
from tests.networks.bluesky_oauth_stand_in import query_of
from tests.networks.bluesky_stand_in import BEA, DRAFT
from tests.networks.calls import call
from tests.second_opinion import servers
from tests.second_opinion.acme import Acme
from tests.second_opinion.visitor import Visitor


def fresh(draft: Draft = DRAFT) -> Draft:
    return replace(draft, key=f"{time.time_ns():032x}", at=time.time())


class Place(ABC):
    """*client* is the Grapevine at *base_url*, *counting* says whether somebody counts there."""

    def __init__(self, base_url: str, urls: tuple[str, str, str], *, counting: bool = True) -> None:
        self.base_url = base_url
        self.callback = f"{base_url}/oauth/bluesky/callback"
        self.counting = counting
        self._urls = urls

    @property
    def signs(self) -> bool:
        """Whether Grapevine is a client with keys."""
        return self.base_url.startswith("https")

    async def move_in(self, *secrets: str) -> "Place":
        """A Grapevine with these *secrets* is at the address from now on, and nobody remembers another."""
        self.client = Bluesky(*self._urls, allow_private=True, base_url=self.base_url, secrets=secrets)
        await self._introduce(self.client.client_document)
        return self

    @property
    def name(self) -> str:
        """By which the server knows Grapevine."""
        app = app_at(self.base_url, keys_of(("",)))
        assert app is not None
        return app.id(self.callback)

    async def move_out(self) -> None:
        """Nothing is at the address any more, and nobody remembers what was there."""
        await self._introduce(None)

    def begin_blocking(self) -> Authorization:
        return self.client.authorize(self.callback, "state-1", {"handle": BEA.handle})

    async def begin(self, person: Person = BEA) -> Authorization:
        return await call(self.client.authorize, self.callback, "state-1", {"handle": person.handle})

    async def finish(self, begun: Authorization, query: Mapping[str, str]) -> Connected:
        return await call(self.client.connect, self.callback, query, begun.secret)

    async def connect(self) -> Connected:
        begun = await self.begin()
        return await self.finish(begun, await self.decide(begun))

    async def renew(self, token: str) -> str:
        renewed = await call(self.client.refresh, token)
        assert renewed is not None
        return renewed[0]

    async def publish(self, token: str, draft: Draft = DRAFT) -> str:
        """The id of a post of its own."""
        return (await call(self.client.publish, token, fresh(draft))).id

    @abstractmethod
    async def decide(self, begun: Authorization, person: Person = BEA, *, allow: bool = True) -> dict[str, str]:
        """The query with which *person* comes back; it is they for whom it was begun."""

    @abstractmethod
    async def do(self, what: str, post: str = "", **about: str) -> Any:
        """What people do there, and time: see bluesky.mjs."""

    @abstractmethod
    async def _introduce(self, document: Mapping[str, Any] | None) -> None: ...


class Reference(Place):
    def __init__(self, base_url: str, there: servers.Bluesky, house: Acme, browsing: Visitor) -> None:
        urls = (there.pds, there.appview or there.pds, there.plc)
        super().__init__(base_url, urls, counting=there.appview is not None)
        self._there, self._house, self._browsing = there, house, browsing
        self._agreed = False

    async def decide(self, begun: Authorization, person: Person = BEA, *, allow: bool = True) -> dict[str, str]:
        """Who said yes once to a client with keys is not asked again."""
        button = "" if self._agreed and self.signs else "Authorize" if allow else "Deny access"
        self._agreed = self._agreed or allow
        return await self._browsing.decide(begun.url, self._there.own, self.callback, button)

    async def read(self, begun: Authorization) -> str:
        """The page that asks Bea."""
        return await self._browsing.read(begun.url, self._there.own)

    async def take_back(self) -> None:
        """Where Grapevine says that it can be done."""
        account, host = f"{self._there.pds}/account", urlsplit(self.base_url).netloc
        await self._browsing.take_back(account, BEA.handle, self._there.own, host)

    async def do(self, what: str, post: str = "", **about: str) -> Any:
        uri = f"at://{self._there.did}/app.bsky.feed.post/{post}"
        return await asyncio.to_thread(self._there.do, what, uri=uri, client=self.name, **about)

    async def _introduce(self, document: Mapping[str, Any] | None) -> None:
        self._house.documents = {self.name: document}
        await self.do("forget")


class StandIn(Place):
    def __init__(self, stage: bluesky_oauth_stand_in.Stage) -> None:
        super().__init__(stage.base_url, (stage.url, stage.url, f"{stage.url}/plc"))
        self._stage = stage

    async def decide(self, begun: Authorization, person: Person = BEA, *, allow: bool = True) -> dict[str, str]:
        if allow:
            return self._stage.allow(begun, person)
        return query_of(self._stage.state.deny(query_of(begun.url)["request_uri"]))

    async def do(self, what: str, post: str = "", **about: str) -> Any:
        state = self._stage.state
        granted = state.oauth.granted
        match what:
            case "record":
                found = state.find(post)
                return found.record if found else None
            case "react":
                return state.react(post, likes=1, comments=1, reshares=2)
            case "remove":
                return state.remove(post)
            case "granted":
                return [one.parameters["scope"] for one in granted.values() if one.client_id == self.name]
            case "age":
                for one in granted.values():
                    one.created = one.updated = time.time() - float(about["days"]) * 86400
            case "end":
                granted.clear()
        return None

    async def _introduce(self, document: Mapping[str, Any] | None) -> None:
        self._stage.client = self.client  # whom it asks
        self._stage.state.fetched.clear()
        if document is None:
            self._stage.state.hosts.clear()


@asynccontextmanager
async def stand_in(base_url: str) -> AsyncIterator[StandIn]:
    async with bluesky_oauth_stand_in.staged(base_url) as stage:
        yield StandIn(stage)
