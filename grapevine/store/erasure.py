"""Everything that is held about a member: for export, and to be gone (rule 23)."""

import json
from typing import Any

from grapevine.domain.members import Member
from grapevine.store import keys
from grapevine.store.commands import Client
from grapevine.store.links import Links
from grapevine.store.shares import Shares


class Erasure:
    def __init__(self, redis: Client, shares: Shares, links: Links) -> None:
        self._redis = redis
        self._shares = shares
        self._links = links

    async def export(self, member: Member) -> dict[str, Any]:
        """All that is held, in words of this page's own making; tokens and salts are secrets and named, not shown."""
        mid = member.id
        record: dict[str, Any] = {
            "member": await self._redis.hgetall(keys.member(mid)),
            "accounts": await self._jsons(keys.accounts(mid)),
            "tokens": dict.fromkeys(await self._redis.hgetall(keys.tokens(mid)), "held, encrypted"),
            "unique_clicks_by_day": await self._redis.hgetall(keys.click_days(mid)),
            "reactions_by_day": await self._redis.hgetall(keys.reaction_days(mid)),
            "potential_reach_by_day": await self._redis.hgetall(keys.reach_days(mid)),
            "not_yet_told": await self._redis.hgetall(keys.news(mid)),
            "shares": [],
        }
        for sid in await self._redis.zrange(keys.shares(mid), 0, -1):
            receipt = await self._redis.hgetall(keys.receipt(mid, sid))
            if receipt.pop("salt", None):
                receipt["salt"] = "held; visitors are kept as keyed tags until the share closes"
            record["shares"].append(
                {
                    "id": sid,
                    "share": json.loads(await self._redis.get(keys.share(mid, sid)) or "{}"),
                    "placements": await self._jsons(keys.statuses(mid, sid)),
                    "receipt": receipt,
                    "unique_clicks_by_day": await self._redis.hgetall(keys.share_days(mid, sid)),
                    "reactions": await self._jsons(keys.reactions(mid, sid)),
                }
            )
        return record

    async def erase(self, member: Member) -> None:
        """Remove it all. Slugs keep their targets; the append-only file is rewritten so that it leaves the disk too.

        Safe to run again after a crash: the map goes last, so that an unfinished erasure can still be found.
        """
        mid = member.id
        for account in await self._redis.hgetall(keys.accounts(mid)):
            if await self._redis.get(keys.owner_of(member.team, account)) == mid:
                await self._redis.delete(keys.owner_of(member.team, account))
            for list_ in (keys.DUE_REACH, keys.DUE_EXPIRIES):
                await self._redis.zrem(list_, f"{mid}|{account}")
        # Closed first: what a click in flight finds is a share that gathers nothing.
        for sid in await self._redis.zrange(keys.shares(mid), 0, -1):
            await self._redis.delete(keys.receipt(mid, sid))
            share = await self._shares.get(mid, sid)
            await self._redis.zrem(keys.DUE_PUBLICATIONS, f"{mid}:{sid}")
            for placement in share.placements if share else ():
                await self._redis.zrem(keys.DUE_PUBLICATIONS, f"{mid}:{sid}:{placement.network}")
                await self._redis.zrem(keys.DUE_REACTIONS, f"{mid}:{sid}:{placement.network}")
                for link in placement.links:
                    await self._links.forget_owner(link.slug)
        record = keys.member(mid)
        async for key in self._redis.scan_iter(match=f"{record}*"):
            if key != record:
                await self._redis.unlink(key)
        for due in (keys.DUE_DIGESTS, keys.DUE_CLOSINGS, keys.DUE_ERASURES):
            await self._redis.zrem(due, mid)
        await self._redis.srem(keys.members_of(member.team), mid)
        await self._redis.delete(record)
        await self._redis.delete(keys.member_of(member.team, member.user))

    async def rewrite(self) -> bool:
        """Ask the server to write its append-only file anew, without what was erased; False when it would not."""
        try:
            await self._redis.bgrewriteaof()
        except Exception:  # noqa: BLE001  # managed servers forbid the command; erasing itself has happened
            return False
        return True

    async def _jsons(self, key: str) -> dict[str, Any]:
        return {name: json.loads(text) for name, text in (await self._redis.hgetall(key)).items()}
