"""A click: look up, sort, settle, redirect (design §5)."""

import time
from asyncio import Future
from collections.abc import Callable, Mapping
from contextlib import suppress
from urllib.parse import parse_qsl

from aiohttp import web

from grapevine.domain.clicks import Row
from grapevine.domain.errors import TryLater
from grapevine.domain.links import Link
from grapevine.domain.visitors import source_tag, visitor_tag
from grapevine.store.clicks import Click
from shortener import pages
from shortener.asked import Asked, sorted_out
from shortener.browsers import Browsers
from shortener.clicks import Clicks
from shortener.links import Lead, Links
from shortener.shares import ShareKeys
from shortener.visitors import Visitors

Page = Callable[[web.BaseRequest], web.Response]

#: seconds after which a browser may ask again for what it wanted to load before anybody clicked
_LATER = {"Retry-After": "1"}


#: takes the status and the head of an answer, but for its Date, when it may leave. 302, or 503 for what a browser loads
#: before anybody has clicked: after a 302 it would not ask again on the real click, which would be lost
Leave = Callable[[int, bytes], object]


class Redirects:
    """*referrer_policy* is what the target's own analytics may learn; empty leaves it to the browser.

    *common* are headers that whoever sends on the responses adds by itself, and that ``answer`` has to.
    """

    def __init__(
        self,
        links: Links,
        shares: ShareKeys,
        clicks: Clicks,
        visitors: Visitors,
        browsers: Browsers,
        *,
        referrer_policy: str = "origin",
        common: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._links, self._shares, self._clicks = links, shares, clicks
        self._visitors, self._browsers, self._clock = visitors, browsers, clock
        self._headers: Mapping[str, str] = {
            "Cache-Control": "private, no-store",
            "X-Robots-Tag": "noindex, nofollow",
            **({"Referrer-Policy": referrer_policy} if referrer_policy else {}),
        }
        every = {"Content-Length": "0", **self._headers, **(common or {})}
        self._found = _head("302 Found", every)
        self._later = _head("503 Service Unavailable", {**every, **_LATER})

    def answer(self, asked: Asked, slug: str, leave: Leave) -> bool:
        """``/{slug}``, its click on the way; False when something has to be looked up for it, or it takes a page."""
        lead = None if self._links.is_down(slug) else self._links.known(slug)
        if lead is None:
            return False
        link, key = lead.link, None
        if link.member and (key := self._shares.known(link.member, link.share)) is None:
            return False
        self._begin(asked, lead, key, leave)
        return True

    async def look_up(self, asked: Asked, slug: str, leave: Leave) -> bool:
        """The same, whatever has to be looked up; False when it takes a page."""
        lead = await self._find(slug)
        if not isinstance(lead, Lead):
            return False
        self._begin(asked, lead, await self._key(lead.link), leave)
        return True

    async def follow(self, request: web.BaseRequest, slug: str) -> web.Response:
        """``/{slug}``, also by requests that are no click."""
        lead = await self._find(slug)
        if not isinstance(lead, Lead):
            return lead(request)
        lines = sorted_out(request.raw_headers, self._visitors.telling)
        asked = Asked(request.method, request.rel_url.raw_query_string, request.remote or "", *lines)
        status = Future[int]()

        def leave(said: int, _: bytes) -> None:
            if not status.done():  # else nobody waits any more
                status.set_result(said)

        self._begin(asked, lead, await self._key(lead.link), leave)
        if await status == 503:
            return web.Response(status=503, headers={**self._headers, **_LATER})
        return web.Response(status=302, headers={**self._headers, "Location": lead.location})

    async def preview(self, request: web.BaseRequest, slug: str) -> web.Response:
        """``/{slug}+``: where the link leads; nothing is counted."""
        lead = await self._find(slug)
        if not isinstance(lead, Lead):
            return lead(request)
        if lead.link.member:
            with suppress(TryLater):  # from now on the link is known without Redis, so its key has to be
                await self._shares.get(lead.link.member, lead.link.share)
        return pages.preview(request, slug, lead.link.target)

    async def _find(self, slug: str) -> Lead | Page:
        """Where *slug* leads, or the page that says why it leads nowhere."""
        if self._links.is_down(slug):
            return pages.gone
        try:
            return await self._links.get(slug) or pages.missing
        except TryLater:
            return pages.unavailable

    async def _key(self, link: Link) -> bytes | None:
        """What the share's visitors are hashed with; None when its clicks are not counted, or nobody knows."""
        if not link.member:
            return None
        try:
            return await self._shares.get(link.member, link.share)
        except TryLater:
            self._clicks.lost += 1
            return None

    def _begin(self, asked: Asked, lead: Lead, key: bytes | None, leave: Leave) -> None:
        """Send the request on its way as a click of *lead*'s link; nowhere without a *key*."""
        link, browser = lead.link, self._browsers(asked.method, asked.said)
        net, colleague = self._visitors.of(asked.peer, asked.told)
        row = browser.row
        if row is None and (_own(asked.query) or colleague):
            row = Row.OWN if _own(asked.query) else Row.COLLEAGUE
        status, head = (503, self._later) if row is Row.PREFETCH else (302, self._found + lead.line)
        if key is None:
            leave(status, head)
            return
        tag, source = 0, 0
        if row is None:
            tag, source = visitor_tag(key, net, browser.family, browser.language), source_tag(key, net)
        click = Click(row, link.network, link.account, self._clock(), tag, source)
        self._clicks.put(link.member, link.share, click, lambda _: leave(status, head))


def _own(query: str) -> bool:
    """Whether the sharer follows the link that Grapevine shows them (rule 6)."""
    return "own" in query and any(name == "own" for name, _ in parse_qsl(query, keep_blank_values=True))


def _head(status: str, headers: Mapping[str, str]) -> bytes:
    return "".join([f"HTTP/1.1 {status}\r\n", *(f"{name}: {value}\r\n" for name, value in headers.items())]).encode()
