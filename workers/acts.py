"""Calls in which a member acts at a network: counted, paid for, and never made with a token that is to be renewed."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from grapevine.domain.budgets import Rank
from grapevine.domain.errors import Stale
from grapevine.domain.members import Member
from grapevine.networks.base import Network
from grapevine.networks.charges import Till, charged
from grapevine.store import Store
from workers.calls import Meter
from workers.spending import purse
from workers.tokens import fresh

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Acts:
    """Of *member* with one *account*; *what* is what they are about, for what they cost beyond its price."""

    store: Store
    network: Network
    member: Member
    account: str
    what: str
    now: float

    async def call(self, call: Callable[..., T], token: str, *given: Any) -> T:
        """With *token*, or with its successor where the network ends it before its time."""
        meter = Meter(self.store, self.network, self.account)
        own = await purse(self.store, self.member.team, self.network)
        with charged(Till(own, asyncio.get_running_loop(), self.what, self.now) if own else None):
            try:
                return await meter.call(Rank.ACT, self.now, call, token, *given)
            except Stale:
                about = (self.store, self.network, self.member.id, self.account, token, self.now)
                renewed = await fresh(*about, at_once=True)
                if renewed is None:
                    raise
                return await meter.call(Rank.ACT, self.now, call, renewed, *given)
