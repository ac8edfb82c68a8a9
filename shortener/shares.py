"""The keys that shares' visitors are hashed with, remembered for seconds."""

import time
from collections import OrderedDict
from collections.abc import Callable

from grapevine.domain.errors import TryLater
from grapevine.domain.visitors import share_key
from grapevine.store.clicks import Clicks
from shortener.patience import Breaker

#: seconds; that a share is still open, the click script looks at each time
_FRESH, _FAILED = 60.0, 2.0


class ShareKeys:
    """As many as links are remembered, the latest, so that a link that is known without Redis has its key."""

    def __init__(
        self,
        clicks: Clicks,
        secret: str,
        breaker: Breaker,
        most: int = 20_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clicks, self._secret, self._breaker, self._most, self._clock = clicks, secret, breaker, most, clock
        #: a share that gathers no clicks has no key; that is believed while Redis is away, and asked again else
        self._known: OrderedDict[tuple[str, str], tuple[bytes | None, float]] = OrderedDict()

    def known(self, mid: str, sid: str) -> bytes | None:
        """The key if it is remembered and fresh."""
        known = self._known.get((mid, sid))
        if known is None or known[1] <= self._clock():
            return None
        self._known.move_to_end((mid, sid))
        return known[0]

    async def get(self, mid: str, sid: str) -> bytes | None:
        """The key of one share's tags, None when it gathers no clicks; ``TryLater`` when Redis does not say."""
        if key := self.known(mid, sid):
            return key
        now, known = self._clock(), self._known.get((mid, sid))
        try:
            salt = await self._breaker.ask(self._clicks.salt, mid, sid)
        except TryLater:
            if known is None:
                raise
            return self._remember(mid, sid, known[0], now + _FAILED)
        if salt is None:  # for no time: its links are claimed before a share is made
            return self._remember(mid, sid, None, now)
        return self._remember(mid, sid, share_key(self._secret, salt), now + _FRESH)

    def _remember(self, mid: str, sid: str, key: bytes | None, until: float) -> bytes | None:
        self._known[mid, sid] = key, until
        self._known.move_to_end((mid, sid))
        if len(self._known) > self._most:
            self._known.popitem(last=False)
        return key
