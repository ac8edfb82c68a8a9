"""The network's part of a dance: what its answer opens, asked for once, and what becomes of what nobody wants."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from bot import accounts
from bot.spending import till
from grapevine.domain.budgets import DAY, span
from grapevine.domain.errors import TryLater, Unfit
from grapevine.networks.abilities import Apart
from grapevine.networks.allowance import Allowance, allowed
from grapevine.networks.base import Choice, Connected, Network
from grapevine.networks.charges import charged
from grapevine.store import Store

#: seconds that a network gets for the dance, several requests in all
WITHIN = 60.0


class Exchange:
    def __init__(self, store: Store) -> None:
        self._store = store

    @asynccontextmanager
    async def in_turn(self, name: str) -> AsyncIterator[None]:
        """Whoever comes with the same answer of a network at the same time waits: a code that comes twice is theft."""
        for _ in range(int(WITHIN / 0.1)):
            async with self._store.leases.holding(f"answer:{name}", WITHIN) as alone:
                if alone:
                    yield
                    return
            await asyncio.sleep(0.1)
        raise TryLater("Somebody else is connecting with this very answer.")

    async def opened(
        self, network: Network, redirect_uri: str, query: Mapping[str, str], mid: str, sealed: str
    ) -> tuple[Connected, ...]:
        """The accounts that the callback's *query* opens to a member; *sealed* was held since the dance began."""
        secret = self._store.tokens.decrypt(sealed) or ""
        with allowed(Allowance(more=lambda: True)) as calls, charged(await till(self._store, network, mid)):
            try:
                opened: Connected | Choice = await within(network.connect, redirect_uri, dict(query), secret)
            except TryLater as error:
                if isinstance(error, Unfit):
                    await self._store.troubles.note(network.name, error.mend)
                await self._store.pauses.obey(error, network.name, time.time())
                raise
        options = opened.options if isinstance(opened, Choice) else (opened,)
        if network.quota is not None and network.quota.window >= DAY:  # what reading leaves to members is for this too
            now = time.time()
            for account in ("", f"{network.name}:{options[0].profile.uid}"):
                await self._store.budgets.take(network.name, calls.made, None, now, span(now, DAY), account)
        return options

    async def end(self, network: Network, token: str | None) -> None:
        """End a permission that was replaced, or that nobody wants, where no other one ends with it."""
        if token and isinstance(network, Apart) and network.apart:
            await accounts.revoked(network, token)


async def within(call: Any, *given: Any) -> Any:
    """A blocking call of a network's, in a thread; ``TryLater`` when it takes too long."""
    try:
        return await asyncio.wait_for(asyncio.to_thread(call, *given), WITHIN)
    except TimeoutError:
        raise TryLater("The network took too long to answer. Nothing was connected.") from None
