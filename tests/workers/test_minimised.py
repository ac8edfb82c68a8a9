"""Rule 18 in the store: of answers full of other people's names and words, nothing is kept and nothing is told."""

import time
from typing import Any

import pytest

from grapevine.domain.reactions import Counts
from tests.networks.stuffing import STUFFED, marks_in, spoilt_and_stuffed
from tests.networks.test_contract_answers import calls_of
from tests.store.full import everything
from tests.workers.stage import Stage
from workers import accounts


async def held(stage: Stage) -> list[str]:
    """What of the stuffing is in the store, or was said in Slack."""
    return marks_in(await everything(stage.store), *stage.dms())


async def test_a_published_and_counted_post_leaves_numbers_only(everywhere: Stage) -> None:
    stage = everywhere
    stage.network.wire.spoil(STUFFED)
    share, post = await stage.published()
    stage.network.state.react(post, likes=3, comments=2, reshares=1)
    await stage.refresh(share)
    assert (await stage.reactions(share)).counts == Counts(3, 2, 1)
    given: dict[str, Any] = {"store": stage.store, "networks": stage.offered, "slack": stage.slack}
    await accounts.reach(stage.bea.id, stage.account.id, **given, now=time.time())
    assert (await stage.now_account()).name == stage.network.called
    assert len(await everything(stage.store)) > 5
    assert await held(stage) == []


async def test_reads_that_fail_leave_a_reason_and_nothing_of_the_answer(
    everywhere: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage = everywhere
    share, post = await stage.published()
    token = await stage.store.tokens.get(stage.bea.id, stage.account.id)
    assert token is not None
    vars(stage.network.network)["quota"] = None  # a development app's would be used up long before
    now, ends = time.time(), set()
    for at, said in enumerate(await calls_of(stage.network, stage.network.network.counts, token, [post])):
        for fault in spoilt_and_stuffed(said):
            stage.network.wire.spoil(fault, at)
            await stage.refresh(share, now=now)
            assert stage.network.wire.calls, "it was asked, and is asked again for the next fault"
            ends.add(left := f"{await stage.reactions(share)} {caplog.text}")
            caplog.clear()
            assert marks_in(left) == []
        assert await held(stage) == [], "what was kept elsewhere than as the reason"
    assert len(ends) > 1
