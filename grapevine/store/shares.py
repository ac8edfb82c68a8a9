"""Shares and their placements."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import replace

from grapevine.domain.days import day_of
from grapevine.domain.posts import Post, PostKind
from grapevine.domain.shares import Placement, PlacementState, Receipt, Share, ShortLink, Status
from grapevine.store import keys
from grapevine.store.commands import Client, Value
from grapevine.store.records import pack, unpack
from grapevine.store.scripts import script

_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
_ROWS = ("prefetch", "preview", "bot", "own", "colleague", "capped", "repeat", "unique")


class Shares:
    def __init__(self, redis: Client) -> None:
        self._redis = redis
        self._move = script(redis, "status")

    @staticmethod
    def new_id() -> str:
        """A share's name inside its member; slugs are claimed for it before it is made."""
        return "".join(secrets.choice(_LETTERS) for _ in range(6))

    async def make(self, share: Share, statuses: dict[str, Status], now: float) -> None:
        """Keep a new share; from now on it gathers clicks if its kind of post has any (rule 3)."""
        mid, sid = share.member, share.id
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.set(keys.share(mid, sid), pack(share))
            pipe.hset(keys.statuses(mid, sid), mapping={network: pack(one) for network, one in statuses.items()})
            if share.post.kind.counts_clicks:
                state: dict[str, Value] = {"open": "1", "salt": secrets.token_hex(16), "born": str(int(now))}
                pipe.hset(keys.receipt(mid, sid), mapping=state)
            pipe.zadd(keys.shares(mid), {sid: share.created})
            pipe.hincrby(keys.reach_days(mid), day_of(now), share.reach)
            if share.offer:
                pipe.hset(keys.shared_offers(mid), share.offer, sid)
            await pipe.execute()

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
        """Set a placement's status if it is in one of the *expected* states; False (and no change) when it is not."""
        done = await self._move(
            keys=[keys.statuses(mid, sid)], args=[network, pack(status), *[state.value for state in expected]]
        )
        return bool(done)

    async def receipt(self, mid: str, sid: str) -> Receipt:
        stored = await self._redis.hgetall(keys.receipt(mid, sid))
        rows = {row: int(stored.get(row, 0)) for row in _ROWS}
        networks = {name[2:]: int(count) for name, count in stored.items() if name.startswith("u:")}
        return Receipt(**rows, networks=networks)


def _share(text: str) -> Share:
    raw = json.loads(text)
    post = Post(**{**raw["post"], "kind": PostKind(raw["post"]["kind"])})
    placements = tuple(
        Placement(**{**one, "links": tuple(ShortLink(**link) for link in one.get("links", ()))})
        for one in raw["placements"]
    )
    return unpack(Share, text, post=post, placements=placements)


def _status(text: str) -> Status:
    known = unpack(Status, text)
    return replace(known, state=PlacementState(known.state))
