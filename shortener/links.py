"""Where slugs lead, remembered by this process for a while: bounded, and stale rather than silent."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

from grapevine.domain.errors import TryLater
from grapevine.domain.links import RESERVED, SLUG, Link
from grapevine.store.links import Links as Kept
from shortener.patience import Breaker

#: seconds: a known link is looked up again, an unknown one, and any after Redis did not answer
_FRESH, _ABSENT, _FAILED = 60.0, 2.0, 2.0
#: seconds after which a link that an admin took down is known to be, whatever is remembered of it
_LOOK = 1.0
_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))


@dataclass(slots=True)
class _Entry:
    lead: "Lead | None"
    until: float


@dataclass(frozen=True, slots=True)
class Lead:
    """A link and the ``Location`` that leads there."""

    link: Link
    location: str
    #: the same as a header's line
    line: bytes


class Links:
    def __init__(
        self, kept: Kept, breaker: Breaker, most: int = 20_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._kept, self._breaker, self._most, self._clock = kept, breaker, most, clock
        self._known: OrderedDict[str, _Entry] = OrderedDict()
        self._down: AbstractSet[str] = frozenset()

    def is_down(self, slug: str) -> bool:
        """Whether an admin took the link down."""
        return slug in self._down

    async def look(self) -> None:
        """Learn which links are down; while Redis does not answer, those that were stay so."""
        with suppress(TryLater):
            self._down = await self._breaker.ask(self._kept.down)

    async def watch(self) -> None:
        """Look every second until cancelled: few links are down, and the many others need not be asked for again."""
        while True:
            await self.look()
            await asyncio.sleep(_LOOK)

    def known(self, slug: str) -> Lead | None:
        """Where *slug* leads, if that is remembered and fresh."""
        entry = self._known.get(slug)
        if entry is None or entry.until <= self._clock():
            return None
        self._known.move_to_end(slug)
        return entry.lead

    async def get(self, slug: str) -> Lead | None:
        """Where *slug* leads, None when nowhere; ``TryLater`` when Redis does not answer and it was never known."""
        now = self._clock()
        entry = self._known.get(slug)
        if entry is None or entry.until <= now:
            if not SLUG.fullmatch(slug) or slug.lower() in RESERVED:
                return None
            entry = await self._look_up(slug, entry, now)
        self._known.move_to_end(slug)
        return entry.lead

    async def _look_up(self, slug: str, before: _Entry | None, now: float) -> _Entry:
        try:
            link = await self._breaker.ask(self._kept.get, slug)
        except TryLater:
            if before is None or before.lead is None:
                raise
            before.until = now + _FAILED
            self._known[slug] = before
            return before
        lead = _lead(link) if link else None
        entry = self._known[slug] = _Entry(lead, now + (_FRESH if lead else _ABSENT))
        if len(self._known) > self._most:
            self._known.popitem(last=False)
        return entry


def _lead(link: Link) -> Lead | None:
    """None for a target that is no web address: nobody is led there, whoever put it into the store."""
    try:
        parts = urlsplit(link.target)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return None
        host = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        return None
    location = quote(urlunsplit(parts._replace(netloc=host)), safe=_PRINTABLE)
    return Lead(link, location, f"Location: {location}\r\n".encode("ascii"))
