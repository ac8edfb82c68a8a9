"""Tokens that have to be renewed before they are used: what the network gives out is kept first, and used then."""

import asyncio

from grapevine.domain.errors import TryLater
from grapevine.networks.base import Network
from grapevine.store import Store

#: seconds that a renewal may take at the most, and for which another job waits for it
_RENEWING, _PATIENCE = 45.0, 8.0


async def fresh(
    store: Store, network: Network, mid: str, account: str, token: str, now: float, *, at_once: bool = False
) -> str | None:
    """*token*, or the one that has come in its place; None when it was wiped meanwhile.

    *at_once*: the network said that it is stale, whatever it says itself. ``TryLater`` and ``Reconnect`` as of
    ``Network.refresh``; never uncertain, since nothing was posted.
    """
    if not (at_once or network.stale(token, now)):
        return token
    for _ in range(int(_PATIENCE / 0.1)):
        async with store.leases.holding(f"renew:{mid}:{account}", _RENEWING) as alone:
            if alone:
                kept = await store.tokens.get(mid, account)
                if kept is None or kept != token:  # wiped, or renewed by another job
                    return kept
                return await _renewed(store, network, mid, account, token)
        await asyncio.sleep(0.1)
    raise TryLater(f"The connection to {network.title} is being renewed.")


async def _renewed(store: Store, network: Network, mid: str, account: str, token: str) -> str | None:
    """A job that dies between the two lines loses nothing: the token of before is still answered, for some time."""
    renewed = await asyncio.to_thread(network.refresh, token)
    if renewed is None:
        return token
    if await store.tokens.keep(mid, account, renewed[0]):
        return renewed[0]
    # Disconnected or connected anew meanwhile: nobody is to hold what was given out for the connection of before.
    await asyncio.to_thread(network.revoke, renewed[0])
    return await store.tokens.get(mid, account)
