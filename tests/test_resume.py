"""``grapevine resume``: whoever asked to be left alone is asked again, when the operator says so."""

import asyncio
import time
from pathlib import Path

import pytest

from grapevine import resume
from grapevine.domain.budgets import DAY, Use
from grapevine.domain.errors import GrapevineError
from grapevine.domain.reactions import Counts
from grapevine.domain.shares import PlacementState
from grapevine.settings import SettingsError
from grapevine.store import keys
from tests.test_cli import grapevine
from tests.workers.stage import Stage, staged
from workers import planning

HOUR = 3600.0


async def resumed(stage: Stage, network: str = "") -> int:
    return await resume.run(network, stage.env)


async def test_what_a_pause_put_off_is_done_at_once(redis_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    async with staged(redis_url, "x") as stage:
        share, _ = await stage.published()
        await stage.store.reactions.take(stage.bea.id, share.id, "x", Counts(1, 0, 0), time.time() - DAY - HOUR)
        await stage.store.pauses.network("x", DAY)
        await stage.store.pauses.network("x", DAY, Use.POSTING)
        await stage.store.reactions.later(await stage.store.reactions.live(), time.time() - 1)
        await planning.plan(stage.store, stage.jobs, stage.offered, time.time())
        waiting = await stage.share("Once more")
        assert (await stage.publish(waiting)).state is PlacementState.PENDING
        assert await resumed(stage, "x") == 0
        assert capsys.readouterr().out == "X is asked again: 1 post and 1 check that had been put off are due now.\n"
        assert await stage.store.pauses.left(stage.account.id, *Use) == 0
        assert await planning.plan(stage.store, stage.jobs, stage.offered, time.time()) == 1
        assert {*await stage.store.publishing.due(time.time())} == {(stage.bea.id, waiting.id, "x")}
        assert (await stage.publish(waiting)).state is PlacementState.PUBLISHED


async def test_what_is_not_late_keeps_its_hour(redis_url: str) -> None:
    async with staged(redis_url, "x") as stage:
        share, _ = await stage.published()
        await stage.store.reactions.take(stage.bea.id, share.id, "x", Counts(1, 0, 0), time.time())
        planned = await stage.hints(keys.DUE_REACTIONS)
        await stage.store.pauses.network("x", 60)
        assert await resumed(stage) == 0
        assert await stage.hints(keys.DUE_REACTIONS) == planned


async def test_where_nobody_asked_to_wait_it_says_so(redis_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    async with staged(redis_url, "x") as stage:
        await stage.published()
        planned = await stage.hints(keys.DUE_REACTIONS)
        assert await resumed(stage) == 0
        assert await resumed(stage, "X") == 0
        said = capsys.readouterr().out.splitlines()
        assert said == ["No network has asked Grapevine to wait.", "X has not asked Grapevine to wait."]
        assert await stage.hints(keys.DUE_REACTIONS) == planned
        with pytest.raises(SettingsError, match="no network “myspace” here: X"):
            await resumed(stage, "myspace")


async def test_the_command_says_where_nothing_runs_and_when_redis_does_not_answer(tmp_path: Path) -> None:
    nowhere = await asyncio.to_thread(lambda: grapevine("resume", cwd=tmp_path))
    assert (nowhere.returncode, nowhere.stdout) == (2, "")
    assert "Nothing runs here" in nowhere.stderr
    with pytest.raises(GrapevineError, match="Redis does not answer"):
        await resume.run("", {"REDIS_URL": "redis://127.0.0.1:9/0"})
