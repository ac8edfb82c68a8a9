"""What machines ask for: is it alive, is it ready, may it be crawled. None of it is ever a click."""

import asyncio

from aiohttp import web

from grapevine.domain.errors import TryLater
from grapevine.store import Store
from shortener.journals import Journals
from shortener.patience import PATIENCE, Breaker, answered

_NO_STORE = {"Cache-Control": "no-store"}
#: previewers keep to robots.txt as well, and would draw no card of a link that they may not fetch
_PREVIEWERS = (
    "LinkedInBot Twitterbot facebookexternalhit Facebot Slackbot Slackbot-LinkExpanding Slack-ImgProxy TelegramBot"
    " Discordbot SkypeUriPreview WhatsApp Pinterestbot redditbot Iframely Embedly Mastodon Cardyb"
).split()
_ROBOTS = "".join(f"User-agent: {name}\n" for name in _PREVIEWERS) + "Allow: /\n\nUser-agent: *\nDisallow: /\n"


class Health:
    def __init__(self, store: Store, breaker: Breaker, journals: Journals, instance: str) -> None:
        self._store, self._breaker, self._journals, self._instance = store, breaker, journals, instance

    async def alive(self, _: web.BaseRequest) -> web.Response:
        return web.json_response(self._answer("ok"), headers=_NO_STORE)

    async def ready(self, _: web.BaseRequest) -> web.Response:
        """200, or 503 while clicks do not reach Redis: links that are known lead on meanwhile."""
        if await self.reachable():
            answer = self._answer("ok")
            if self._journals.trouble:
                answer["warning"] = (
                    f"The journal cannot be written ({self._journals.trouble}): "
                    "clicks would be lost if Redis were away."
                )
            return web.json_response(answer, headers=_NO_STORE)
        reason = "Redis does not take clicks: they wait in the journal, and are counted when it does."
        if self._journals.trouble:
            reason = (
                f"Clicks are being lost: Redis does not take them, and the journal cannot be written "
                f"({self._journals.trouble}). Bring Redis back, or mend the journal's disk; redirects go on."
            )
        answer = self._answer("degraded") | {"reason": reason}
        return web.json_response(answer, status=503, headers=_NO_STORE)

    def _answer(self, status: str) -> dict[str, str]:
        return {"status": status, "instance": self._instance, "program": "shortener"}

    async def reachable(self) -> bool:
        """Whether Redis answers, and clicks reach it."""
        if self._breaker.is_open or self._journals.behind:
            return False
        try:
            await answered(self._store.redis.ping(), PATIENCE)
        except TryLater:
            return False
        return True

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
