"""What waits to be published: a due list of placements, and what the member says when nobody else can tell."""

from grapevine.domain.shares import PlacementState, Status
from grapevine.store import keys
from grapevine.store.commands import Client
from grapevine.store.due import Due
from grapevine.store.reactions import ReactionStore
from grapevine.store.shares import Shares

#: seconds after which a hint to a share that does not exist is no longer believed
_UNMADE = 300.0
#: seconds within which whatever waits is looked at in any case
_SOON = 60.0
#: seconds in which a member is thanked for an answer, before its consequences write into the same message
SAYING = 5.0
_WAITING = (PlacementState.PENDING, PlacementState.PUBLISHING)
SAID_SO = "You told Grapevine that this post is out, so it does not know the post and cannot read its reactions."


class Publishing:
    """*due* names placements, and by ``Shares.hint_publication`` whole shares whose placements were just made."""

    def __init__(self, redis: Client, shares: Shares, reactions: ReactionStore) -> None:
        self._shares = shares
        self._reactions = reactions
        self._due = Due(redis, keys.DUE_PUBLICATIONS)
        self._closings = Due(redis, keys.DUE_CLOSINGS)

    async def hint(self, mid: str, sid: str, network: str, at: float) -> None:
        """Look at this placement at *at*."""
        await self._due.at(f"{mid}:{sid}:{network}", at)

    async def done(self, mid: str, sid: str, network: str) -> None:
        await self._due.done(f"{mid}:{sid}:{network}")

    async def due(self, now: float) -> list[tuple[str, str, str]]:
        """Member, share and network of the placements to look at; shares just made are spread into theirs first."""
        found = []
        for name in await self._due.now(now):
            mid, sid, *network = name.split(":", 2)
            if network:
                found.append((mid, sid, network[0]))
                continue
            statuses = await self._shares.statuses(mid, sid)
            if not statuses and await self._due.waits(name, now) < _UNMADE:
                continue  # the hint is written before the share, which is about to be made
            waiting = [one for one, status in statuses.items() if status.state in _WAITING]
            for one in waiting:
                await self.hint(mid, sid, one, now)
            if statuses:
                await self.close_at(mid, sid, now)
            await self._due.done(name)
            found += [(mid, sid, one) for one in waiting]
        return found

    async def hasten(self, network: str, now: float) -> int:
        """What was put off for this network is due now; how much that is."""
        late = [name for name in await self._due.later(now + _SOON) if name.split(":", 2)[2:] == [network]]
        for name in late:
            await self._due.at(name, now)
        return len(late)

    async def close_at(self, mid: str, sid: str, at: float) -> None:
        """Look at *at* whether this share is to be closed for clicks (rule 9)."""
        await self._closings.at(f"{mid}:{sid}", at)

    async def closings(self, now: float, most: int) -> list[tuple[str, str]]:
        """Member and share of those that may have to be closed."""
        names = [name.partition(":") for name in await self._closings.now(now, most)]
        return [(mid, sid) for mid, _, sid in names]

    async def closed(self, mid: str, sid: str) -> None:
        await self._closings.done(f"{mid}:{sid}")

    async def settle(self, mid: str, sid: str, network: str, *, out: bool, now: float) -> bool:
        """The member says whether a post is *out*; False when that is no longer the question.

        If it is not out it is to be posted: the caller may put ``queue.publication(…)`` on the queue, else the schedule
        finds it in some seconds.
        """
        if out:
            moved = await self._shares.move(
                mid, sid, network, Status(PlacementState.PUBLISHED, now), [PlacementState.ASKING]
            )
            if moved:
                await self._reactions.cannot(mid, sid, network, SAID_SO)
            return moved
        await self.hint(mid, sid, network, now + SAYING)
        return await self._shares.move(mid, sid, network, Status(PlacementState.PENDING, now), [PlacementState.ASKING])
