"""A crowd for the demo: different people who follow short links over real HTTP, react, and a previewer."""

import asyncio
import itertools
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Protocol, runtime_checkable

import aiohttp

from grapevine.playground.workspace import Workspace

#: the three blocks of addresses that are kept for documentation: https://www.rfc-editor.org/rfc/rfc5737
NETS = ("198.51.100", "203.0.113", "192.0.2")
LANGUAGES = ("en-GB,en;q=0.9", "sv-SE,sv;q=0.9,en;q=0.8", "de-DE,de;q=0.9,en;q=0.7", "en-US,en;q=0.9", "fr-FR,fr;q=0.9")
_MOZILLA = "Mozilla/5.0"
_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
_APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
BROWSERS = (
    f"{_MOZILLA} (Windows NT 10.0; Win64; x64) {_WEBKIT} Chrome/{{chrome}}.0.0.0 Safari/537.36",
    f"{_MOZILLA} (iPhone; CPU iPhone OS 18_{{minor}} like Mac OS X) {_APPLE} Version/18.{{minor}} Mobile/15E148 "
    "Safari/604.1",
    f"{_MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) {_APPLE} Version/18.{{minor}} Safari/605.1.15",
    f"{_MOZILLA} (Linux; Android 10; K) {_WEBKIT} Chrome/{{chrome}}.0.0.0 Mobile Safari/537.36",
    f"{_MOZILLA} (Windows NT 10.0; Win64; x64; rv:{{firefox}}.0) Gecko/20100101 Firefox/{{firefox}}.0",
    f"{_MOZILLA} (Windows NT 10.0; Win64; x64) {_WEBKIT} Chrome/{{chrome}}.0.0.0 Safari/537.36 Edg/{{chrome}}.0.0.0",
    f"{_MOZILLA} (X11; Linux x86_64; rv:{{firefox}}.0) Gecko/20100101 Firefox/{{firefox}}.0",
    f"{_MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) {_WEBKIT} Chrome/{{chrome}}.0.0.0 Safari/537.36",
)
PREVIEWER = "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)"
#: what a browser sends when a person opens an address: https://www.w3.org/TR/fetch-metadata/
NAVIGATION = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Sec-Fetch-Dest": "document",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Site": "cross-site",
    "Sec-Fetch-User": "?1",
    "Upgrade-Insecure-Requests": "1",
}


class Network(Protocol):
    """A stand-in network, as far as a crowd needs it. A post is a dict of id, text, url and created."""

    def react(self, post_id: str | None, likes: int = 0, comments: int = 0, reshares: int = 0) -> str | None: ...

    def posts(self) -> list[dict[str, Any]]: ...


@runtime_checkable
class Counting(Protocol):
    """A network that counts the clicks on its posts' links itself."""

    def clicked(self, link: str) -> None: ...


class Crowd:
    def __init__(self, workspace: Workspace, networks: Mapping[str, Network]) -> None:
        self.workspace = workspace
        self.networks = networks
        self._people = itertools.count()

    async def gather(
        self,
        clicks: int = 0,
        reactions: int = 0,
        *,
        bot: bool = False,
        link: str | None = None,
        placement: str | None = None,
    ) -> str:
        """Let people come; returns the sentence that says what happened.

        *link* is the short link to follow, *placement* the id of the post at its network; else the newest are taken.
        """
        links = [link] if link else self.links(placement)
        told: list[str] = []
        if (clicks or bot) and not links:
            told.append("There is no short link yet: share something first.")
        elif clicks or bot:
            told += await self._follow(links, clicks, bot=bot)
        if reactions:
            told.append(self._react(reactions, placement))
        return " ".join(told) or "Nobody came."

    def links(self, placement: str | None = None) -> list[str]:
        """The short links of each network's newest post that has any; without one, those of the newest message."""
        found: list[str] = []
        for network in self.networks.values():
            for post in sorted(network.posts(), key=lambda post: float(post["created"]), reverse=True):
                if placement and post["id"] != placement:
                    continue
                if links := list(self._short(f"{post['text']} {post['url']}")):
                    found += links
                    break
        if not found and not placement:
            workspace = self.workspace
            shelves = [
                *(channel.messages for channel in workspace.channels.values()),
                *workspace.ephemerals.values(),
            ]
            messages = [message for shelf in shelves for message in shelf.values()]
            for message in sorted(messages, key=lambda each: str(each["ts"]), reverse=True):
                if found := list(self._short(json.dumps(message))):
                    break
        return list(dict.fromkeys(found))

    def _short(self, text: str) -> Iterator[str]:
        """The short links in a text, without what follows their slug: ?own would make them the sharer's clicks."""
        pattern = re.escape(self.workspace.config.short_url.rstrip("/")) + r"/[A-Za-z0-9_-]+"
        return (match[0] for match in re.finditer(pattern, text))

    async def _follow(self, links: list[str], clicks: int, *, bot: bool) -> list[str]:
        people = [(self._person(next(self._people)), links[n % len(links)]) for n in range(clicks)]
        gate = asyncio.Semaphore(8)
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:

            async def visit(headers: dict[str, str], link: str) -> bool:
                async with gate:
                    try:
                        async with session.get(link, headers=headers, allow_redirects=False) as response:
                            arrived = 300 <= response.status < 400
                    except (aiohttp.ClientError, TimeoutError):
                        return False
                if arrived and headers["User-Agent"] != PREVIEWER:
                    self._clicked(link)
                return arrived

            arrived = sum(await asyncio.gather(*(visit(headers, link) for headers, link in people)))
            looked = bot and await visit({"User-Agent": PREVIEWER, "Accept": "*/*"}, links[0])
        told: list[str] = []
        where = " and ".join(links)
        if clicks:
            told.append(f"{_number(arrived, 'person', 'people')} followed {where}.")
        if clicks > arrived:
            told.append(f"{clicks - arrived} got no redirect: is the shortener running?")
        if bot:
            told.append("LinkedIn’s previewer had a look." if looked else "LinkedIn’s previewer got no redirect.")
        return told

    def _clicked(self, link: str) -> None:
        """Networks that count clicks themselves count every one, at their own posts."""
        for network in self.networks.values():
            if isinstance(network, Counting):
                network.clicked(link)

    def _person(self, number: int) -> dict[str, str]:
        """The headers of the *number*-th person: nobody has another's address as long as the addresses last."""
        browser = BROWSERS[number % len(BROWSERS)]
        agent = browser.format(chrome=131 + number % 9, firefox=132 + number % 8, minor=1 + number % 6)
        address = f"{NETS[number % 3]}.{1 + (number // 3) % 254}"
        return NAVIGATION | {
            "User-Agent": agent,
            "Accept-Language": LANGUAGES[number % len(LANGUAGES)],
            "X-Forwarded-For": address,
        }

    def _react(self, reactions: int, placement: str | None) -> str:
        """Spread reactions over the networks' newest posts: mostly likes, some comments, a few reshares."""
        counts = {name: {"likes": 0, "comments": 0, "reshares": 0} for name in self._with_posts(placement)}
        if not counts:
            return "Nobody could react: nothing is posted yet."
        for number, name in zip(range(reactions), itertools.cycle(counts), strict=False):
            kind = "comments" if number % 4 == 2 else "reshares" if number % 7 == 5 else "likes"
            counts[name][kind] += 1
        said: list[str] = []
        for name, count in counts.items():
            if any(count.values()) and self.networks[name].react(placement, **count) is not None:
                said.append(f"{_number(sum(count.values()), 'reaction', 'reactions')} on {name}")
        return f"{' and '.join(said)}." if said else "Nobody could react: nothing is posted yet."

    def _with_posts(self, placement: str | None) -> list[str]:
        return [
            name
            for name, network in self.networks.items()
            if any(placement in (None, post["id"]) for post in network.posts())
        ]


def _number(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
