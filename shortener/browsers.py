"""What a request is by all that the browser says of itself, remembered: few browsers say the same in many ways."""

from functools import lru_cache
from typing import NamedTuple

from multidict import CIMultiDict

from grapevine.domain.clicks import Row, row_of
from grapevine.domain.visitors import language
from shortener.agents import Agents
from shortener.asked import SAID, Lines


class Browser(NamedTuple):
    """*row* is the one that a request falls into by itself, None when a visitor may be behind it."""

    row: Row | None
    family: str
    language: str


class Browsers:
    """What they remember has neither a time nor an address beside it, and is never written."""

    def __init__(self, agents: Agents, most: int = 4096) -> None:
        self._agents = agents
        self._remembered = lru_cache(most)(self._listen)

    def __call__(self, method: str, said: Lines) -> Browser:
        if len(said) > len(SAID):  # who says things twice is not remembered
            return self._listen(method, said)
        return self._remembered(method, said)

    def _listen(self, method: str, said: Lines) -> Browser:
        headers = CIMultiDict([(name.decode(), value.decode("utf-8", "surrogateescape")) for name, value in said])
        agent = self._agents(headers.get("User-Agent", ""))
        row = row_of(method, headers, agent.row)
        return Browser(row, agent.family, language(headers.get("Accept-Language", "")))
