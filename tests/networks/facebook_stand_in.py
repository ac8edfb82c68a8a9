"""The stand-in for Facebook under a prefix as in the playground, our client for it, and people before its prompt."""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from grapevine.domain.errors import Refused
from grapevine.domain.posts import Post, PostKind
from grapevine.networks.base import Choice, Connected, Draft
from grapevine.networks.facebook import Facebook
from grapevine.playground.facebook import create_app
from grapevine.playground.facebook_state import BEA, PAGES, SCOPES, FacebookStandIn, Person
from grapevine.playground.faults import Fault
from tests.networks.calls import call, failing
from tests.networks.drafts import LINK
from tests.networks.stage import back_from
from tests.serving import mounted, serving

VINE, CAREERS, GROWERS = PAGES
BARE = Draft("We built a thing", Post(PostKind.LINK, "https://example.com/thing"), LINK)
VIDEO = Draft("Our new film", Post(PostKind.VIDEO, "https://example.com/film"))
CALLBACK = "http://127.0.0.1:3000/oauth/facebook/callback"


@dataclass
class Stage:
    state: FacebookStandIn
    url: str
    client: Facebook

    async def come_back(
        self,
        person: Person = BEA,
        decision: str = "continue",
        pages: Sequence[str] | None = None,
        scopes: Sequence[str] = SCOPES,
    ) -> dict[str, str]:
        """The query with which somebody comes back from the prompt."""
        begun = await call(self.client.authorize, CALLBACK, "state-1")
        allowed = list(self.state.pages) if pages is None else pages
        form = {"person": person.id, "decision": decision, "page": ",".join(allowed), "scope": ",".join(scopes)}
        return await back_from(begun.url, CALLBACK, form, code=302)

    async def opened(self, person: Person = BEA, **allowed: Any) -> Connected | Choice:
        return await call(self.client.connect, CALLBACK, await self.come_back(person, **allowed), "")

    async def connect(self, person: Person = BEA, **allowed: Any) -> Connected:
        connected = await self.opened(person, **allowed)
        assert isinstance(connected, Connected)
        return connected

    async def refused(self, person: Person = BEA, **allowed: Any) -> str:
        """What somebody reads who comes back and is not connected."""
        query = await self.come_back(person, **allowed)
        return str(await failing(Refused, self.client.connect, CALLBACK, query, ""))

    def fault(self, mode: str, **more: Any) -> None:
        self.state.fault = Fault(mode, **more) if mode else None

    def wrote(self, message: str, link: str = "", *, ago: float = 0.0) -> str:
        """A post that was on Vine's Page before; its id."""
        post = self.state.add(VINE.id, message, link)
        post.created = time.time() - ago
        return post.id


@asynccontextmanager
async def staged(**options: Any) -> AsyncIterator[Stage]:
    state = FacebookStandIn(redirect_uris=[CALLBACK], **options)
    async with serving(mounted({"/facebook": create_app(state)})) as origin:
        url = f"{origin}/facebook"
        yield Stage(state, url, Facebook(state.app_id, state.app_secret, "v25.0", url, f"{url}/graph"))


@pytest.fixture
async def facebook() -> AsyncIterator[Stage]:
    async with staged() as stage:
        yield stage
