"""Everything that is held about a member: for export, and to be gone (rule 23)."""

import asyncio
import json
from typing import Any

from grapevine.domain.members import Member
from grapevine.domain.points import Period
from grapevine.store import keys
from grapevine.store.budgets import Budgets
from grapevine.store.commands import Client, Server
from grapevine.store.connection import servers
from grapevine.store.links import Links
from grapevine.store.passes import Passes
from grapevine.store.pauses import Pauses
from grapevine.store.scripts import script
from grapevine.store.shares import Shares
from grapevine.store.workspaces import Workspaces


class Erasure:
    def __init__(self, redis: Client, shares: Shares, links: Links) -> None:
        self._redis = redis
        self._shares = shares
        self._links = links
        self._passes = Passes(redis)
        self._budgets = Budgets(redis)
        self._pauses = Pauses(redis)
        self._workspaces = Workspaces(redis)
        self._amend = script(redis, "amend")
        self._drop = script(redis, "drop")

    async def export(self, member: Member) -> dict[str, Any]:
        """All that is held, in words of this page's own making; tokens and salts are secrets and named, not shown."""
        mid = member.id
        record: dict[str, Any] = {
            "member": {"id": mid, **await self._redis.hgetall(keys.member(mid))},
            "accounts": await self._jsons(keys.accounts(mid)),
            "tokens": dict.fromkeys(await self._redis.hgetall(keys.tokens(mid)), "held, encrypted"),
            "gathering": await self._redis.hgetall(keys.gathering(mid)),
            "unique_clicks_by_day": await self._redis.hgetall(keys.click_days(mid)),
            "reactions_by_day": await self._redis.hgetall(keys.reaction_days(mid)),
            "potential_reach_by_day": await self._redis.hgetall(keys.reach_days(mid)),
            "not_yet_told": await self._redis.hgetall(keys.news(mid)),
            "digest": await self._redis.hgetall(keys.told(mid)),
            "offers_shared": await self._redis.hgetall(keys.shared_offers(mid)),
            "offers_made": [
                json.loads(stored)
                for offer in await self._redis.zrange(keys.offers(member.team), 0, -1)
                if (stored := await self._redis.get(keys.offer(member.team, offer)))
                and json.loads(stored)["by"] == member.user
            ],
            "leaderboards": {
                period: place.rank
                for period in (Period.WEEK, Period.MONTH, Period.ALL)
                for place in (await self._workspaces.board(member.team, period))[1]
                if place.member == mid
            },
            "links_of_unfinished_shares": sorted(await self._redis.smembers(keys.claimed(mid))),
            "shares": [],
        }
        for sid in await self._redis.zrange(keys.shares(mid), 0, -1):
            receipt = await self._redis.hgetall(keys.receipt(mid, sid))
            if receipt.pop("salt", None):
                receipt["salt"] = "held; visitors are kept as keyed tags until the share closes"
            days = {name[2:]: receipt.pop(name) for name in sorted(receipt) if name.startswith("d:")}
            record["shares"].append(
                {
                    "id": sid,
                    "share": json.loads(await self._redis.get(keys.share(mid, sid)) or "{}"),
                    "placements": await self._jsons(keys.statuses(mid, sid)),
                    "messages": await self._jsons(keys.messages(mid, sid)),
                    "receipt": receipt,
                    "unique_clicks_by_day": days,
                    "reactions": await self._jsons(keys.reactions(mid, sid)),
                }
            )
        return record

    async def erase(self, member: Member) -> None:
        """Remove it all. Slugs keep their targets; ``rewrite`` then makes it leave the disk too.

        Safe to run again after a crash, which the schedule does: the hint comes first and goes last, and from the first
        line on this member has left for good. If the person comes back they are somebody new.
        """
        mid = member.id
        await self._redis.zadd(keys.DUE_ERASURES, {mid: 0})
        await self._amend(keys=[keys.member(mid)], args=["left", "0", "erasing", "1"])
        await self._redis.zadd(keys.DUE_ERASURES, {mid: 0})  # a return at the same moment may have taken it away
        await self._drop(keys=[keys.member_of(member.team, member.user)], args=[mid])
        await self._redis.srem(keys.members_of(member.team), mid)
        # Closed first: what a click in flight finds is a share that gathers nothing.
        shares = await self._redis.zrange(keys.shares(mid), 0, -1)
        for sid in shares:
            await self._redis.unlink(keys.receipt(mid, sid))
        accounts = await self._redis.hgetall(keys.accounts(mid))
        await self._budgets.forget(*accounts)
        for account in accounts:
            await self._drop(keys=[keys.owner_of(member.team, account)], args=[mid])
            await self._redis.hdel(keys.cadence(account.partition(":")[0]), mid)
            await self._pauses.forget(account)
        for sid in shares:
            share = await self._shares.get(mid, sid)
            for placement in share.placements if share else ():
                for link in placement.links:
                    await self._links.forget_owner(link.slug)
        for slug in await self._redis.smembers(keys.claimed(mid)):
            noted = await self._links.get(slug)
            if noted is not None and noted.member == mid:  # else it was somebody's before the claim
                await self._links.forget_owner(slug)
        await self._workspaces.forget(member.team, mid, member.user)
        await self._passes.withdraw(mid)
        # Twice: a script that still finds a key of the member's may write another one, until the first pass ends.
        for _ in range(2):
            found = [key async for key in self._redis.scan_iter(match=f"{keys.member(mid)}?*", count=5000)]
            for start in range(0, len(found), 1000):
                await self._redis.unlink(*found[start : start + 1000])
        for due in keys.DUE_LISTS:
            if due != keys.DUE_ERASURES:
                await self._forget_hints(due, mid)
        await self._redis.delete(keys.member(mid))
        await self._redis.zrem(keys.DUE_ERASURES, mid)

    async def _forget_hints(self, due: str, mid: str) -> None:
        names = [name async for name, _ in self._redis.zscan_iter(due, match=f"{mid}*", count=5000)]
        for start in range(0, len(names), 5000):
            await self._redis.zrem(due, *names[start : start + 5000])

    async def rewrite(self, patience: float = 10.0) -> bool:
        """Ask the server to write its append-only file anew, without what was erased; False when it would not.

        A rewrite that is under way began before the erasing: its end is waited for, *patience* seconds.
        """
        deadline = asyncio.get_running_loop().time() + patience
        for server in await servers(self._redis):
            while (said := await _rewritten(server)) == "in progress":
                if asyncio.get_running_loop().time() > deadline:
                    return False
                await asyncio.sleep(0.1)
            if said:
                return False
        return True

    async def _jsons(self, key: str) -> dict[str, Any]:
        return {name: json.loads(text) for name, text in (await self._redis.hgetall(key)).items()}


async def _rewritten(server: Server) -> str:
    """Empty when the server has begun to write its file anew, else why it has not."""
    try:
        await server.execute_command("BGREWRITEAOF")
    except Exception as error:  # noqa: BLE001  # managed servers forbid the command; erasing itself has happened
        return "in progress" if "in progress" in str(error) else "forbidden"
    return ""
