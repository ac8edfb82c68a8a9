"""How far the day's refresh is, where some of what was planned is not to be read: nobody takes that for trouble."""

import json
import time

import pytest

from grapevine import status
from grapevine.domain.accounts import AccountState
from grapevine.store import keys
from tests.workers.stage import Stage
from workers import planning


async def planned(stage: Stage) -> float:
    """All that is gathered is planned, now."""
    now = time.time()
    await stage.store.reactions.later(await stage.store.reactions.live(), now - 1)
    await planning.plan(stage.store, stage.jobs, stage.offered, now)
    return now


async def told(stage: Stage, capsys: pytest.CaptureFixture[str]) -> tuple[str, dict[str, dict[str, int]]]:
    """The line that a person reads of the day, and what a program does."""
    await status.run(stage.env)
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    await status.run(stage.env, as_json=True)
    return next(line for line in lines if line.startswith("Read today")), json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("state", [AccountState.DISCONNECTED, AccountState.EXPIRED])
async def test_what_rests_with_its_account_is_said_apart(
    stage: Stage, state: AccountState, capsys: pytest.CaptureFixture[str]
) -> None:
    shares = [(await stage.published(f"Number {number}"))[0] for number in range(3)]
    now = await planned(stage)
    await stage.store.accounts.change(stage.bea.id, stage.account.id, state=state)
    await stage.refresh(*shares, now=now + 1, planned=now)
    line, found = await told(stage, capsys)
    assert line == "Read today X 0 of 0, and 3 rest with their accounts, which are not connected"
    assert (found["planned_today"], found["resting_today"]) == ({"x": 3}, {"x": 3})


async def test_a_revocation_that_the_read_itself_meets_rests_what_it_was_to_read(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    share, _ = await stage.published()
    now = await planned(stage)
    stage.network.break_("revoked", "")
    await stage.refresh(share, now=now + 1, planned=now)
    assert (await told(stage, capsys))[0].startswith("Read today X 0 of 0, and 1 rests with its account")


async def test_what_turned_out_to_be_over_is_not_counted(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    share, _ = await stage.published()
    other, _ = await stage.published("Another")
    now = await planned(stage)
    await stage.store.redis.delete(keys.reactions(stage.bea.id, share.id))
    await stage.refresh(share, other, now=now + 1, planned=now)
    assert (await told(stage, capsys))[0] == "Read today X 1 of 1"
