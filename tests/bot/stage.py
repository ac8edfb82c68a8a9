"""The real bot against the stand-in Slack, over either transport, with networks of the test's choice."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from aiohttp import ClientSession, CookieJar, web
from cryptography.fernet import Fernet

from bot.running import Bot
from grapevine.domain.members import Member
from grapevine.networks.base import Network
from grapevine.playground.app import Playground
from grapevine.playground.config import JSON, Manifest, PlaygroundConfig, Transport
from grapevine.settings import BotSettings
from grapevine.store import Store
from grapevine.store.queue import Jobs
from tests.people import TEAM, Person

T = TypeVar("T")
MANIFEST = Manifest.read(Path(__file__).parent.parent.parent / "manifest.yml")


@dataclass
class Stage:
    pg: Playground
    bot: Bot
    store: Store
    jobs: Jobs
    settings: BotSettings

    @property
    def url(self) -> str:
        return self.settings.base_url

    async def types(self, person: Person, text: str, command: str = "/grapevine") -> str:
        """What somebody reads who types a command: the text of the answer that only they see."""
        return text_of(await self.types_for(person, text, command))

    async def types_for(self, person: Person, text: str, command: str = "/grapevine") -> JSON:
        """The whole answer that only they see."""
        before = len(self.pg.ephemerals(person.user))
        outcome = await self.pg.command(person.user, command, text)
        assert outcome.ok, outcome.error
        return await self.pg.until(lambda: next(iter(self.pg.ephemerals(person.user)[before:]), None))

    async def disconnects(self, person: Person, network: str) -> str:
        """What somebody reads who disconnects with the command and says yes when asked once more."""
        return text_of(await self.answers(person, await self.types_for(person, f"disconnect {network}"), network))

    async def answers(self, person: Person, asked: JSON, network: str) -> JSON:
        """What stands in the place of the question which account is to be disconnected, when it was this one."""
        assert (await self.pg.click(person.user, asked, f"disconnect:{network}")).ok

        def answer() -> JSON | None:
            shown = self.pg.ephemerals(person.user)
            return next((one for one in shown if one["ts"] == asked["ts"] and one != asked), None)

        return await self.pg.until(answer)

    async def member(self, person: Person) -> Member:
        found = await self.store.members.of(TEAM, person.user)
        assert found is not None
        return found

    async def eventually(self, look: Callable[[], Awaitable[T]], wanted: Callable[[T], Any], within: float = 5) -> T:
        """Look until what is found is as *wanted*, and return it."""
        deadline = asyncio.get_running_loop().time() + within
        while not wanted(found := await look()):
            assert asyncio.get_running_loop().time() < deadline, f"It did not come true: {found!r}"
            await asyncio.sleep(0.01)
        return found

    async def told(self, person: Person, count: int = 1) -> str:
        """What the newest direct message says, once there are *count*."""
        dms = await self.pg.until(lambda: d if len(d := self.pg.dms(person.user)) >= count else None)
        return text_of(dms[-1])


def text_of(message: Any) -> str:
    """Everything that a person reads in a message or view."""
    if isinstance(message, Mapping):
        own = [message[key] for key in ("text", "alt_text") if isinstance(message.get(key), str)]
        return "\n".join([*own, *(text_of(value) for value in message.values() if not isinstance(value, str))])
    if isinstance(message, list):
        return "\n".join(text_of(one) for one in message)
    return ""


def urls_of(message: JSON) -> list[str]:
    """The addresses of the link buttons."""
    found: list[str] = []

    def walk(value: Any) -> None:
        if isinstance(value, Mapping):
            if isinstance(value.get("url"), str):
                found.append(value["url"])
            for one in value.values():
                walk(one)
        elif isinstance(value, list):
            for one in value:
                walk(one)

    walk(message)
    return found


@asynccontextmanager
async def staged(
    store: Store,
    redis_url: str,
    networks: Mapping[str, Network] | Callable[[str], Mapping[str, Network]],
    transport: Transport = "http",
    *,
    config: PlaygroundConfig | None = None,
    subapps: Mapping[str, web.Application] | None = None,
    **settings: Any,
) -> AsyncIterator[Stage]:
    """The bot and Slack, connected. *networks* may need the playground's address; *settings* are the bot's."""
    door = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{door.getsockname()[1]}"
    chosen = replace(
        config or PlaygroundConfig(), manifest=MANIFEST, transport=transport, events_url=f"{url}/slack/events"
    )
    async with Playground(chosen, subapps=subapps) as pg:
        given: dict[str, Any] = {
            "slack_bot_token": pg.bot_token,
            "slack_app_token": pg.app_token if transport == "socket" else None,
            "slack_signing_secret": pg.signing_secret if transport == "http" else None,
            "slack_api_url": pg.slack_api_url,
            "base_url": url,
            "encryption_keys": Fernet.generate_key().decode(),
            **settings,
        }
        made = BotSettings.model_validate(given)
        jobs = Jobs(redis_url)
        bot = Bot(made, store, jobs, networks(pg.url) if callable(networks) else networks, door)
        try:
            async with bot:
                if transport == "socket":
                    await pg.until(lambda: pg.sockets.connected)
                yield Stage(pg, bot, store, jobs, made)
        finally:
            jobs.close()


@dataclass
class Page:
    """What a browser shows."""

    status: int
    text: str
    headers: Mapping[str, str]
    url: str

    def field(self, name: str) -> str:
        """The hidden field of the page's form."""
        return self.text.split(f'name="{name}" value="', 1)[1].split('"', 1)[0]

    @property
    def action(self) -> str:
        return self.text.split('action="', 1)[1].split('"', 1)[0]


class Browser:
    """One browser with its own cookies; it follows redirects as browsers do. ``async with Browser() as browser``."""

    async def __aenter__(self) -> "Browser":
        self._session = ClientSession(cookie_jar=CookieJar(unsafe=True))
        return self

    async def __aexit__(self, *gone: object) -> None:
        await self._session.close()

    async def get(self, url: str, *, follow: bool = True, cookie: str = "") -> Page:
        headers = {"Cookie": cookie} if cookie else {}
        async with self._session.get(url, allow_redirects=follow, headers=headers) as answer:
            return Page(answer.status, await answer.text(), answer.headers, str(answer.url))

    async def head(self, url: str) -> Page:
        async with self._session.head(url, allow_redirects=False) as answer:
            return Page(answer.status, await answer.text(), answer.headers, str(answer.url))

    async def post(self, url: str, *, follow: bool = True, **fields: str) -> Page:
        async with self._session.post(url, data=fields, allow_redirects=follow) as answer:
            return Page(answer.status, await answer.text(), answer.headers, str(answer.url))

    async def press(self, page: Page, *, follow: bool = True, **fields: str) -> Page:
        """Press the button of the page's form."""
        return await self.post(page.action, follow=follow, token=page.field("token"), **fields)
