"""Reading reactions: planned by account, in the network's own batches, within each placement's window (rules 10-15)."""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from zlib import crc32

from grapevine.domain.accounts import Account
from grapevine.domain.errors import GrapevineError, NotFound, Reconnect, TryLater, Unavailable
from grapevine.domain.members import Member
from grapevine.domain.reactions import Counts
from grapevine.networks.base import Network
from grapevine.store import Store
from grapevine.store.queue import REFRESH, Jobs, Work
from workers.accounts import lost, usable
from workers.slack import Slack
from workers.spending import paid
from workers.tokens import fresh

log = logging.getLogger("workers.reactions")

#: placements of one job, where the network reads fewer at once: a job that dies repeats at the most these
_A_JOB = 25
_TIMEOUT = 900
#: seconds for which an account is left alone that asked for it without saying how long
_PAUSE = 900.0

Read = tuple[str, str]  # share, the network's id of the placement


async def plan(store: Store, jobs: Jobs, networks: Mapping[str, Network], now: float) -> int:
    """Puts jobs for the placements that are due; how many. Looked at again in an hour, should a job be lost."""
    due = await store.reactions.due(now)
    accounts: dict[tuple[str, str], list[str]] = defaultdict(list)
    for mid, sid, network in due:
        accounts[mid, network].append(sid)
    works = []
    for (mid, network), sids in accounts.items():
        size = networks[network].batch_size if network in networks else _A_JOB
        size *= max(1, _A_JOB // size)
        for start in range(0, len(sids), size):
            batch = ",".join(sids[start : start + size])
            # The same batch has the same name: planned twice, it waits in the queue once.
            name = f"refresh-{mid}-{network}-{crc32(batch.encode()):08x}"
            works.append(Work(REFRESH, (mid, network, batch), name, _TIMEOUT))
    put = await jobs.put_all(works)
    await store.reactions.later(due, now + _again(store))
    return put


async def refresh(
    mid: str, network: str, batch: str, *, store: Store, networks: Mapping[str, Network], slack: Slack, now: float
) -> None:
    """Reads the placements of one member on one network; *batch* is their shares, separated by commas."""
    accounts: dict[str, list[Read]] = defaultdict(list)
    for sid in batch.split(","):
        if await store.reactions.close_if_over(mid, sid, network, now):
            continue
        share, status = await store.shares.get(mid, sid), (await store.shares.statuses(mid, sid)).get(network)
        if share is None or status is None or not status.remote:
            await store.reactions.forget(mid, sid, network)
        else:
            accounts[share.placement(network).account].append((sid, status.remote))
    for account, reads in accounts.items():
        found = await usable(store, networks, mid, account)
        if found is None:
            await _rest(store, mid, network, reads, now)
            continue
        member, known, speaks, token = found
        await Reading(member, known, speaks, token, store, slack, now).all(reads)


async def _rest(store: Store, mid: str, network: str, reads: Sequence[Read], now: float) -> None:
    """Nobody can read just now: windows run on, and close when they are over (rule 14)."""
    for sid, _ in reads:
        if not await store.reactions.lapse(mid, sid, network, now):
            known = await store.reactions.get(mid, sid, network)
            await store.reactions.plan(mid, sid, network, now, (known and known.ends) or now)


def _again(store: Store) -> float:
    """Seconds after which a read that did not succeed is tried again."""
    return min(3600.0, store.reactions.interval / 12)


@dataclass
class Reading:
    """The placements of one account, read with its token."""

    member: Member
    account: Account
    network: Network
    token: str
    store: Store
    slack: Slack
    began: float
    _started: float = field(default_factory=time.monotonic)

    @property
    def now(self) -> float:
        """A batch may take minutes: each placement was checked when its own answer came."""
        return self.began + time.monotonic() - self._started

    async def all(self, reads: Sequence[Read]) -> None:
        if not self.account.can_count:
            for sid, _ in reads:
                await self._unavailable(sid, self.account.count_reason)
            return
        size = self.network.batch_size
        for start in range(0, len(reads), size):
            left = reads[start:]
            if pause := await self.store.accounts.paused(self.member.id, self.account.id):
                await self._later(left, pause)
                return
            try:
                token = await fresh(self.store, self.network, self.member.id, self.account.id, self.token, self.now)
                if token is None:
                    await _rest(self.store, self.member.id, self.network.name, left, self.now)
                    return
                self.token = token
                await self._some(reads[start : start + size])
            except TryLater as error:
                log.warning("reactions of %s at %s: %s", self.member.id, self.network.name, error)
                if error.after is not None:
                    await self.store.accounts.pause(self.member.id, self.account.id, error.after or _PAUSE)
                await self._later(left, max(error.after or 0.0, _again(self.store)))
                return
            except Reconnect as error:
                await lost(self.member, self.account, self.network, error, store=self.store, slack=self.slack)
                await _rest(self.store, self.member.id, self.network.name, left, self.now)
                return

    async def _some(self, reads: Sequence[Read]) -> None:
        """One call."""
        ids = [remote for _, remote in reads]
        counts: Mapping[str, Counts | Unavailable | NotFound]
        try:
            reading = asyncio.to_thread(self.network.counts, self.token, ids)
            counts = await paid(self.store, self.member.team, self.network, ids, self.now, reading)
        except (TryLater, Reconnect):
            raise
        except GrapevineError as error:
            counts = {remote: Unavailable(str(error)) for remote in ids}
        for sid, remote in reads:
            read = counts.get(remote) or Unavailable(f"{self.network.title} said nothing about this post.")
            if isinstance(read, Counts):
                await self.store.reactions.take(self.member.id, sid, self.network.name, read, self.now)
            elif isinstance(read, NotFound):
                await self._unavailable(sid, f"The post is gone from {self.network.title}.")
            else:
                await self._unavailable(sid, str(read))

    async def _unavailable(self, sid: str, reason: str) -> None:
        name = self.network.name
        await self.store.reactions.unavailable(
            self.member.id, sid, name, reason, self.now, again=self.store.reactions.interval
        )

    async def _later(self, reads: Sequence[Read], seconds: float) -> None:
        placements = [(self.member.id, sid, self.network.name) for sid, _ in reads]
        await self.store.reactions.later(placements, self.now + seconds)
