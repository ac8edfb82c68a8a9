"""A network that refuses the company's app: no member can mend that, so whoever runs Grapevine is told."""

import json
import time

import aiohttp
import pytest

from grapevine import status
from grapevine.domain.accounts import AccountState
from grapevine.domain.shares import PlacementState
from tests.workers.stage import Stage, staged
from workers import metrics

MEND = "X does not accept X_API_KEY and X_API_SECRET, or this machine's clock is wrong by minutes."


async def refused(stage: Stage) -> None:
    """X refuses the app's keys, as it does when the clock of this machine is wrong."""
    state = vars(stage.network)["state"]
    state.clock = lambda: time.time() + 3600


async def told(stage: Stage, capsys: pytest.CaptureFixture[str]) -> list[str]:
    await status.run(stage.env, as_json=True)
    return [trouble for trouble in json.loads(capsys.readouterr().out)["troubles"] if trouble.startswith("X")]


async def test_the_operator_reads_what_to_mend_until_it_is(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    share, _ = await stage.published()
    assert await told(stage, capsys) == []
    await refused(stage)
    await stage.refresh(share)
    assert (await stage.now_account()).state is AccountState.CONNECTED
    assert await told(stage, capsys) == [f"{MEND} Until then it may take no posts and tell no numbers."]
    vars(stage.network)["state"].clock = time.time
    await stage.refresh(share)
    assert await told(stage, capsys) == []


async def test_a_post_that_waits_for_it_tells_too(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    await refused(stage)
    assert (await stage.publish(await stage.share())).state is PlacementState.PENDING
    assert len(await told(stage, capsys)) == 1


@pytest.mark.parametrize(("fault", "mend"), [("402", "X's credits are used up"), ("403", "X does not let the app do")])
async def test_credits_that_are_used_up_and_rights_that_are_missing_are_the_operators_too(
    stage: Stage, fault: str, mend: str, capsys: pytest.CaptureFixture[str]
) -> None:
    share, _ = await stage.published()
    stage.network.break_(fault, stage.network.read)
    await stage.refresh(share)
    assert (await told(stage, capsys))[0].startswith(mend)
    stage.network.mend()
    await stage.refresh(share)
    assert await told(stage, capsys) == []
    stage.network.break_(fault, stage.network.create)
    assert (await stage.publish(await stage.share("Once more"))).state is PlacementState.REFUSED
    assert (await told(stage, capsys))[0].startswith(mend)


async def test_an_outage_is_not_the_apps_fault_and_mends_nothing(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    share, _ = await stage.published()
    stage.network.break_("500", stage.network.read)
    await stage.refresh(share)
    assert await told(stage, capsys) == []
    await stage.store.troubles.note("x", MEND)
    await stage.refresh(share)
    assert len(await told(stage, capsys)) == 1


async def test_facebook_refuses_its_app_in_the_same_way(redis_url: str) -> None:
    async with staged(redis_url, "facebook") as stage:
        share, _ = await stage.published()
        stage.network.break_("proof", "")
        await stage.refresh(share)
        assert "FACEBOOK_APP_SECRET" in (await stage.store.troubles.known(["x", "facebook"]))["facebook"]


async def test_prometheus_reads_it(stage: Stage) -> None:
    await stage.store.troubles.note("x", MEND)
    async with (
        metrics.served(stage.store, stage.jobs, stage.offered, "127.0.0.1", 0) as address,
        aiohttp.ClientSession() as session,
        session.get(f"{address}/metrics") as answer,
    ):
        assert 'grapevine_worker_app_refused{network="x"} 1' in (await answer.text()).splitlines()
