"""Budgets: how much of something was used up in a span of time, by one account or by all of us together.

Taken before the use, by whichever process: what is taken by somebody who dies stays taken until the span is over.
"""

from grapevine.domain.budgets import Quota, Rank, Span, bound, span
from grapevine.store import keys
from grapevine.store.commands import Client
from grapevine.store.scripts import script

#: ms for which a budget is remembered after its span
_AFTER = 3_600_000


class Budgets:
    """Whole numbers of whatever it is: calls, or thousandths of a dollar. *mid* names a member's own budget."""

    def __init__(self, redis: Client) -> None:
        self._redis = redis
        self._take = script(redis, "budget")
        self._back = script(redis, "unbudget")

    async def take(self, what: str, amount: int, most: int | None, now: float, of: Span, mid: str = "") -> bool:
        """Use up *amount* unless more than *most* would be used up then; None: in any case."""
        kept = int(max(0.0, of.ends - now) * 1000) + _AFTER
        bounded = "" if most is None else most
        used = await self._take(keys=[keys.budget(what, of.label, mid)], args=[amount, bounded, kept])
        return int(used) >= 0

    async def give_back(self, what: str, amount: int, of: Span, mid: str = "") -> None:
        """What was taken and is not needed."""
        await self._back(keys=[keys.budget(what, of.label, mid)], args=[amount])

    async def used(self, what: str, of: Span, mid: str = "") -> int:
        return int(await self._redis.get(keys.budget(what, of.label, mid)) or 0)


class Calls:
    """The calls to one network with one account, out of that account's budget and of the whole app's."""

    def __init__(self, budgets: Budgets, network: str, quota: Quota, mid: str, account: str) -> None:
        self._budgets = budgets
        self._network = network
        self._quota = quota
        self._mid = mid
        self._account = account

    async def take(self, calls: int, rank: Rank, now: float) -> Span | None:
        """Take so many calls; None when the budget does not hold them. The account's first: it is the narrower."""
        of, quota = span(now, self._quota.window), self._quota
        most = bound(quota.per_account, rank)
        if not await self._budgets.take(self._account, calls, most, now, of, self._mid):
            return None
        if not await self._budgets.take(self._network, calls, bound(quota.per_app, rank), now, of):
            await self._budgets.give_back(self._account, calls, of, self._mid)
            return None
        return of

    async def give_back(self, calls: int, of: Span) -> None:
        await self._budgets.give_back(self._network, calls, of)
        await self._budgets.give_back(self._account, calls, of, self._mid)

    async def left(self, rank: Rank, now: float) -> int | None:
        """How many calls of this rank both budgets hold; None: no bound."""
        of, quota = span(now, self._quota.window), self._quota
        found = []
        for limit, what, mid in ((quota.per_account, self._account, self._mid), (quota.per_app, self._network, "")):
            most = bound(limit, rank)
            if most is not None:
                found.append(max(0, most - await self._budgets.used(what, of, mid)))
        return min(found, default=None)
