"""What a network opened and nobody has confirmed yet: held for a while, encrypted, and shown to be decided on."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from bot.announcing import Announcer
from bot.connected import packed, unpacked
from bot.pages import Pages
from grapevine.domain.members import Member
from grapevine.networks.base import Connected, Network
from grapevine.store import Store

FORM, _HELD = "form", "held"


class Choosing:
    """Each is held under a name that only who brings the network's answer can make; a form leads to it once.

    *lives* is for how many seconds.
    """

    def __init__(self, store: Store, announcer: Announcer, pages: Pages, base_url: str, lives: int) -> None:
        self._store = store
        self._announcer = announcer
        self._pages = pages
        self._base_url = base_url
        self._lives = lives

    async def hold(self, name: str, state: str, options: Sequence[Connected]) -> None:
        """*state* is the one that the answer came with."""
        sealed = self._store.tokens.encrypt(packed(options))
        await self._store.passes.keep(_HELD, name, {"state": state, "options": sealed}, self._lives)

    async def look(self, name: str) -> tuple[str, tuple[Connected, ...]] | None:
        """The state and what was opened."""
        return self._opened(await self._store.passes.look(_HELD, name))

    async def take(self, name: str) -> bool:
        """Whether it is the caller's to finish: the second one is told no."""
        return await self._store.passes.use(_HELD, name) is not None

    async def show(
        self,
        member: Member,
        network: Network,
        options: Sequence[Connected],
        name: str,
        browser: str | None,
        trouble: str = "",
    ) -> web.Response:
        """The page to confirm or to choose on; its form is good in *browser* alone, None where it is another one."""
        bound = {"for": name, "browser": "" if browser is None else digest(browser)}
        return self._pages.show(
            "confirm.html",
            status=422 if trouble else 200,
            title=f"Connect this {network.title} account?" if len(options) == 1 else f"Choose a {network.title} Page",
            network=network.title,
            accounts=[option.profile for option in options],
            elsewhere=browser is None,
            trouble=trouble,
            action=f"{self._base_url}/oauth/{network.name}/finish",
            token=await self._store.passes.issue(FORM, bound, self._lives),
            who=await self._announcer.who(member),
        )

    def _opened(self, outcome: Mapping[str, Any] | None) -> tuple[str, tuple[Connected, ...]] | None:
        opened = self._store.tokens.decrypt(outcome["options"]) if outcome else None
        return (outcome["state"], unpacked(opened)) if outcome and opened else None


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
