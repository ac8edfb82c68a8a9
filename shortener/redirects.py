"""A click: look up, sort, settle, redirect (design §5)."""

import time
from collections.abc import Callable, Mapping

from aiohttp import web

from grapevine.domain.clicks import Row, row_of
from grapevine.domain.errors import TryLater
from grapevine.domain.links import Link
from grapevine.store.clicks import Click
from shortener import pages
from shortener.agents import Agents
from shortener.clicks import Clicks
from shortener.links import Lead, Links
from shortener.shares import ShareKeys
from shortener.visitors import Visitors

#: seconds after which a browser may ask again for what it wanted to load before anybody clicked
_LATER = {"Retry-After": "1"}


class Redirects:
    """*referrer_policy* is what the target's own analytics may learn; empty leaves it to the browser."""

    def __init__(
        self,
        links: Links,
        shares: ShareKeys,
        clicks: Clicks,
        visitors: Visitors,
        agents: Agents,
        *,
        referrer_policy: str = "origin",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._links, self._shares, self._clicks = links, shares, clicks
        self._visitors, self._agents, self._clock = visitors, agents, clock
        self._headers: Mapping[str, str] = {
            "Cache-Control": "private, no-store",
            "X-Robots-Tag": "noindex, nofollow",
            **({"Referrer-Policy": referrer_policy} if referrer_policy else {}),
        }

    async def follow(self, request: web.BaseRequest, slug: str) -> web.Response:
        """``/{slug}``: 302 once the click is settled; 503 for what a browser loads before anybody has clicked."""
        if self._links.is_down(slug):
            return pages.gone(request)
        try:
            lead = await self._links.get(slug)
        except TryLater:
            return pages.unavailable(request)
        if lead is None:
            return pages.missing(request)
        speculative = await self._count(request, lead.link)
        if speculative:
            # answered with 302, the browser would not ask again on the real click, which would be lost
            return web.Response(status=503, headers={**self._headers, **_LATER})
        return web.Response(status=302, headers={**self._headers, "Location": lead.location})

    async def preview(self, request: web.BaseRequest, slug: str) -> web.Response:
        """``/{slug}+``: where the link leads; nothing is counted."""
        if self._links.is_down(slug):
            return pages.gone(request)
        try:
            lead: Lead | None = await self._links.get(slug)
        except TryLater:
            return pages.unavailable(request)
        return pages.missing(request) if lead is None else pages.preview(request, slug, lead.link.target)

    async def _count(self, request: web.BaseRequest, link: Link) -> bool:
        """Settle the request as a click of *link*; True when it is a speculative load."""
        agent = self._agents(request.headers.get("User-Agent", ""))
        visitor = self._visitors.of(request)
        own = "own" in request.query_string and "own" in request.query
        row = row_of(request.method, request.headers, agent.row, own=own, colleague=visitor.colleague)
        if link.member:
            try:
                key = await self._shares.get(link.member, link.share)
            except TryLater:
                key = None
                self._clicks.lost += 1
            if key is not None:
                at = self._clock()
                click = (
                    Click(None, link.network, link.account, at, visitor.tag(key, agent.family), visitor.source(key))
                    if row is None
                    else Click(row, link.network, link.account, at)
                )
                await self._clicks.settle(link.member, link.share, click)
        return row is Row.PREFETCH
