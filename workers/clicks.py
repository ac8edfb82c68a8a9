"""Closing shares for clicks when nobody new follows them any more (rule 9)."""

from grapevine.domain.closing import closes_at
from grapevine.store import Store

#: shares looked at in one go
_MOST = 500


async def close(store: Store, window: float, longest: float, now: float) -> int:
    """Closes what is over, and plans the next look at the others; how many were closed."""
    closed = 0
    for mid, sid in await store.publishing.closings(now, _MOST):
        times = await store.clicks.times(mid, sid)
        if times is None:
            await store.publishing.closed(mid, sid)
        elif (at := closes_at(*times, window, longest)) > now:
            await store.publishing.close_at(mid, sid, at)
        else:
            await store.clicks.close(mid, sid)
            await store.publishing.closed(mid, sid)
            closed += 1
    return closed
