"""The keys that shares' visitors are hashed with, remembered for seconds."""

import time
from collections import OrderedDict
from collections.abc import Callable

from grapevine.domain.errors import TryLater
from grapevine.domain.visitors import share_key
from grapevine.store.clicks import Clicks
from shortener.patience import answered

#: seconds; that a share is still open, the click script looks at each time
_FRESH, _FAILED = 10.0, 2.0


class ShareKeys:
    def __init__(
        self,
        clicks: Clicks,
        secret: str,
        most: int = 20_000,
        deadline: float = 0.25,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clicks, self._secret, self._most, self._deadline, self._clock = clicks, secret, most, deadline, clock
        self._known: OrderedDict[tuple[str, str], tuple[bytes, float]] = OrderedDict()

    async def get(self, mid: str, sid: str) -> bytes | None:
        """The key of one share's tags, None when it gathers no clicks; ``TryLater`` when Redis does not say."""
        now = self._clock()
        key, until = self._known.get((mid, sid)) or (None, 0.0)
        if until > now:
            self._known.move_to_end((mid, sid))
            return key
        try:
            salt = await answered(self._clicks.salt(mid, sid), self._deadline)
        except TryLater:
            if key is None:
                raise
            self._known[mid, sid] = key, now + _FAILED
            return key
        if salt is None:  # not remembered: its links are claimed before a share is made
            self._known.pop((mid, sid), None)
            return None
        key = share_key(self._secret, salt)
        self._known[mid, sid] = key, now + _FRESH
        if len(self._known) > self._most:
            self._known.popitem(last=False)
        return key
