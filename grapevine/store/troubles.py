"""What networks say is wrong with the company's app, for who runs Grapevine: noted where it is met, gone when it is."""

from collections.abc import Iterable

from grapevine.store import keys
from grapevine.store.commands import Client

#: seconds after which what nobody meets any more is not said any more
_KNOWN = 86400


class Troubles:
    def __init__(self, redis: Client) -> None:
        self._redis = redis

    async def note(self, network: str, mend: str) -> None:
        """This network does not take the app; *mend* is a sentence of ours about what to put right."""
        await self._redis.set(keys.trouble(network), mend, ex=_KNOWN)

    async def mended(self, network: str) -> None:
        """It has done what it was asked for."""
        await self._redis.delete(keys.trouble(network))

    async def known(self, networks: Iterable[str]) -> dict[str, str]:
        """Network → what is to be mended there."""
        found = {name: await self._redis.get(keys.trouble(name)) for name in networks}
        return {name: mend for name, mend in found.items() if mend is not None}
