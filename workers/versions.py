"""Versions of a network's API that were stepped to: a job's client is new, and asks for no retired one once more."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from grapevine.networks.abilities import Versioned
from grapevine.networks.base import Network
from grapevine.store import Store

#: seconds after which the version that is set is tried again
_KEPT = 86400


@asynccontextmanager
async def remembered(store: Store, networks: Iterable[Network]) -> AsyncIterator[None]:
    """What is done inside goes on with the version that another job stepped to, and leaves its own to the next."""
    stepping = {f"{one.name}:{one.configured_version}": one for one in networks if isinstance(one, Versioned)}
    for name, network in stepping.items():
        if kept := await store.passes.look("version", name):
            network.take_up(str(kept["version"]))
    before = {name: network.version for name, network in stepping.items()}
    try:
        yield
    finally:
        for name, network in stepping.items():
            if network.version != before[name]:
                await store.passes.keep("version", name, {"version": network.version}, _KEPT)
