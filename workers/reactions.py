"""Reading reactions: each placement of a job once, in the network's own batches and within its budget (rules 10-15)."""

import logging
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from grapevine.domain.accounts import Account
from grapevine.domain.budgets import DAY, Cadence, Rank, is_closing, lasts, span
from grapevine.domain.errors import GrapevineError, NotFound, Reconnect, Throttled, TryLater, Unavailable
from grapevine.domain.members import Member
from grapevine.domain.reactions import Counts, Reactions, next_try, together
from grapevine.networks.allowance import OutOfCalls
from grapevine.networks.base import Network
from grapevine.store import Store
from workers.accounts import lost, usable
from workers.calls import Meter
from workers.planning import again
from workers.slack import Slack
from workers.sources import Sources
from workers.spending import paid
from workers.tokens import fresh

log = logging.getLogger("workers.reactions")

#: calls in vain one after the other that are taken for the network's trouble and not for that of their posts
_ROW = 3


@dataclass(frozen=True, slots=True)
class Read:
    """A placement to be read: its share, the network's id of it, and what is known so far."""

    sid: str
    remote: str
    known: Reactions


async def refresh(
    mid: str,
    network: str,
    batch: str,
    planned: str = "",
    *,
    store: Store,
    networks: Mapping[str, Network],
    slack: Slack,
    now: float,
) -> None:
    """Reads the placements of one member on one network; *batch* is their shares, separated by commas.

    Those that were read since they were *planned* (epoch seconds) are left out: another job had them too.
    """
    accounts: dict[str, list[Read]] = defaultdict(list)
    sids, over = batch.split(","), 0
    for sid, known in zip(sids, await store.reactions.many([(mid, sid, network) for sid in sids]), strict=True):
        if known is not None and planned and (known.checked or 0.0) >= float(planned):
            continue
        if known is None or known.ends is None or known.closed is not None:
            await store.reactions.forget(mid, sid, network)
            over += 1
            continue
        if known.ends <= now and await store.reactions.close_if_over(mid, sid, network, now):
            over += 1
            continue
        share, status = await store.shares.get(mid, sid), (await store.shares.statuses(mid, sid)).get(network)
        if share is None or status is None or not status.remote:
            await store.reactions.forget(mid, sid, network)
            over += 1
        else:
            accounts[share.placement(network).account].append(Read(sid, status.remote, known))
    if over and planned:
        await store.progress.planned(network, -over, float(planned))
    for account, reads in accounts.items():
        found = await usable(store, networks, mid, account)
        if found is None:
            await _rest(store, mid, network, reads, now)
            continue
        member, one, speaks, token = found
        cadence = await store.cadences.of(network, mid) if lasts(speaks.quota, store.reactions.interval) else Cadence()
        await Reading(member, one, speaks, token, store, slack, now, cadence).all(reads)


async def _rest(store: Store, mid: str, network: str, reads: Sequence[Read], now: float) -> None:
    """Nobody can read just now: windows run on, and close when they are over (rule 14)."""
    for read in reads:
        if not await store.reactions.lapse(mid, read.sid, network, now):
            await store.reactions.plan(mid, read.sid, network, now, read.known.ends or now)
    await store.progress.rested(network, len(reads), now)


@dataclass
class Reading:
    """The placements of one account, read with its token, at most as often as its *cadence* allows."""

    member: Member
    account: Account
    network: Network
    token: str
    store: Store
    slack: Slack
    began: float
    cadence: Cadence = field(default_factory=Cadence)
    _started: float = field(default_factory=time.monotonic)
    _sources: Sources = field(init=False)

    def __post_init__(self) -> None:
        self._sources = Sources(self.store, self.member.id, self.account, self.network)

    @property
    def now(self) -> float:
        """A batch may take minutes: each placement was checked when its own answer came."""
        return self.began + time.monotonic() - self._started

    async def all(self, reads: Sequence[Read]) -> None:
        pieces = _pieces(reads, self.network.batch_size)
        in_vain = 0
        for number, piece in enumerate(pieces):
            left = [read for later in pieces[number:] for read in later]
            if self._sources.silent(self.now):
                for read in piece:
                    await self._unavailable(read, self._sources.account.count_reason)
                continue
            if pause := await self.store.pauses.left(self.account.id):
                await self._later(left, pause)
                return
            try:
                token = await fresh(self.store, self.network, self.member.id, self.account.id, self.token, self.now)
                if token is None:
                    await _rest(self.store, self.member.id, self.network.name, left, self.now)
                    return
                self.token = token
            except TryLater as error:  # without a token none can be read
                await self._put_off(left, error)
                return
            except Reconnect as error:
                await self._lost(left, error)
                return
            try:
                await self._some(piece)
                in_vain = 0
            except OutOfCalls:
                pause = await self.store.pauses.left(self.account.id)
                window = self.network.quota.window if self.network.quota else DAY
                await self._later(left, pause or span(self.now, window).ends - self.now)
                return
            except Throttled as error:
                await self._put_off(left, error)
                return
            except TryLater as error:
                in_vain += 1
                await self._failed(piece, error)
                if in_vain == _ROW:
                    await self._put_off(left[len(piece) :], error)
                    return
            except Reconnect as error:
                await self._lost(left, error)
                return

    async def _some(self, reads: Sequence[Read]) -> None:
        """One call."""
        ids = [read.remote for read in reads]
        interval, quota = self.store.reactions.interval, self.network.quota
        closing = any(is_closing(self.now, read.known.ends or 0.0, interval) for read in reads)
        meter, source, began = Meter(self.store, self.network, self.account.id), self._sources.asked(self.now), self.now
        counts: Mapping[str, Counts | Unavailable | NotFound]
        try:
            reading = partial(
                meter.call,
                Rank.CLOSING if closing else Rank.ORDINARY,
                self.now,
                self._sources.reader(began),
                self.token,
                ids,
                whole=quota.calls if quota else 0,
                extras=self.cadence.extras,
            )
            counts = await paid(self.store, self.member.team, self.network, ids, self.now, reading)
        except (TryLater, Reconnect):
            raise
        except GrapevineError as error:
            counts = {remote: Unavailable(str(error)) for remote in ids}
        await self._sources.learn(counts.values(), source, self.now)
        for read in reads:
            told = counts.get(read.remote) or Unavailable(f"{self.network.title} said nothing about this post.")
            if isinstance(told, Counts):
                name = self.network.name
                await self.store.reactions.take(self.member.id, read.sid, name, told, self.now, self.cadence)
            elif isinstance(told, NotFound):
                await self._unavailable(read, f"The post is gone from {self.network.title}.")
            else:
                await self._unavailable(read, str(told))
        await self.store.progress.read(self.network.name, len(reads), self.now)

    async def _unavailable(self, read: Read, reason: str) -> None:
        after = self.store.reactions.interval * self.cadence.quiet
        await self.store.reactions.unavailable(
            self.member.id, read.sid, self.network.name, reason, self.now, again=after
        )

    async def _failed(self, reads: Sequence[Read], error: TryLater) -> None:
        """One call went wrong, which may be because of one post: the others of the account are none the worse for it.

        What was read together is read in smaller calls then, so that the bad one is alone after some hours. Halving it
        at once would answer an outage with many calls; from hour to hour it costs two for each piece and bad post.
        """
        log.warning("reactions of %s at %s: %s", self.member.id, self.network.name, error)
        soon, pause = again(self.store), await self.store.pauses.left(self.account.id)
        for read in reads:
            failed = await self.store.reactions.failed(self.member.id, read.sid, self.network.name, self.now)
            wait = next_try(failed, self.network.batch_size, soon, self.store.reactions.interval)
            await self._later([read], max(wait, pause))

    async def _put_off(self, reads: Sequence[Read], error: TryLater) -> None:
        """Nothing can be read at the moment, whichever it is."""
        log.warning("reactions of %s at %s: %s", self.member.id, self.network.name, error)
        pause = await self.store.pauses.left(self.account.id)
        await self._later(reads, pause if isinstance(error, Throttled) else max(pause, again(self.store)))

    async def _lost(self, reads: Sequence[Read], error: Reconnect) -> None:
        await lost(self.member, self.account, self.network, error, store=self.store, slack=self.slack)
        await _rest(self.store, self.member.id, self.network.name, reads, self.now)

    async def _later(self, reads: Sequence[Read], seconds: float) -> None:
        placements = [(self.member.id, read.sid, self.network.name) for read in reads]
        await self.store.reactions.later(placements, self.now + seconds)


def _pieces(reads: Sequence[Read], batch: int) -> list[Sequence[Read]]:
    """What is read in one call each: those that failed come last, and in smaller calls than others."""
    pieces: list[Sequence[Read]] = []
    for failed in sorted({read.known.failed for read in reads}):
        alike = [read for read in reads if read.known.failed == failed]
        size = together(failed, batch, len(alike))
        pieces += [alike[start : start + size] for start in range(0, len(alike), size)]
    return pieces
