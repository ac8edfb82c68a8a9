"""Who asked to be left alone, and until when: every worker obeys, each with those calls that were meant."""

from collections import Counter

from grapevine.domain.budgets import DAY, Use, span
from grapevine.domain.errors import Throttled, TryLater
from grapevine.store import keys
from grapevine.store.commands import Client

#: seconds for which an account is left alone that asked for it without saying how long
_PAUSE = 900.0
#: seconds for which one account's 429 makes another's look like the whole app's
_TOGETHER = 3600


#: what stands before a server's name: accounts of networks with many servers have it at the end of their ids
_AT = "@"


class Pauses:
    def __init__(self, redis: Client) -> None:
        self._redis = redis

    async def obey(
        self,
        error: TryLater,
        network: str,
        now: float,
        *,
        use: Use | None = None,
        account: str = "",
        window: float = DAY,
    ) -> None:
        """Leave alone whom *error* asks to leave alone; it came of a call of this *use*, with this *account* if any.

        *window*: the seconds after which a limit of such calls begins anew, where that is known.
        """
        limited = error if isinstance(error, Throttled) else None
        after = min(error.after, window) if limited and error.after else error.after
        own = (use,) if use else ()
        for one in (limited and limited.uses) or own:
            if limited and limited.whole_app:
                await self.network(network, after or _PAUSE, one)
            elif limited and limited.server:
                await self.server(network, limited.server, after or _PAUSE, now, one)
            elif not account:
                continue
            elif limited and limited.whole_app is None:
                await self.strike(account, after or _PAUSE, now, one)
            elif limited or (after is not None and one is Use.READING):  # else it is about that post
                await self.account(account, after or _PAUSE, now, one)

    async def account(self, account: str, seconds: float, now: float, use: Use = Use.READING) -> None:
        """Leave this account alone for so many *seconds*; a longer pause that is on stays."""
        network = account.partition(":")[0]
        await self._one(keys.pause(use, network, account), f"{network}:{keys.hashed(account)}", seconds, now)

    async def server(self, network: str, server: str, seconds: float, now: float, use: Use = Use.READING) -> None:
        """Leave all accounts of this network alone that are at one *server*, which their ids end in after an @."""
        key = keys.pause(use, network, _AT + server)
        await self._one(key, f"{network}:{_AT}{keys.hashed(server)}", seconds, now)

    async def _one(self, key: str, name: str, seconds: float, now: float) -> None:
        if seconds <= await self._left(key):
            return
        await self._redis.set(key, "1", px=max(1, int(seconds * 1000)))
        await self._redis.execute_command("ZREMRANGEBYSCORE", keys.PAUSED, "-inf", now)
        await self._redis.zadd(keys.PAUSED, {name: now + seconds})

    async def network(self, network: str, seconds: float, use: Use = Use.READING) -> None:
        """Leave all accounts of this network alone; a longer pause that is on stays."""
        key = keys.pause(use, network)
        if seconds > await self._left(key):
            await self._redis.set(key, "1", px=max(1, int(seconds * 1000)))

    async def of_network(self, network: str, *uses: Use) -> float:
        """For how many seconds the whole network is to be left alone with reading, or any of *uses*; 0: it is not."""
        return max([await self._left(keys.pause(use, network)) for use in uses or (Use.READING,)])

    async def left(self, account: str, *uses: Use) -> float:
        """For how many seconds an account is to be left alone so, by itself, with its server or network; 0: none."""
        network, server = account.partition(":")[0], account.rpartition(_AT)[2] if _AT in account else ""
        whose = (account, _AT + server) if server else (account,)
        alone = [await self._left(keys.pause(use, network, one)) for one in whose for use in uses or (Use.READING,)]
        return max(*alone, await self.of_network(network, *uses))

    async def accounts(self, now: float) -> dict[str, int]:
        """How many accounts of each network are left alone."""
        return await self._paused(now, servers=False)

    async def servers(self, now: float) -> dict[str, int]:
        """How many servers of each network are left alone."""
        return await self._paused(now, servers=True)

    async def _paused(self, now: float, *, servers: bool) -> dict[str, int]:
        named = [name.split(":", 1) for name in await self._redis.zrangebyscore(keys.PAUSED, now, "+inf")]
        return dict(Counter(network for network, rest in named if rest.startswith(_AT) is servers))

    async def strike(self, account: str, seconds: float, now: float, use: Use = Use.READING) -> float:
        """A network asked to wait and said neither for whom nor until when: *seconds* at first, then longer.

        Pauses double with each strike and end at midnight UTC, when quotas of a day begin anew. One account's strike
        pauses that account. When a second account is struck within the hour while it is read, it is taken for the
        whole app's limit; with posting it is not, since networks also limit single members there. Returns for how long
        the account is left alone.
        """
        network, left = account.partition(":")[0], span(now, DAY).ends - now
        alone: float = min(seconds * 2 ** (await self._count(keys.strikes(use, network, account), left) - 1), left)
        await self.account(account, alone, now, use)
        struck = keys.struck(use, network)
        await self._redis.sadd(struck, keys.hashed(account))
        await self._redis.pexpire(struck, _TOGETHER * 1000)
        if use is not Use.READING or await self._redis.scard(struck) < 2:
            return alone
        together: float = min(seconds * 2 ** (await self._count(keys.strikes(use, network), left) - 1), left)
        await self.network(network, together, use)
        return max(alone, together)

    async def lift(self, network: str) -> bool:
        """Nobody at this network is left alone any longer, and what was struck is forgotten; False: nobody was."""
        found = [key async for key in self._redis.scan_iter(match="[hj]:*", count=5000)]
        own = [key for key in found if key.split(":")[2] == network]
        for key in own:
            await self._redis.delete(key)
        named = await self._redis.zrange(keys.PAUSED, 0, -1)
        if theirs := [name for name in named if name.partition(":")[0] == network]:
            await self._redis.zrem(keys.PAUSED, *theirs)
        return any(key.startswith("h:") for key in own)

    async def forget(self, account: str) -> None:
        """Nothing of it is known: the member who had it is erased."""
        network = account.partition(":")[0]
        for use in Use:
            for key in (keys.pause(use, network, account), keys.strikes(use, network, account)):
                await self._redis.delete(key)
            await self._redis.srem(keys.struck(use, network), keys.hashed(account))
        await self._redis.zrem(keys.PAUSED, f"{network}:{keys.hashed(account)}")

    async def _left(self, key: str) -> float:
        return max(0, await self._redis.pttl(key)) / 1000

    async def _count(self, key: str, seconds: float) -> int:
        count = int(await self._redis.execute_command("INCR", key))
        await self._redis.pexpire(key, max(1, int(seconds * 1000)))
        return min(count, 16)
