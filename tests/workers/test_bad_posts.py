"""One post that cannot be read keeps nobody from reading the others, and costs little itself (rule 11)."""

import asyncio
import time
from collections.abc import Sequence

import pytest
from rq import Queue
from rq.serializers import JSONSerializer

from grapevine.domain.budgets import DAY, Quota
from grapevine.domain.errors import TryLater
from grapevine.domain.reactions import Counts
from grapevine.domain.shares import Share
from grapevine.store import keys
from grapevine.store.queue import QUEUE, REFRESH
from tests.workers.stage import Stage, staged
from workers import planning, reactions

_HOUR = 3600.0


async def hour(stage: Stage, now: float) -> None:
    """The schedule's look at the due list, and a worker that does what it put."""
    await planning.plan(stage.store, stage.jobs, stage.offered, now)
    queue = Queue(QUEUE, connection=stage.jobs.redis, serializer=JSONSerializer)
    for job in await asyncio.to_thread(lambda: queue.jobs):
        name, args = job.func_name, job.args
        await asyncio.to_thread(job.delete)
        if name == REFRESH:
            await reactions.refresh(*args, store=stage.store, networks=stage.offered, slack=stage.slack, now=now)


async def due_in(stage: Stage, share: Share, now: float) -> float:
    return (await stage.hints(keys.DUE_REACTIONS))[f"{share.member}:{share.id}:{stage.name}"] - now


class Choosy:
    """The network, but for *bad* posts: a call that names one of them ends in trouble."""

    def __init__(self, stage: Stage, *bad: str) -> None:
        self._network = stage.network.network
        self.bad = set(bad)
        self.calls: list[list[str]] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self._network, name)

    def counts(self, token: str, ids: Sequence[str]) -> object:
        self.calls.append([*ids])
        if self.bad & {*ids}:
            raise TryLater("There is trouble at the moment.")
        return self._network.counts(token, ids)

    def counts_from(self, token: str, ids: Sequence[str], source: str) -> object:
        return self.counts(token, ids)


async def test_a_post_that_answers_500_for_days_starves_none_of_the_others(redis_url: str) -> None:
    async with staged(redis_url, "linkedin") as stage:
        vars(stage.network.network)["quota"] = Quota(per_account=20, calls=3, extra=1)  # six reads a day
        shares = [(await stage.published(f"Number {number}"))[0] for number in range(6)]
        state = vars(stage.network)["state"]
        first = (await stage.status(shares[0])).remote
        state.ailing.add(first)
        state.calls.clear()
        began = time.time()
        for day in range(6):
            for number in range(24):
                await hour(stage, began + day * DAY + number * _HOUR)
            for share in shares[1:]:
                checked = (await stage.reactions(share)).checked
                assert checked is not None
                assert checked > began + (day - 1) * DAY, "each of the others is read daily"
        assert (await stage.reactions(shares[0])).checked is None
        asked = sum("Analytics" in call for call in state.calls)
        assert asked - 5 * 6 * 4 <= 6 + 6, "five tries on the first day, then one or two a day"
        state.ailing.clear()
        for number in range(25):
            await hour(stage, began + 6 * DAY + number * _HOUR)
        assert (await stage.reactions(shares[0])).counts == Counts(0, 0, 0)


async def test_the_failing_post_waits_twice_as_long_each_time_and_a_day_at_the_most(redis_url: str) -> None:
    async with staged(redis_url, "linkedin") as stage:
        share, urn = await stage.published()
        choosy = Choosy(stage, urn)
        stage.offered["linkedin"] = choosy  # type: ignore[assignment]  # passes everything on to the real one
        now, waits = time.time(), []
        for _ in range(7):
            await stage.refresh(share, now=now)
            waits.append(await due_in(stage, share, now))
        assert [round(wait / _HOUR) for wait in waits] == [1, 2, 4, 8, 16, 24, 24]
        choosy.bad.clear()
        await stage.refresh(share, now=now)
        choosy.bad.add(urn)
        await stage.refresh(share, now=now)
        assert await due_in(stage, share, now) == pytest.approx(_HOUR, abs=5), "what is read again begins anew"


async def test_several_failures_in_a_row_are_the_networks_and_the_rest_waits_an_hour(redis_url: str) -> None:
    async with staged(redis_url, "linkedin") as stage:
        published = [await stage.published(f"Number {number}") for number in range(6)]
        choosy = Choosy(stage, *(urn for _, urn in published))
        stage.offered["linkedin"] = choosy  # type: ignore[assignment]  # passes everything on to the real one
        now = time.time()
        await stage.refresh(*(share for share, _ in published), now=now)
        assert len(choosy.calls) == 3
        for share, _ in published:
            assert await due_in(stage, share, now) == pytest.approx(_HOUR, abs=5)
        assert (await stage.reactions(published[5][0])).failed == 0


async def test_a_batch_that_fails_is_halved_hour_by_hour_until_the_bad_post_is_alone(stage: Stage) -> None:
    published = [await stage.published(f"Number {number}") for number in range(9)]
    bad = published[4]
    choosy = Choosy(stage, bad[1])
    choosy.batch_size = 8  # type: ignore[attr-defined]
    stage.offered["x"] = choosy  # type: ignore[assignment]  # passes everything on to the real one
    now = time.time()
    for number in range(5):
        await hour(stage, now + DAY + number * 1.1 * _HOUR)
    for share, _ in published:
        assert ((await stage.reactions(share)).checked is None) is (share == bad[0])
    assert choosy.calls[-1] == [bad[1]]
    assert len(choosy.calls) < 2 * len(published), "by themselves they were 45 in five hours"


async def test_two_posts_that_failed_together_are_read_one_by_one_an_hour_later(stage: Stage) -> None:
    (good, _), (bad, urn) = [await stage.published(f"Number {number}") for number in range(2)]
    choosy = Choosy(stage, urn)
    stage.offered["x"] = choosy  # type: ignore[assignment]  # passes everything on to the real one
    now = time.time()
    await stage.refresh(good, bad, now=now)
    assert [(await stage.reactions(share)).checked for share in (good, bad)] == [None, None]
    await stage.refresh(good, bad, now=now + _HOUR)
    assert [(await stage.reactions(share)).checked is None for share in (good, bad)] == [False, True]
