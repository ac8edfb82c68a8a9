"""What machines ask for: is it alive, is it ready, may it be crawled. None of it is ever a click."""

import asyncio

from aiohttp import web

from grapevine.domain.errors import TryLater
from grapevine.store import Store
from shortener.clicks import Clicks
from shortener.patience import answered

_NO_STORE = {"Cache-Control": "no-store"}
#: previewers keep to robots.txt as well, and would draw no card of a link that they may not fetch
_PREVIEWERS = (
    "LinkedInBot Twitterbot facebookexternalhit Facebot Slackbot Slackbot-LinkExpanding Slack-ImgProxy TelegramBot"
    " Discordbot SkypeUriPreview WhatsApp Pinterestbot redditbot Iframely Embedly Mastodon Cardyb"
).split()
_ROBOTS = "".join(f"User-agent: {name}\n" for name in _PREVIEWERS) + "Allow: /\n\nUser-agent: *\nDisallow: /\n"


class Health:
    def __init__(self, store: Store, clicks: Clicks, instance: str, deadline: float = 0.25) -> None:
        self._store, self._clicks, self._instance, self._deadline = store, clicks, instance, deadline

    async def alive(self, _: web.BaseRequest) -> web.Response:
        return web.json_response(self._answer("ok"), headers=_NO_STORE)

    async def ready(self, _: web.BaseRequest) -> web.Response:
        """200, or 503 while clicks cannot be settled: links that are known lead on meanwhile."""
        if not await self.reachable():
            answer = self._answer("degraded") | {"reason": "Redis does not take clicks."}
            return web.json_response(answer, status=503, headers=_NO_STORE)
        return web.json_response(self._answer("ok"), headers=_NO_STORE)

    def _answer(self, status: str) -> dict[str, str]:
        return {"status": status, "instance": self._instance, "program": "shortener"}

    async def reachable(self) -> bool:
        """Whether Redis answers, and clicks reach it."""
        try:
            await answered(self._store.redis.ping(), self._deadline)
        except TryLater:
            return False
        return not self._clicks.failing

    async def robots(self, _: web.BaseRequest) -> web.Response:
        return web.Response(text=_ROBOTS, headers={"Cache-Control": "public, max-age=86400"})

    async def favicon(self, _: web.BaseRequest) -> web.Response:
        return web.Response(status=204, headers={"Cache-Control": "public, max-age=86400"})


async def until_answering(store: Store, within: float) -> bool:
    """Whether Redis answers, at the latest in *within* seconds."""
    until = asyncio.get_running_loop().time() + within
    while True:
        try:
            return bool(await answered(store.redis.ping(), 1.0))
        except TryLater:
            if asyncio.get_running_loop().time() > until:
                return False
            await asyncio.sleep(0.2)
