"""Tokens that are renewed: what the network gives out is kept first and used then, and by one job at a time."""

import asyncio

from grapevine.domain.errors import TryLater
from grapevine.networks.base import Network
from grapevine.store import Store
from grapevine.store.connection import UNREACHABLE

#: seconds that a renewal may take at the most, and for which another job waits for it
_RENEWING, _PATIENCE = 45.0, 8.0

#: seconds after which a token is tried to be kept again
_AGAIN = (0.1, 0.4, 1.0, 2.0, 4.0, 8.0)

Renewal = tuple[str, float | None]


class Replaced(Exception):
    """The token that was to be renewed was wiped, or another stands in its place; *token* is that one."""

    def __init__(self, token: str | None) -> None:
        super().__init__()
        self.token = token


async def fresh(
    store: Store, network: Network, mid: str, account: str, token: str, now: float, *, at_once: bool = False
) -> str | None:
    """*token*, or the one that has come in its place; None when it was wiped meanwhile.

    *at_once*: the network said that it is stale, whatever it says itself. ``TryLater`` and ``Reconnect`` as of
    ``Network.refresh``; never uncertain, since nothing was posted.
    """
    if not (at_once or network.stale(token, now)):
        return token
    try:
        renewed = await renew(store, network, mid, account, token)
    except Replaced as other:
        return other.token
    return renewed[0] if renewed is not None else token


async def renew(store: Store, network: Network, mid: str, account: str, token: str) -> Renewal | None:
    """A fresh token and when it runs out, both kept; None where the network renews none. ``Replaced`` when too late."""
    for _ in range(int(_PATIENCE / 0.1)):
        async with store.leases.holding(f"renew:{mid}:{account}", _RENEWING) as alone:
            if alone:
                kept = await store.tokens.get(mid, account)
                if kept is None or kept != token:  # wiped, or renewed by another job
                    raise Replaced(kept)
                return await _renewed(store, network, mid, account, token)
        await asyncio.sleep(0.1)
    raise TryLater(f"The connection to {network.title} is being renewed.")


async def _renewed(store: Store, network: Network, mid: str, account: str, token: str) -> Renewal | None:
    """Kept as soon as it is there.

    A job that dies in between loses nothing where the token of before is still answered, for some time; where that one
    is good for one use, as with Bluesky's OAuth, its member is asked to connect again.
    """
    known = await store.accounts.get(mid, account)
    renewed = await asyncio.to_thread(network.refresh, token)
    if renewed is None:
        return None
    if known is not None and await _kept(store, mid, account, renewed[0], token):
        await store.accounts.runs_out(mid, account, renewed[1], since=known.connected_at)
        return renewed
    # Disconnected or connected anew meanwhile: nobody is to hold what was given out for the connection of before.
    await asyncio.to_thread(network.revoke, renewed[0])
    raise Replaced(await store.tokens.get(mid, account))


async def _kept(store: Store, mid: str, account: str, token: str, before: str) -> bool:
    """Whether *token* stands now where *before* stood. A store that is away for seconds must not cost a connection."""
    for pause in _AGAIN:
        try:
            return await store.tokens.keep(mid, account, token, before=before)
        except UNREACHABLE:
            await asyncio.sleep(pause)
    return await store.tokens.keep(mid, account, token, before=before)
