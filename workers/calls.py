"""Calls to a network, each request of which is taken out of the budget before it goes out."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from grapevine.domain.budgets import DAY, Quota, Rank
from grapevine.networks.allowance import Allowance, OutOfCalls, allowed
from grapevine.networks.base import Network
from grapevine.store import Store
from grapevine.store.budgets import Calls

T = TypeVar("T")

#: seconds for which a request waits for Redis to let it go
_PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class Meter:
    """Calls to *network* with one member's account, which is left alone as soon as anybody was asked to."""

    store: Store
    network: Network
    mid: str
    account: str

    @property
    def quota(self) -> Quota | None:
        return self.network.quota

    async def call(
        self, rank: Rank, now: float, function: Callable[..., T], *args: Any, whole: int = 0, extras: bool = True
    ) -> T:
        """What *function* answers in a thread of its own; ``OutOfCalls`` when the budget does not hold a request.

        *whole* requests are taken together, so that nothing is begun that cannot be ended; what is left of them is
        given back. What members do themselves is counted where a budget has to last for a day, and never hindered.
        """
        act = rank is Rank.ACT
        if self.quota is None or (act and self.quota.window < DAY):
            return await asyncio.to_thread(function, *args)
        calls = Calls(self.store.budgets, self.network.name, self.quota, self.mid)
        taken = await calls.take(whole, rank, now) if whole else None
        if whole and taken is None:
            raise OutOfCalls(f"Grapevine's calls to {self.network.title} are used up for now.")
        loop = asyncio.get_running_loop()

        def more() -> bool:
            one = asyncio.run_coroutine_threadsafe(calls.take(1, rank, now), loop)
            try:
                return one.result(_PATIENCE) is not None
            except Exception:  # a store in trouble
                if act:
                    return True
                raise

        def rests() -> bool:
            pause = asyncio.run_coroutine_threadsafe(self.store.pauses.left(self.mid, self.account), loop)
            return pause.result(_PATIENCE) > 0

        with allowed(Allowance(whole, more, None if act else rests, extras=extras)) as allowance:
            try:
                return await asyncio.to_thread(function, *args)
            finally:
                if taken is not None and allowance.granted:
                    await calls.give_back(allowance.granted, taken)
