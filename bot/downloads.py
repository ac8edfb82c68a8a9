"""The page from which a member downloads their export where Slack takes no file."""

import json
import time

from aiohttp import web

from bot.erasure import EXPORT, EXPORT_LIVES, FILE, exported
from bot.pages import Pages, bare
from grapevine.store import Store

_FORM = "download"
_STALE = "This link was used already, or it is older than 15 minutes. Type /grapevine export in Slack for a new one."


class Downloads:
    """``/export/{token}``: GET shows a button and uses nothing up, POST hands out the file, once."""

    def __init__(self, base_url: str, store: Store, pages: Pages) -> None:
        self._base_url = base_url
        self._store = store
        self._pages = pages

    def routes(self) -> list[web.RouteDef]:
        path = "/export/{token}"
        return [web.get(path, self.ask, allow_head=False), web.head(path, self.head), web.post(path, self.hand_out)]

    async def head(self, request: web.Request) -> web.Response:  # noqa: ARG002 – aiohttp's handler
        return bare()

    async def ask(self, request: web.Request) -> web.Response:
        token = request.match_info["token"]
        if await self._store.passes.look(EXPORT, token) is None:
            return self._pages.say("This link has run out", _STALE, status=410)
        form = await self._store.passes.issue(_FORM, {"for": token}, EXPORT_LIVES)
        action = f"{self._base_url}/export/{token}"
        return self._pages.show("download.html", title="Your data in Grapevine", action=action, token=form)

    async def hand_out(self, request: web.Request) -> web.Response:
        given = (await request.post()).get("token", "")
        form = await self._store.passes.use(_FORM, given) if isinstance(given, str) else None
        link = request.match_info["token"]
        held = await self._store.passes.use(EXPORT, link) if form and form["for"] == link else None
        member = await self._store.members.get(held["member"]) if held else None
        if member is None:
            return self._pages.say("This link has run out", _STALE, status=410)
        content = json.dumps(await exported(self._store, member, time.time()), indent=2, ensure_ascii=False)
        headers = {
            "Content-Disposition": f'attachment; filename="{FILE}"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }
        return web.Response(text=content, content_type="application/json", headers=headers)
