"""Calls to a network, each request of which is taken out of the budget before it goes out; and pauses for all."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from grapevine.domain.budgets import DAY, Rank, Use
from grapevine.domain.errors import GrapevineError, TryLater, Unfit
from grapevine.networks.allowance import Allowance, OutOfCalls, allowed
from grapevine.networks.base import Network
from grapevine.store import Store
from grapevine.store.budgets import Calls

T = TypeVar("T")

#: seconds for which a request waits for Redis to let it go
_PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class Meter:
    """Calls to *network* with one account, which is left alone as soon as anybody was asked to."""

    store: Store
    network: Network
    account: str

    async def call(
        self, rank: Rank, now: float, function: Callable[..., T], *args: Any, whole: int = 0, extras: bool = True
    ) -> T:
        """What *function* answers in a thread of its own; ``OutOfCalls`` when no request may go out (any more).

        *whole* requests are taken together, so that nothing is begun that cannot be ended; what is left of them is
        given back. What members do themselves is counted where a budget has to last for a day, and never hindered.
        """
        quota = self.network.quota
        if rank is Rank.ACT:
            counted = Allowance(0, self._more(rank, now)) if quota and quota.window >= DAY else Allowance(0, _unbounded)
            return await self._allowed(counted, rank, now, function, *args)
        calls = self._calls()
        taken = await calls.take(whole, rank, now) if calls and whole else None
        if calls and whole and taken is None:
            raise OutOfCalls(f"Grapevine's calls to {self.network.title} are used up for now.")
        allowance = Allowance(whole, self._more(rank, now), self._rests(), extras=extras)
        try:
            return await self._allowed(allowance, rank, now, function, *args)
        finally:
            if calls and taken is not None and allowance.granted:
                await calls.give_back(allowance.granted, taken)

    async def unpaused(self, *uses: Use) -> None:
        """``OutOfCalls`` while the network wants to be left alone with such calls."""
        if pause := await self.store.pauses.left(self.account, *uses):
            raise OutOfCalls(f"{self.network.title} asked Grapevine to wait for a while.", pause)

    async def _allowed(self, allowance: Allowance, rank: Rank, now: float, function: Callable[..., T], *args: Any) -> T:
        try:
            with allowed(allowance):
                answer = await asyncio.to_thread(function, *args)
        except GrapevineError as error:
            if mend := error.mend if isinstance(error, Unfit) else allowance.mend:
                await self.store.troubles.note(self.network.name, mend)
            if not isinstance(error, TryLater):
                raise
            quota = self.network.quota if rank.use is Use.READING else None  # posts have limits of their own
            window = quota.window if quota else DAY
            about = (error, self.network.name, now)
            await self.store.pauses.obey(*about, use=rank.use, account=self.account, window=window)
            raise
        if allowance.mend:
            await self.store.troubles.note(self.network.name, allowance.mend)
        elif allowance.made:
            await self.store.troubles.mended(self.network.name)
        return answer

    def _calls(self) -> Calls | None:
        quota = self.network.quota
        return None if quota is None else Calls(self.store.budgets, self.network.name, quota, self.account)

    def _more(self, rank: Rank, now: float) -> Callable[[], bool]:
        """For the thread of the call: whether the budget holds one more request, on the day on which it goes out."""
        loop, calls, began = asyncio.get_running_loop(), self._calls(), time.monotonic()

        def more() -> bool:
            if calls is None:
                return True
            at = now + time.monotonic() - began
            one = asyncio.run_coroutine_threadsafe(calls.take(1, rank, at), loop)
            try:
                return one.result(_PATIENCE) is not None
            except Exception:  # a store in trouble
                if rank is Rank.ACT:
                    return True
                raise

        return more

    def _rests(self) -> Callable[[], bool]:
        """For the thread of the call: whether somebody was asked to leave the account alone meanwhile."""
        loop = asyncio.get_running_loop()

        def rests() -> bool:
            left = asyncio.run_coroutine_threadsafe(self.store.pauses.left(self.account), loop)
            return left.result(_PATIENCE) > 0

        return rests


def _unbounded() -> bool:
    return True
