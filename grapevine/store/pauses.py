"""Who asked to be left alone, and until when: every worker obeys."""

from grapevine.domain.budgets import DAY, span
from grapevine.store import keys
from grapevine.store.commands import Client

#: seconds for which one account's 429 makes another's look like the whole app's
_TOGETHER = 3600


class Pauses:
    def __init__(self, redis: Client) -> None:
        self._redis = redis

    async def account(self, account: str, seconds: float, now: float) -> None:
        """Leave this account alone for so many *seconds*; a longer pause that is on stays."""
        if seconds <= max(0, await self._redis.pttl(keys.pause(account))) / 1000:
            return
        await self._redis.set(keys.pause(account), "1", px=max(1, int(seconds * 1000)))
        network = account.partition(":")[0]
        await self._redis.execute_command("ZREMRANGEBYSCORE", keys.PAUSED, "-inf", now)
        await self._redis.zadd(keys.PAUSED, {f"{network}:{keys.hashed(account)}": now + seconds})

    async def network(self, network: str, seconds: float) -> None:
        """Leave all accounts of this network alone; a longer pause that is on stays."""
        if seconds > await self.of_network(network):
            await self._redis.set(keys.network_pause(network), "1", px=max(1, int(seconds * 1000)))

    async def of_network(self, network: str) -> float:
        """For how many seconds the whole network is to be left alone; 0 when it is not."""
        return max(0, await self._redis.pttl(keys.network_pause(network))) / 1000

    async def left(self, account: str) -> float:
        """For how many seconds an account is to be left alone, by itself or with its network; 0 when it is not."""
        alone = max(0, await self._redis.pttl(keys.pause(account))) / 1000
        return max(alone, await self.of_network(account.partition(":")[0]))

    async def accounts(self, now: float) -> dict[str, int]:
        """How many accounts of each network are left alone."""
        found: dict[str, int] = {}
        for name in await self._redis.zrangebyscore(keys.PAUSED, now, "+inf"):
            network = name.partition(":")[0]
            found[network] = found.get(network, 0) + 1
        return found

    async def strike(self, account: str, seconds: float, now: float) -> float:
        """A network asked to wait and said neither for whom nor until when: *seconds* at first, then longer.

        Pauses double with each strike and end at midnight UTC, when quotas of a day begin anew. One account's strike
        pauses that account; when a second account is struck within the hour, it is the whole app's limit. Returns for
        how long the account is left alone.
        """
        network, left = account.partition(":")[0], span(now, DAY).ends - now
        alone: float = min(seconds * 2 ** (await self._count(keys.strikes(network, account), left) - 1), left)
        await self.account(account, alone, now)
        struck = keys.struck(network)
        await self._redis.sadd(struck, keys.hashed(account))
        await self._redis.pexpire(struck, _TOGETHER * 1000)
        if await self._redis.scard(struck) < 2:
            return alone
        together: float = min(seconds * 2 ** (await self._count(keys.strikes(network), left) - 1), left)
        await self.network(network, together)
        return max(alone, together)

    async def forget(self, account: str) -> None:
        """Nothing of it is known: the member who had it is erased."""
        network = account.partition(":")[0]
        for key in (keys.pause(account), keys.strikes(network, account)):
            await self._redis.delete(key)
        await self._redis.zrem(keys.PAUSED, f"{network}:{keys.hashed(account)}")
        await self._redis.srem(keys.struck(network), keys.hashed(account))

    async def _count(self, key: str, seconds: float) -> int:
        count = int(await self._redis.execute_command("INCR", key))
        await self._redis.pexpire(key, max(1, int(seconds * 1000)))
        return min(count, 16)
