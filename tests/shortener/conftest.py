"""A running shortener over a real Redis, asked over real HTTP through a proxy that it trusts."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from grapevine.domain.accounts import Account, AccountState
from grapevine.domain.links import Link
from grapevine.domain.members import Member
from grapevine.domain.posts import Post, PostKind
from grapevine.domain.shares import Placement, PlacementState, Receipt, Share, Status
from grapevine.settings import ShortenerSettings, load
from grapevine.store import Store, keys
from shortener.app import shortener as shortener_of
from shortener.serving import served
from tests.people import BEA, NOON, Visitor
from tests.waiting import eventually

SECRET = "a secret of the tests, long enough"
TARGET = "https://example.com/news?id=7"
ACCOUNT = "linkedin:bea"
INSTANCE = "an instance"


class Clock:
    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Shortener:
    """The shortener as the world reaches it."""

    def __init__(self, url: str, operator: str, session: aiohttp.ClientSession, clock: Clock) -> None:
        self.url, self.operator, self._session, self.clock = url, operator, session, clock

    async def ask(
        self, path: str, visitor: Visitor | None = None, *, method: str = "GET", headers: Mapping[str, str] = {}
    ) -> aiohttp.ClientResponse:
        """The answer, its body read; redirects are not followed."""
        sent = {**(visitor.headers if visitor else {}), **headers}
        async with self._session.request(
            method,
            f"{self.url}/{path}",
            headers=sent,
            allow_redirects=False,
            skip_auto_headers=("User-Agent", "Accept-Encoding"),
        ) as answer:
            await answer.read()
            return answer

    async def metrics(self) -> dict[str, float]:
        """What the operator sees, by name and labels."""
        async with self._session.get(f"{self.operator}/metrics") as answer:
            assert answer.content_type == "text/plain"
            lines = (await answer.text()).splitlines()
        return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")}

    async def until_ready(self) -> None:
        async def ready() -> bool:
            return (await self.ask("readyz")).status == 200

        await eventually(ready)

    async def click(self, slug: str, visitor: Visitor, **more: Any) -> None:
        """Ask for a link and be sent on."""
        answer = await self.ask(slug, visitor, **more)
        assert answer.status == 302, await answer.text()


class Shares:
    """What Bea shares, and what its receipt says."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def make(
        self, sid: str = "abcdef", kind: PostKind = PostKind.LINK, target: str = TARGET
    ) -> tuple[Member, str, str]:
        """Bea, and the slugs of a share of hers on LinkedIn and as "my link"."""
        bea = await BEA.joins(self.store)
        account = Account("linkedin", "bea", "Bea", AccountState.CONNECTED, NOON)
        await self.store.accounts.connect(bea, account, "token")
        linkedin = await self.store.links.claim(Link(target, bea.id, sid, "linkedin", ACCOUNT))
        mylink = await self.store.links.claim(Link(target, bea.id, sid, "mylink"))
        placements = (Placement("linkedin", ACCOUNT, ""), Placement("mylink", "", ""))
        status = Status(PlacementState.PUBLISHED, NOON)
        share = Share(sid, bea.id, Post(kind, target), NOON, placements)
        await self.store.shares.make(share, {"linkedin": status, "mylink": status}, NOON)
        return bea, linkedin, mylink

    async def put(self, target: str) -> str:
        """A slug of nobody's that leads to whatever somebody else has put into the store."""
        await self.store.redis.set(keys.slug("foreign"), json.dumps([target]))
        return "foreign"

    async def receipt(self, bea: Member, sid: str = "abcdef") -> Receipt:
        return await self.store.shares.receipt(bea.id, sid)


@pytest.fixture
def shares(store: Store) -> Shares:
    return Shares(store)


@asynccontextmanager
async def running(store: Store, **settings: str) -> AsyncIterator[Shortener]:
    """A shortener with some settings; requests come from 127.0.0.1, which it trusts as a proxy unless told else."""
    given = {"TRUSTED_PROXIES": "127.0.0.1", **settings}
    clock = Clock(NOON)
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        parts = await enter(shortener_of(load(ShortenerSettings, given), store, SECRET, INSTANCE, clock))
        readers = await enter(served(parts.readers, "127.0.0.1", 0))
        operator = await enter(served(parts.operator, "127.0.0.1", 0))
        session = await enter(aiohttp.ClientSession())
        yield Shortener(readers, operator, session, clock)


Start = Callable[..., Awaitable[Shortener]]


@pytest.fixture
async def start(store: Store, tmp_path: Path) -> AsyncIterator[Start]:
    """Starts a shortener with settings of the test's own; all of a test have one data folder."""
    folder = {"GRAPEVINE_DATA": str(tmp_path / "shortener")}
    async with AsyncExitStack() as stack:

        async def one(over: Store = store, **settings: str) -> Shortener:
            return await stack.enter_async_context(running(over, **{**folder, **settings}))

        yield one


@pytest.fixture
async def shortener(start: Start) -> Shortener:
    return await start()
