"""User agents: the ``is-bot`` library behind the shape of a browser, and a bounded memory of what it said."""

from functools import lru_cache
from typing import NamedTuple

from is_bot import Bots

from grapevine.domain.agents import MOST, family, is_browser_shaped, is_previewer
from grapevine.domain.clicks import Row

#: tools that look like browsers and that is-bot does not know
_TOOLS = (
    "wkhtmlto",
    "SlimerJS",
    "DebugBear",
    "Ruxit",
    r"Yandex\.Translate",
    "claude-web",
    "DumpRenderTree",
    "Observatory",
)


class Agent(NamedTuple):
    """*row* is PREVIEW or BOT when that is what the user agent says, else None."""

    row: Row | None
    family: str


class Agents:
    """Looks at user agents. What it remembers has neither a time nor an address beside it, and is never written."""

    def __init__(self, most: int = 8192) -> None:
        bots = Bots()
        bots.extend(_TOOLS)
        self._is_bot = bots.is_bot
        self._remembered = lru_cache(most)(self._look)

    def __call__(self, user_agent: str) -> Agent:
        return self._remembered(user_agent[:MOST])

    def _look(self, user_agent: str) -> Agent:
        if is_previewer(user_agent):
            return Agent(Row.PREVIEW, "")
        if not is_browser_shaped(user_agent) or self._is_bot(user_agent):
            return Agent(Row.BOT, "")
        return Agent(None, family(user_agent))
