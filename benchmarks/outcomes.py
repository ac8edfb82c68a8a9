"""What came of refreshing a company's placements, and what must never come of it: for ``benchmarks.refresh``."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.company import EACH, Run
from benchmarks.takes import Takes
from grapevine.domain.budgets import DAY, Rank, bound
from grapevine.networks.base import Network


@dataclass(frozen=True)
class Outcome:
    """Of one network, in placements: *due*; *covered* by its budgets; *read*, which is written down; *again*, for which
    the network was asked a second time; and *twice*, whose read was taken a second time.

    In calls: those that came, the *fewest* for what the network told, and the *most* of an account.
    """

    network: str
    due: int
    covered: int
    read: int
    again: int
    twice: int
    calls: int
    fewest: int
    limited: int
    disobedient: int
    most: int

    @property
    def lost(self) -> int:
        """Reads whose calls were used up by workers that died and by 429s."""
        return self.covered - self.read


async def outcomes(run: Run, takes: Takes) -> list[Outcome]:
    books, taken, found = run.books(), takes.look(), []
    placements = await run.store.reactions.live()
    known = await run.store.reactions.many(placements)
    checked = {one: facts for one, facts in zip(placements, known, strict=True) if facts and facts.checked}
    unseen = [one for one in checked if not taken[one[:2]]]
    if unseen:
        sys.exit(f"Redis told nothing of {len(unseen)} of {len(checked)} reads that were taken.")
    for name, network in run.networks.items():
        own = books[name]
        told: dict[str, int] = own["told"]
        fewest = len(told) * network.quota.calls if network.batch_size == 1 and network.quota else 0
        fewest = fewest or run.due[name] // EACH * -(-EACH // network.batch_size)
        mine = [taken[mid, sid] for mid, sid, of in checked if of == name]
        again, twice = (sum(times > 1 for times in counted) for counted in (told.values(), mine))
        numbers = own["calls"], fewest, own["limited"], own["disobedient"], own["most of an account"]
        found.append(Outcome(name, run.due[name], covered(network, run.due[name]), len(mine), again, twice, *numbers))
    return found


def covered(network: Network, due: int) -> int:
    """How many of the placements the budgets of a day cover."""
    quota = network.quota
    if quota is None or quota.window < DAY:
        return due
    limits = ((quota.per_app, 1), (quota.per_account, due // EACH))
    return min(due, *(n * ((bound(limit, Rank.ORDINARY) or 0) // quota.calls) for limit, n in limits if limit))


def judge(run: Run, found: Sequence[Outcome], workers: int) -> None:
    """Ends the run with a sentence for what must never be."""
    in_hand = sum(-(-one.again // run.networks[one.network].batch_size) for one in found)
    if in_hand > workers:
        sys.exit(f"Networks were asked again for {in_hand} calls, and {workers} workers had one each in hand.")
    for one in found:
        quota = run.networks[one.network].quota
        daily = quota if quota and quota.window >= DAY else None
        if one.twice > workers:  # each may have been killed while it wrote one down, which is written once more then
            sys.exit(f"{one.network}: the reads of {one.twice} placements were taken twice.")
        if one.lost > (workers + one.limited if one.covered < one.due else 0):
            sys.exit(f"{one.network}: {one.read:,} of {one.covered:,} placements were read.")
        if one.disobedient:
            sys.exit(f"{one.network}: {one.disobedient} calls came during a pause that was asked for.")
        if daily and (one.calls > (daily.per_app or one.calls) or one.most > (daily.per_account or one.most)):
            sys.exit(f"{one.network}: its budget was exceeded: {one.calls} calls, {one.most} of one account.")
