"""Budgets: how much of something was used up in a span of time, by one account or by all of us together.

Taken before the use, by whichever process: what is taken by somebody who dies stays taken until the span is over.
"""

import json
from collections.abc import Mapping
from dataclasses import astuple

from grapevine.domain.budgets import Cadence, Quota, Rank, Span, bound, span
from grapevine.store import keys
from grapevine.store.commands import Client
from grapevine.store.scripts import script

#: ms for which a budget is remembered after its span
_AFTER = 3_600_000


class Budgets:
    """Whole numbers of whatever it is: calls, or thousandths of a dollar. *account* names one network account's own."""

    def __init__(self, redis: Client) -> None:
        self._redis = redis
        self._take = script(redis, "budget")
        self._back = script(redis, "unbudget")

    async def take(self, what: str, amount: int, most: int | None, now: float, of: Span, account: str = "") -> bool:
        """Use up *amount* unless more than *most* would be used up then; None: in any case."""
        kept = int(max(0.0, of.ends - now) * 1000) + _AFTER
        bounded = "" if most is None else most
        used = await self._take(keys=[keys.budget(what, of.label, account)], args=[amount, bounded, kept])
        return int(used) >= 0

    async def give_back(self, what: str, amount: int, of: Span, account: str = "") -> None:
        """What was taken and is not needed."""
        await self._back(keys=[keys.budget(what, of.label, account)], args=[amount])

    async def forget(self, *accounts: str) -> None:
        """What these used up, in whichever span, is no longer known: the member who had them is erased."""
        theirs = {keys.hashed(account) for account in accounts}
        async for key in self._redis.scan_iter(match=f"{keys.budget('*', '*')}:*", count=5000):
            if key.rpartition(":")[2] in theirs:
                await self._redis.delete(key)

    async def used(self, what: str, of: Span, account: str = "") -> int:
        return int(await self._redis.get(keys.budget(what, of.label, account)) or 0)


class Calls:
    """The calls to one network with an account, out of its own budget there and of the whole app's."""

    def __init__(self, budgets: Budgets, network: str, quota: Quota, account: str) -> None:
        self._budgets = budgets
        self._network = network
        self._quota = quota
        self._account = account

    async def take(self, calls: int, rank: Rank, now: float) -> Span | None:
        """Take so many calls; None when the budget does not hold them. The account's first: it is the narrower."""
        of, quota = span(now, self._quota.window), self._quota
        most = bound(quota.per_account, rank)
        if not await self._budgets.take(self._network, calls, most, now, of, self._account):
            return None
        if not await self._budgets.take(self._network, calls, bound(quota.per_app, rank), now, of):
            await self._budgets.give_back(self._network, calls, of, self._account)
            return None
        return of

    async def give_back(self, calls: int, of: Span) -> None:
        await self._budgets.give_back(self._network, calls, of)
        await self._budgets.give_back(self._network, calls, of, self._account)

    async def left(self, rank: Rank, now: float) -> int | None:
        """How many calls of this rank both budgets hold; None: no bound."""
        of, quota = span(now, self._quota.window), self._quota
        found = []
        for limit, account in ((quota.per_account, self._account), (quota.per_app, "")):
            most = bound(limit, rank)
            if most is not None:
                found.append(max(0, most - await self._budgets.used(self._network, of, account)))
        return min(found, default=None)


class Cadences:
    """How often posts are read where a quota does not cover every interval; noted by the schedule, shown on Home."""

    def __init__(self, redis: Client) -> None:
        self._redis = redis

    async def note(self, network: str, app: Cadence, members: Mapping[str, Cadence]) -> None:
        """*app* binds everybody; *members*, by id, have a narrower one of their own."""
        cadences = {"": app, **members}
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.delete(keys.cadence(network))
            pipe.hset(
                keys.cadence(network), mapping={mid: json.dumps(astuple(cadence)) for mid, cadence in cadences.items()}
            )
            await pipe.execute()

    async def of(self, network: str, mid: str) -> Cadence:
        """A member's on one network; nothing extra until the schedule has noted that there is room for it."""
        noted = await self._redis.hmget(keys.cadence(network), ["", mid])
        found = Cadence(extras=noted[0] is not None)
        for text in noted:
            if text is not None:
                lively, quiet, extras = json.loads(text)
                found = found.slower(Cadence(lively, quiet, extras=extras))
        return found

    async def forget(self, network: str, mid: str) -> None:
        await self._redis.hdel(keys.cadence(network), mid)
