"""Bea's shares, the clicks that come to them, and what is held of these."""

import random
from collections.abc import Iterable

from grapevine.domain.accounts import Account, AccountState
from grapevine.domain.clicks import Row
from grapevine.domain.members import Member
from grapevine.domain.posts import Post, PostKind
from grapevine.domain.shares import Placement, PlacementState, Share, Status
from grapevine.store import Store, keys
from grapevine.store.cascade import CAPACITY
from grapevine.store.clicks import Batch, Click, Clicks
from tests.people import BEA, NOON

ACCOUNT = "linkedin:bea"


async def a_share(store: Store, sid: str = "abcdef", kind: PostKind = PostKind.LINK) -> Member:
    """Bea, who has shared on LinkedIn with an account and as "my link"."""
    bea = await BEA.joins(store)
    await store.accounts.connect(bea, Account("linkedin", "bea", "Bea", AccountState.CONNECTED, NOON), "token")
    share = Share(
        sid,
        bea.id,
        Post(kind, "https://example.com/"),
        NOON,
        (Placement("linkedin", ACCOUNT, "Read this"), Placement("mylink", "", "")),
    )
    status = Status(PlacementState.PUBLISHED, NOON)
    await store.shares.make(share, {"linkedin": status, "mylink": status}, NOON)
    return bea


def visit(tag: int, *, network: str = "linkedin", at: float = NOON, source: int | None = None) -> Click:
    account = ACCOUNT if network == "linkedin" else ""
    return Click(None, network, account, at, tag, tag if source is None else source)


def other(row: Row, network: str = "linkedin") -> Click:
    return Click(row, network, ACCOUNT if network == "linkedin" else "", NOON)


def strangers(chance: random.Random, count: int) -> list[int]:
    return [chance.getrandbits(64) - 2**63 for _ in range(count)]


class Writer:
    """One process that settles clicks of one share, batch after batch."""

    def __init__(self, clicks: Clicks, bea: Member, name: str = "writer", sid: str = "abcdef") -> None:
        self.clicks, self.bea, self.name, self.sid, self.number = clicks, bea, name, sid, 0

    def batch(self, clicks: Iterable[Click]) -> Batch:
        self.number += 1
        return Batch(self.bea.id, self.sid, self.name, self.number, tuple(clicks))

    async def settle(self, *clicks: Click) -> tuple[Row | None, ...]:
        return (await self.clicks.settle([self.batch(clicks)], NOON))[0]


async def tags_of(store: Store, bea: Member, sid: str = "abcdef") -> list[int]:
    """Every tag that is held, node by node; each node is an intset."""
    root, found = keys.visitors(bea.id, sid), []
    async for name in store.redis.scan_iter(f"{root}*"):
        assert await store.redis.execute_command("OBJECT", "ENCODING", name) == "intset"
        assert await store.redis.scard(name) <= CAPACITY
        found += [int(tag) for tag in await store.redis.smembers(name)]
    return found


async def days_of(store: Store, bea: Member) -> dict[str, str]:
    stored = await store.redis.hgetall(keys.receipt(bea.id, "abcdef"))
    return {name[2:]: count for name, count in stored.items() if name.startswith("d:")}


async def marks_of(store: Store, bea: Member) -> set[str]:
    return {name for name in await store.redis.hgetall(keys.receipt(bea.id, "abcdef")) if name.startswith("b:")}
