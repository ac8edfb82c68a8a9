"""Closing shares for clicks when nobody new follows them any more (rule 9)."""

import logging

from grapevine.domain.closing import closes_at
from grapevine.store import Store

log = logging.getLogger("workers.clicks")

#: shares looked at in one go
_MOST = 500
#: seconds: an hour for which an address is remembered after its first new visitor, and another for clocks and replays
_LATELY = 7200.0


async def close(store: Store, window: float, longest: float, now: float) -> int:
    """Closes what is over, and plans the next look at the others; how many were closed.

    What was destroyed leaves the disk with one rewrite of the append-only file for all of them.
    """
    closed = 0
    for mid, sid in await store.publishing.closings(now, _MOST):
        times = await store.clicks.times(mid, sid)
        if times is not None and (at := closes_at(*times, window, longest)) > now:
            await store.publishing.close_at(mid, sid, at)
            continue
        if times is not None:
            await store.rewrites.want()
        # one that is closed already may have been left half destroyed by a crash
        closed += await store.clicks.close(mid, sid, lately=times is not None and now - times[1] < _LATELY)
        await store.publishing.closed(mid, sid)
    if await store.rewrites.wanted():
        if await store.erasure.rewrite(patience=0):
            await store.rewrites.done()
        else:
            log.warning("Redis does not rewrite its append-only file; closed shares' visitors stay in it until it does")
    return closed
