"""What a workspace spends on a network that charges: reserved before a call, within the admins' budget for the month.

Amounts are as in ``domain/money.py``; they are an estimate, the network's own bill counts. One script each, so however
many workers there are, no two of them spend the last of a budget. Names and posts are kept as short hashes, for weeks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from grapevine.domain.days import day_of
from grapevine.domain.money import Prices, month_before, month_of
from grapevine.store import keys
from grapevine.store.commands import Client
from grapevine.store.scripts import script

_MONTH, _DAY = 70 * 86400, 2 * 86400


class Spending:
    def __init__(self, redis: Client) -> None:
        self._redis = redis
        self._spend = script(redis, "spend")
        self._refund = script(redis, "refund")
        self._reading = script(redis, "reading")
        self._unread = script(redis, "unread")

    async def spent(self, team: str, network: str, now: float) -> int:
        """So far in the month of *now*."""
        return int(await self._redis.hget(keys.spending(team, network, month_of(now)), "spent") or 0)

    async def reserve(self, team: str, network: str, name: str, amount: int, bound: int | None, now: float) -> int:
        """Take *amount* out of the month for what *name* stands for, once: 1 when it was now, 2 when it was before.

        0 when that would pass *bound*.
        """
        key = keys.spending(team, network, month_of(now))
        return int(await self._spend(keys=[key], args=[_short(name), amount, _bound(bound), _MONTH]))

    async def give_back(self, team: str, network: str, name: str, now: float) -> None:
        """What *name* stands for did not come about; it may have been reserved at the end of the month before."""
        for month in (month_of(now), month_before(now)):
            await self._refund(keys=[keys.spending(team, network, month)], args=[_short(name)])

    async def read(
        self, team: str, network: str, posts: Sequence[str], price: int, bound: int | None, now: float
    ) -> list[str] | None:
        """Pay *price* for each of *posts* that nobody read on this day; those, or None when that would pass *bound*."""
        names = {_short(post): post for post in posts}
        month, day = keys.spending(team, network, month_of(now)), keys.read_on(team, network, day_of(now))
        fits, *paid = await self._reading(keys=[month, day], args=[price, _bound(bound), _MONTH, _DAY, *names])
        return [names[name] for name in paid] if fits else None

    async def unread(self, team: str, network: str, posts: Sequence[str], price: int, now: float) -> None:
        """What ``read`` was paid for at *now* was not read after all."""
        if posts:
            month, day = keys.spending(team, network, month_of(now)), keys.read_on(team, network, day_of(now))
            await self._unread(keys=[month, day], args=[price, *map(_short, posts)])


@dataclass(frozen=True, slots=True)
class Purse:
    """A workspace's money for one network; *bound* is its admins' budget for a month, None for none."""

    spending: Spending
    team: str
    network: str
    prices: Prices
    bound: int | None

    async def spent(self, now: float) -> int:
        return await self.spending.spent(self.team, self.network, now)

    async def open(self, now: float) -> bool:
        """Whether one more share with a link can be paid this month."""
        return self.bound is None or await self.spent(now) + self.prices.link_post <= self.bound

    async def post(self, placement: str, price: int, now: float) -> bool:
        """Take the price of a post before it is made; False when the budget has no room for it."""
        return bool(await self.spending.reserve(self.team, self.network, placement, price, self.bound, now))

    async def unpost(self, placement: str, now: float) -> None:
        """That post certainly did not go out."""
        await self.spending.give_back(self.team, self.network, placement, now)

    async def read(self, posts: Sequence[str], now: float) -> list[str] | None:
        """Take the price of reading *posts*; the ones that were paid for, None when the budget has no room."""
        return await self.spending.read(self.team, self.network, posts, self.prices.read, self._for_reading, now)

    async def unread(self, paid: Sequence[str], now: float) -> None:
        await self.spending.unread(self.team, self.network, paid, self.prices.read, now)

    async def profile(self, account: str, now: float) -> list[str] | None:
        """Take the price of reading a profile, once a day; what was paid now, None when the budget has no room."""
        name, price = f"profile:{account}", self.prices.profile
        return await self.spending.read(self.team, self.network, [name], price, self._for_reading, now)

    async def unprofile(self, paid: Sequence[str], now: float) -> None:
        await self.spending.unread(self.team, self.network, paid, self.prices.profile, now)

    async def look(self, what: str, most: int, now: float) -> int:
        """Take the price of being shown up to *most* posts while *what* is looked for, until it is known how many.

        0 when the budget has no room; 2 when it was taken that day for a look of which nobody knows what it showed.
        """
        name, price = _look(what, now), most * self.prices.read
        return await self.spending.reserve(self.team, self.network, name, price, self.bound, now)

    async def looked(self, what: str, posts: Sequence[str], now: float) -> None:
        """These were shown: they cost what reading them does, once a day, and the rest is given back."""
        await self.spending.read(self.team, self.network, posts, self.prices.read, None, now)
        await self.spending.give_back(self.team, self.network, _look(what, now), now)

    @property
    def _for_reading(self) -> int | None:
        """Sharing comes first: reading leaves what one more share with a link costs."""
        return None if self.bound is None else max(0, self.bound - self.prices.link_post)


def _bound(bound: int | None) -> int:
    return -1 if bound is None else bound


def _short(name: str) -> str:
    return blake2b(name.encode(), digest_size=10).hexdigest()


def _look(what: str, now: float) -> str:
    return f"look:{what}:{day_of(now)}"
