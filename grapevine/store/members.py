"""Members: who they are in Slack, and what they chose."""

import secrets
from dataclasses import replace

from grapevine.domain.errors import TryLater
from grapevine.domain.members import Member, Pace, Preferences
from grapevine.store import keys
from grapevine.store.commands import Client, Value
from grapevine.store.due import Due
from grapevine.store.scripts import script

_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
#: seconds after which a member whose joining died between two lines is erased
_ORPHANED = 86400.0


class Members:
    """*usual* is what members have chosen who have chosen nothing."""

    def __init__(self, redis: Client, usual: Preferences | None = None) -> None:
        self._redis = redis
        self._usual = usual or Preferences()
        self._amend = script(redis, "amend")
        self._drop = script(redis, "drop")
        self.erasures = Due(redis, keys.DUE_ERASURES)

    async def of(self, team: str, user: str) -> Member | None:
        """The member who is this Slack user, if they take part already."""
        mid = await self._redis.get(keys.member_of(team, user))
        return await self.get(mid) if mid else None

    async def get(self, mid: str) -> Member | None:
        stored = await self._redis.hgetall(keys.member(mid))
        return _member(mid, stored, self._usual) if "team" in stored else None

    async def join(self, team: str, user: str, now: float, tz: str = "UTC", locale: str = "en-US") -> Member:
        """The member who is this Slack user, made now if need be; whoever comes first decides, also in a race."""
        await self._redis.sadd(keys.WORKSPACES, team)
        for _ in range(100):
            member = await self._mapped(team, user) or await self._made(team, user, now, tz, locale)
            if member is not None:
                return member
        raise TryLater("Grapevine could not find out who you are just now. Please try again in a minute.")

    async def _mapped(self, team: str, user: str) -> Member | None:
        """The member on the map, back if they had left; None, and the map free, when that one is no more."""
        mid = await self._redis.get(keys.member_of(team, user))
        if mid is None:
            return None
        member = await self.get(mid)
        if member is not None and member.left is not None:
            await self.return_(mid)
            member = await self.get(mid)
        if member is None or member.left is not None:  # erased, or being erased: they begin anew
            await self._drop(keys=[keys.member_of(team, user)], args=[mid])
            return None
        return member

    async def _made(self, team: str, user: str, now: float, tz: str, locale: str) -> Member | None:
        """A new member, unless somebody else was quicker to make this one."""
        mid = "".join(secrets.choice(_LETTERS) for _ in range(8))
        # Until the map names them they have left already: so a record that is orphaned here is erased by the schedule.
        await self._redis.zadd(keys.DUE_ERASURES, {mid: now + _ORPHANED})
        record: dict[str, Value] = {
            "team": team,
            "user": user,
            "created": str(now),
            "tz": tz,
            "locale": locale,
            "left": str(now),
        }
        await self._redis.hset(keys.member(mid), mapping=record)
        await self._redis.sadd(keys.members_of(team), mid)
        if await self._redis.set(keys.member_of(team, user), mid, nx=True):
            await self.return_(mid)
            return await self.get(mid)
        await self._redis.srem(keys.members_of(team), mid)
        await self._redis.delete(keys.member(mid))
        await self.erasures.done(mid)
        return None

    async def teams(self) -> list[str]:
        """Every workspace that has, or had, a member."""
        return sorted(await self._redis.smembers(keys.WORKSPACES))

    async def all(self, team: str) -> list[Member]:
        found = [await self.get(mid) for mid in sorted(await self._redis.smembers(keys.members_of(team)))]
        return [member for member in found if member is not None]

    async def know(self, member: Member, tz: str, locale: str) -> Member:
        """Slack told the time zone and the locale anew."""
        if (tz, locale) != (member.tz, member.locale):
            await self._amend(keys=[keys.member(member.id)], args=["tz", tz, "locale", locale])
        return replace(member, tz=tz, locale=locale)

    async def prefer(self, mid: str, chosen: Preferences) -> None:
        record: dict[str, Value] = {
            "pace": chosen.pace.value,
            "quiet_from": chosen.quiet_from,
            "quiet_to": chosen.quiet_to,
            "leaderboard": int(chosen.leaderboard),
        }
        await self._amend(keys=[keys.member(mid)], args=[word for pair in record.items() for word in pair])

    async def leave(self, mid: str, now: float, erase_at: float) -> None:
        """The person left the workspace (rule 25): note it, and when they are to be erased.

        Told again it changes nothing, so that a repeated delivery does not put the erasing off.
        """
        await self._redis.zadd(keys.DUE_ERASURES, {mid: erase_at}, lt=True)
        if await self._redis.hget(keys.member(mid), "left") is None:
            await self._amend(keys=[keys.member(mid)], args=["left", str(now)])

    async def return_(self, mid: str) -> None:
        """The person came back before they were erased."""
        if await self._amend(keys=[keys.member(mid)], args=["left", ""]):
            await self.erasures.done(mid)


def _member(mid: str, stored: dict[str, str], usual: Preferences) -> Member:
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
