"""Shares and their placements."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import replace

from grapevine.domain.days import day_of
from grapevine.domain.errors import NotFound, TryLater
from grapevine.domain.shares import Placement, PlacementState, Receipt, Share, ShortLink, Status
from grapevine.store import keys
from grapevine.store.commands import Client
from grapevine.store.links import Links
from grapevine.store.posts import post_in
from grapevine.store.records import fill, pack, unpack
from grapevine.store.scripts import script

_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
#: of a receipt; unique clicks are kept by network
_ROWS = ("prefetch", "preview", "bot", "own", "colleague", "capped", "repeat")


class Shares:
    def __init__(self, redis: Client) -> None:
        self._redis = redis
        self._links = Links(redis)
        self._make = script(redis, "share")
        self._move = script(redis, "status")

    @staticmethod
    def new_id() -> str:
        """A share's name inside its member; slugs are claimed for it before it is made."""
        return "".join(secrets.choice(_LETTERS) for _ in range(6))

    async def make(self, share: Share, statuses: dict[str, Status], now: float) -> None:
        """Keep a new share; from now on it gathers clicks if its kind of post has any (rule 3).

        Making the same share again changes nothing. ``NotFound`` when the member left or was erased meanwhile.
        """
        mid, sid = share.member, share.id
        slugs = [link.slug for placement in share.placements for link in placement.links]
        answer = await self._make(
            keys=[
                keys.member(mid),
                keys.share(mid, sid),
                keys.statuses(mid, sid),
                keys.receipt(mid, sid),
                keys.shares(mid),
                keys.reach_days(mid),
                keys.shared_offers(mid),
                keys.claimed(mid),
            ],
            args=[
                pack(share),
                sid,
                share.created,
                secrets.token_hex(16) if share.post.kind.counts_clicks else "",
                int(now),
                day_of(now),
                share.reach,
                share.offer,
                len(statuses),
                *(word for network, status in statuses.items() for word in (network, pack(status))),
                *slugs,
            ],
        )
        if answer == "taken":
            raise TryLater("Two of your shares were about to get the same name. Please share it once more.")
        if answer == "gone":
            for slug in slugs:  # claimed when erasing had passed already
                await self._links.forget_owner(slug)
                await self._redis.srem(keys.claimed(mid), slug)
            raise NotFound("You do not take part in Grapevine any more, so nothing was shared.")

    async def hint_publication(self, mid: str, sid: str, at: float) -> None:
        """Look at *at* whether this share's placements have all been put on the queue."""
        await self._redis.zadd(keys.DUE_PUBLICATIONS, {f"{mid}:{sid}": at})

    async def get(self, mid: str, sid: str) -> Share | None:
        stored = await self._redis.get(keys.share(mid, sid))
        return _share(stored) if stored else None

    async def of_offers(self, mid: str) -> dict[str, str]:
        """Offer id → the share that this member made of it last."""
        return await self._redis.hgetall(keys.shared_offers(mid))

    async def count(self, mid: str, since: float = 0) -> int:
        return int(await self._redis.zcount(keys.shares(mid), since, "+inf"))

    async def newest(self, mid: str, skip: int, most: int) -> list[Share]:
        """A page of the member's shares, newest first."""
        ids = await self._redis.zrevrange(keys.shares(mid), skip, skip + most - 1)
        if not ids:
            return []
        return [_share(text) for text in await self._redis.mget([keys.share(mid, sid) for sid in ids]) if text]

    async def statuses(self, mid: str, sid: str) -> dict[str, Status]:
        stored = await self._redis.hgetall(keys.statuses(mid, sid))
        return {network: _status(text) for network, text in stored.items()}

    async def move(self, mid: str, sid: str, network: str, status: Status, expected: Sequence[PlacementState]) -> bool:
        """Set a placement's status if it is in one of the *expected* states; False (and no change) when it is not.

        What will never be out reached nobody: its account's reach is taken back from the day of the share (rule 18).
        """
        share = await self.get(mid, sid) if status.state in (PlacementState.REFUSED, PlacementState.CANCELLED) else None
        day, reach = "", 0
        if share is not None:
            day = day_of(share.created)
            reach = next((one.reach for one in share.placements if one.network == network), 0)
        done = await self._move(
            keys=[keys.statuses(mid, sid), keys.reach_days(mid)],
            args=[network, pack(status), day, reach, *[state.value for state in expected]],
        )
        return bool(done)

    async def receipt(self, mid: str, sid: str) -> Receipt:
        stored = await self._redis.hgetall(keys.receipt(mid, sid))
        rows = {row: int(stored.get(row, 0)) for row in _ROWS}
        networks = {name[2:]: int(count) for name, count in stored.items() if name.startswith("u:")}
        return Receipt(**rows, unique=sum(networks.values()), networks=networks)


def _share(text: str) -> Share:
    raw = json.loads(text)
    placements = tuple(
        fill(Placement, one, links=tuple(fill(ShortLink, link) for link in one.get("links", ())))
        for one in raw["placements"]
    )
    return fill(Share, raw, post=post_in(raw["post"]), placements=placements)


def _status(text: str) -> Status:
    known = unpack(Status, text)
    return replace(known, state=PlacementState(known.state))
