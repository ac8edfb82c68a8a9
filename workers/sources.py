"""Whether a network tells an account's counts at all, and which of its sources does: learned from what they answer."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from grapevine.domain.accounts import Account
from grapevine.domain.errors import NotFound, Unavailable
from grapevine.domain.reactions import Counts
from grapevine.networks.abilities import NotCounted, Sourced
from grapevine.networks.base import Network
from grapevine.store import Store

#: seconds after which all sources are asked anew, where not all is told
_AGAIN = 7 * 86400.0
#: posts of which an app is told nothing before it is taken for one that is told of none
_ENOUGH = 2


@dataclass
class Sources:
    """The sources of the counts of one member's *account*, which is kept as it is found out to be."""

    store: Store
    mid: str
    account: Account
    network: Network
    _untold: int = 0

    def silent(self, now: float) -> bool:
        """Whether no count is told, and it is not yet time to look again."""
        return not self.account.can_count and not self._due(now)

    def asked(self, now: float) -> str:
        """The source that is asked; empty, all in turn."""
        return "" if self._due(now) or not isinstance(self.network, Sourced) else self.account.counted_by

    def reader(self, now: float) -> Any:
        """What reads counts with a token and ids."""
        source = self.asked(now)
        if source and isinstance(self.network, Sourced):
            return partial(self.network.counts_from, source=source)
        return self.network.counts

    async def learn(self, told: Iterable[Counts | Unavailable | NotFound], source: str, now: float) -> None:
        """From what the *source* told, or all of them."""
        for one in told:
            if isinstance(one, Counts) and one.source:
                await self._tells(one, source, now)
            elif isinstance(one, NotCounted):
                await self._denies(one, source, now)

    async def _tells(self, counts: Counts, source: str, now: float) -> None:
        known, partly = self.account, counts.reshares is None
        again = (now + _AGAIN if not source else known.count_again) if partly else None
        if not known.can_count or known.counted_by != counts.source or known.count_again != again:
            missing = f"{self.network.title} does not tell this Grapevine's app how often posts are reshared."
            reason = missing if partly else ""
            await self._change(can_count=True, count_reason=reason, counted_by=counts.source, count_again=again)

    async def _denies(self, no: NotCounted, source: str, now: float) -> None:
        known = self.account
        if source:  # what told before does no longer: the others are asked from now on
            await self._change(counted_by="", count_again=None)
            return
        self._untold += 1
        if no.sure or not known.can_count or (not known.counted_by and self._untold >= _ENOUGH):
            await self._change(can_count=False, count_reason=str(no), counted_by="", count_again=now + _AGAIN)

    def _due(self, now: float) -> bool:
        return self.account.count_again is not None and now >= self.account.count_again

    async def _change(self, **changes: Any) -> None:
        standing = await self.store.accounts.get(self.mid, self.account.id)
        if standing is None or standing.connected_at != self.account.connected_at:
            return  # connected anew meanwhile, perhaps with more than before: that is for its own reads to find out
        self.account = await self.store.accounts.change(self.mid, self.account.id, **changes) or self.account
