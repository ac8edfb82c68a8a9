"""Members: who they are in Slack, and what they chose."""

import secrets
from dataclasses import replace

from grapevine.domain.members import Member, Pace, Preferences
from grapevine.store import keys
from grapevine.store.commands import Client
from grapevine.store.due import Due

_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"


class Members:
    def __init__(self, redis: Client) -> None:
        self._redis = redis
        self.erasures = Due(redis, keys.DUE_ERASURES)

    async def of(self, team: str, user: str) -> Member | None:
        """The member who is this Slack user, if they take part already."""
        mid = await self._redis.get(keys.member_of(team, user))
        return await self.get(mid) if mid else None

    async def get(self, mid: str) -> Member | None:
        stored = await self._redis.hgetall(keys.member(mid))
        return _member(mid, stored) if stored else None

    async def join(self, team: str, user: str, now: float, tz: str = "UTC", locale: str = "en-US") -> Member:
        """The member who is this Slack user, made now if need be; whoever comes first decides, also in a race."""
        fresh = "".join(secrets.choice(_LETTERS) for _ in range(8))
        await self._redis.sadd(keys.WORKSPACES, team)
        # The record first: the map is what makes it real, and a record without a map harms nobody.
        await self._redis.hset(
            keys.member(fresh), mapping={"team": team, "user": user, "created": str(now), "tz": tz, "locale": locale}
        )
        if await self._redis.set(keys.member_of(team, user), fresh, nx=True):
            await self._redis.sadd(keys.members_of(team), fresh)
            mid = fresh
        else:
            await self._redis.delete(keys.member(fresh))
            mid = (await self._redis.get(keys.member_of(team, user))) or fresh
            await self._redis.sadd(keys.members_of(team), mid)
        member = await self.get(mid)
        if member is None:  # erased between two lines: begin anew
            return await self.join(team, user, now, tz, locale)
        return member

    async def teams(self) -> list[str]:
        """Every workspace that has, or had, a member."""
        return sorted(await self._redis.smembers(keys.WORKSPACES))

    async def all(self, team: str) -> list[Member]:
        found = [await self.get(mid) for mid in sorted(await self._redis.smembers(keys.members_of(team)))]
        return [member for member in found if member is not None]

    async def know(self, member: Member, tz: str, locale: str) -> Member:
        """Slack told the time zone and the locale anew."""
        if (tz, locale) != (member.tz, member.locale):
            await self._redis.hset(keys.member(member.id), mapping={"tz": tz, "locale": locale})
        return replace(member, tz=tz, locale=locale)

    async def prefer(self, mid: str, chosen: Preferences) -> None:
        await self._redis.hset(
            keys.member(mid),
            mapping={
                "pace": chosen.pace.value,
                "quiet_from": chosen.quiet_from,
                "quiet_to": chosen.quiet_to,
                "leaderboard": int(chosen.leaderboard),
            },
        )

    async def leave(self, mid: str, now: float, erase_at: float) -> None:
        """The person left the workspace (rule 25): note it, and when they are to be erased."""
        await self._redis.zadd(keys.DUE_ERASURES, {mid: erase_at})
        await self._redis.hset(keys.member(mid), "left", str(now))

    async def return_(self, mid: str) -> None:
        """The person came back before they were erased."""
        await self._redis.hdel(keys.member(mid), "left")
        await self._redis.zrem(keys.DUE_ERASURES, mid)


def _member(mid: str, stored: dict[str, str]) -> Member:
    usual = Preferences()
    return Member(
        id=mid,
        team=stored["team"],
        user=stored["user"],
        created=float(stored.get("created", 0)),
        tz=stored.get("tz", "UTC"),
        locale=stored.get("locale", "en-US"),
        left=float(stored["left"]) if "left" in stored else None,
        preferences=Preferences(
            pace=Pace(stored.get("pace", usual.pace)),
            quiet_from=int(stored.get("quiet_from", usual.quiet_from)),
            quiet_to=int(stored.get("quiet_to", usual.quiet_to)),
            leaderboard=stored.get("leaderboard") == "1",
        ),
    )
