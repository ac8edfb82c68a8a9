"""Which placements are read now: jobs by account, in the network's batches; what a budget does not cover, later."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from zlib import crc32

from grapevine.domain.budgets import Quota, Rank, bound, is_closing, lasts, span, urgency
from grapevine.domain.reactions import Reactions
from grapevine.networks.base import Network
from grapevine.store import Store
from grapevine.store.queue import REFRESH, Jobs, Work

#: placements of one job, where the network reads fewer at once: a job that dies repeats at the most these
_A_JOB = 25
#: placements of one network that a budget is shared out to at a time; the others are looked at in the next slot
_A_LOOK = 5000
_TIMEOUT = 900

Placement = tuple[str, str, str]  # member, share, network


async def plan(store: Store, jobs: Jobs, networks: Mapping[str, Network], now: float) -> int:
    """Puts jobs for the placements that are due; how many. Looked at again in an hour, should a job be lost."""
    by_network: dict[str, list[Placement]] = defaultdict(list)
    for placement in await store.reactions.due(now):
        by_network[placement[2]].append(placement)
    works: list[Work] = []
    planned: list[Placement] = []
    for name, due in by_network.items():
        network = networks.get(name)
        if network is not None and (pause := await store.pauses.of_network(name)):
            await store.reactions.later(due, now + pause)
            continue
        if network is not None and network.quota is not None and lasts(network.quota, store.reactions.interval):
            chosen, others = await _shared_out(store, network.quota, due[:_A_LOOK], now)
            await store.reactions.later(others, span(now, network.quota.window).ends)
        else:
            chosen = due
        size = network.batch_size if network is not None else _A_JOB
        works += _works(chosen, size * max(1, _A_JOB // size), now)
        planned += chosen
        if chosen:
            await store.progress.planned(name, len(chosen), now)
    put = await jobs.put_all(works)
    await store.reactions.later(planned, now + again(store))
    return put


def again(store: Store) -> float:
    """Seconds after which a read that did not succeed is tried again."""
    return min(3600.0, store.reactions.interval / 12)


def _works(placements: Sequence[Placement], size: int, now: float) -> list[Work]:
    accounts: dict[tuple[str, str], list[str]] = defaultdict(list)
    for mid, sid, network in placements:
        accounts[mid, network].append(sid)
    works = []
    for (mid, network), sids in accounts.items():
        for start in range(0, len(sids), size):
            batch = ",".join(sids[start : start + size])
            # The same batch has the same name: planned twice, it waits in the queue once.
            name = f"refresh-{mid}-{network}-{crc32(batch.encode()):08x}"
            works.append(Work(REFRESH, (mid, network, batch, repr(now)), name, _TIMEOUT))
    return works


async def _shared_out(
    store: Store, quota: Quota, due: Sequence[Placement], now: float
) -> tuple[list[Placement], list[Placement]]:
    """Those that what is left of the budgets covers, the most urgent first, and the others."""
    known = await store.reactions.many(due)
    interval, window = store.reactions.interval, store.reactions.window

    def key(one: tuple[Placement, Reactions | None]) -> tuple[int, float]:
        facts = one[1]
        if facts is None or facts.ends is None or facts.closed is not None:
            return 0, 0.0  # nothing is to be read: the job forgets it
        return urgency(now, facts.ends, window, interval, facts.looked)

    network = due[0][2]
    used = _Used(store, quota, network, await store.accounts.connected({mid for mid, _, _ in due}, network), now)
    chosen: list[Placement] = []
    others: list[Placement] = []
    for placement, facts in sorted(zip(due, known, strict=True), key=key):
        reads = facts is not None and facts.ends is not None and facts.closed is None
        rank = Rank.CLOSING if reads and is_closing(now, (facts and facts.ends) or 0.0, interval) else Rank.ORDINARY
        (chosen if not reads or await used.room(placement[0], rank) else others).append(placement)
    return chosen, others


class _Used:
    """What of the budgets is used up, with what this planning has given out."""

    def __init__(self, store: Store, quota: Quota, network: str, accounts: Mapping[str, str], now: float) -> None:
        self._store = store
        self._quota = quota
        self._network = network
        self._accounts = accounts
        self._span = span(now, quota.window)
        self._used: dict[str, int] = {}

    async def room(self, mid: str, rank: Rank) -> bool:
        """Whether one more read of this rank fits for a member; it is given out then."""
        account = self._accounts.get(mid, mid)  # without one nothing is read: the job notes that
        for limit, whose in ((self._quota.per_app, ""), (self._quota.per_account, account)):
            if whose not in self._used:
                self._used[whose] = await self._store.budgets.used(self._network, self._span, whose)
            most = bound(limit, rank)
            if most is not None and self._used[whose] + self._quota.calls > most:
                return False
        for whose in ("", account):
            self._used[whose] += self._quota.calls
        return True
