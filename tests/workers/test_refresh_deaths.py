"""Workers that are killed with kill -9 while they read: each placement is read once, and no budget is exceeded."""

import asyncio
import os
import signal
import time
from collections import Counter

from grapevine.domain.budgets import DAY, span
from grapevine.domain.shares import Share
from grapevine.playground.faults import Fault
from grapevine.store import keys
from tests.processes import alive
from tests.waiting import eventually
from tests.workers.crew import children, workers
from tests.workers.stage import Stage, staged
from workers import planning

_SHARES = 12


def asked(stage: Stage) -> Counter[str]:
    """How often LinkedIn was asked, by what was asked for."""
    return Counter(call for call in vars(stage.network)["state"].calls if "Analytics" in call)


async def checked(stage: Stage, shares: list[Share]) -> dict[str, float]:
    """Share → when it was read, of those that were."""
    known = {share.id: (await stage.reactions(share)).checked for share in shares}
    return {sid: at for sid, at in known.items() if at is not None}


async def test_a_worker_that_is_killed_in_the_middle_leaves_the_rest_to_the_next_one(redis_url: str) -> None:
    async with staged(redis_url, "linkedin") as stage:
        state = vars(stage.network)["state"]
        shares = [(await stage.published(f"Number {number}"))[0] for number in range(_SHARES)]
        began = time.time()
        await stage.store.reactions.later(await stage.store.reactions.live(), began - 1)
        state.calls.clear()
        state.fault = Fault("slow", None, "GET /rest/", 0.05)
        async with workers(stage) as process:

            async def midway() -> bool:
                return 3 <= len(await checked(stage, shares)) < _SHARES

            await eventually(midway, within=30)
            crew = children(process.pid)
            for pid in crew:
                os.kill(pid, signal.SIGKILL)
            first = await checked(stage, shares)
            assert len(first) < _SHARES
            await eventually(lambda: _gone(crew), within=5)
            # planning looks again an hour later at what it gave out: that hour passes now
            hints = await stage.hints(keys.DUE_REACTIONS)
            lost = [name.split(":", 2) for name, at in hints.items() if began < at <= began + 3700]
            lost = [one for one in lost if one[1] not in first]
            assert lost
            await stage.store.reactions.later([(one[0], one[1], one[2]) for one in lost], time.time() - 1)
            await planning.plan(stage.store, stage.jobs, stage.offered, time.time())

            async def all_read() -> bool:
                return len(await checked(stage, shares)) == _SHARES

            await eventually(all_read, within=60)
        again = await checked(stage, shares)
        assert again.items() >= first.items()  # who was read before the death was not read again
        calls = sum(asked(stage).values())
        used = await stage.store.budgets.used("linkedin", span(began, DAY))
        assert calls <= used <= 450
        assert 3 * _SHARES <= calls <= 4 * _SHARES + 4  # at the most one placement was under way


async def _gone(crew: list[int]) -> bool:
    return not any(alive(pid) for pid in crew)


async def test_a_placement_that_two_jobs_have_is_read_once(redis_url: str) -> None:
    async with staged(redis_url, "linkedin") as stage:
        shares = [(await stage.published(f"Number {number}"))[0] for number in range(3)]
        now = time.time()
        vars(stage.network)["state"].calls.clear()
        await stage.refresh(*shares[:2], now=now, planned=now)
        await stage.refresh(*shares, now=now + 1, planned=now)
        assert sum(asked(stage).values()) == 9
        await asyncio.gather(*(stage.refresh(*shares, now=now + 2, planned=now) for _ in range(3)))
        assert sum(asked(stage).values()) == 9
