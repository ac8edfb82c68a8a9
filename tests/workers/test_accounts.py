"""Reach once a week, and tokens that run out (rules 5, 18, 22)."""

import time
from dataclasses import replace

import pytest

from grapevine.domain.accounts import AccountState
from grapevine.domain.errors import Reconnect
from grapevine.domain.shares import PlacementState
from grapevine.playground.faults import Fault
from grapevine.store import keys
from grapevine.store.accounts import due_name
from tests.workers.stage import Stage, staged
from workers import accounts

DAY = 86400.0


async def reach(stage: Stage, now: float) -> None:
    await accounts.reach(
        stage.bea.id, stage.account.id, store=stage.store, networks=stage.offered, slack=stage.slack, now=now
    )


async def expiring(stage: Stage, now: float) -> None:
    await accounts.expiring(
        stage.bea.id, stage.account.id, store=stage.store, networks=stage.offered, slack=stage.slack, now=now
    )


def hint(stage: Stage) -> str:
    return due_name(stage.bea.id, stage.account.id)


async def test_reach_picture_and_name_are_read_once_a_week(everywhere: Stage) -> None:
    stage, now = everywhere, time.time()
    await stage.store.accounts.change(stage.bea.id, stage.account.id, name="Somebody", reach=None)
    assert await stage.store.accounts.reach.now(now) == [hint(stage)]
    await reach(stage, now)
    account = await stage.now_account()
    assert account.name == stage.account.name
    assert account.reach is not None
    assert account.reach > 0
    assert account.reach_at == now
    assert await stage.hints(keys.DUE_REACH) == {hint(stage): now + 7 * DAY}


async def test_while_the_network_is_away_reach_is_read_the_next_day(stage: Stage) -> None:
    now = time.time()
    stage.offered["x"] = stage.network.unreachable
    await reach(stage, now)
    assert await stage.hints(keys.DUE_REACH) == {hint(stage): now + DAY}


async def test_a_disconnected_account_is_left_alone(stage: Stage) -> None:
    await stage.store.accounts.disconnect(stage.bea, stage.account.id)
    await stage.store.accounts.reach.at(hint(stage), 0)
    await reach(stage, time.time())
    assert await stage.hints(keys.DUE_REACH) == {}


async def test_the_schedule_puts_each_account_on_the_queue_once(stage: Stage) -> None:
    now = time.time()
    await accounts.plan(stage.store, stage.jobs, now)
    await accounts.plan(stage.store, stage.jobs, now)
    assert await stage.jobs.waiting() == 1


async def test_a_member_is_warned_7_days_and_1_day_before_a_token_runs_out_once_each(stage: Stage) -> None:
    now = time.time()
    ends = now + 60 * DAY
    await stage.store.accounts.connect(stage.bea, replace(stage.account, expires_at=ends), await token(stage))
    assert await stage.hints(keys.DUE_EXPIRIES) == {hint(stage): ends - 7 * DAY}
    for days in (7, 7, 4.4, 1.2):
        await expiring(stage, ends - days * DAY)
    assert len(stage.dms()) == 1
    assert "runs out in 7 days" in stage.dms()[0]
    assert "/grapevine connect x" in stage.dms()[0]
    assert await stage.hints(keys.DUE_EXPIRIES) == {hint(stage): ends - DAY}
    for days in (1, 1, 0.1):
        await expiring(stage, ends - days * DAY)
    assert "runs out tomorrow" in stage.dms()[1]
    stage.network.break_("revoked", "")
    await expiring(stage, ends)
    assert len(stage.dms()) == 3
    assert "may no longer act" in stage.dms()[2]
    assert (await stage.now_account()).state is AccountState.DISCONNECTED
    assert await stage.hints(keys.DUE_EXPIRIES) == {}


async def test_a_token_that_the_network_renews_runs_out_for_nobody(stage: Stage) -> None:
    now = time.time()
    await stage.store.accounts.change(stage.bea.id, stage.account.id, expires_at=now + DAY)

    class Renewing:
        def __getattr__(self, name: str) -> object:
            return getattr(stage.network.network, name)

        def refresh(self, token: str) -> tuple[str, float]:
            return f"{token}2", now + 60 * DAY

    stage.offered["x"] = Renewing()  # type: ignore[assignment]  # passes everything else on to the real one
    before = await token(stage)
    await expiring(stage, now)
    assert await token(stage) == f"{before}2"
    assert (await stage.now_account()).expires_at == now + 60 * DAY
    assert stage.dms() == []
    assert await stage.hints(keys.DUE_EXPIRIES) == {hint(stage): pytest.approx(now + 53 * DAY)}


async def token(stage: Stage) -> str:
    kept = await stage.store.tokens.get(stage.bea.id, stage.account.id)
    assert kept is not None
    return kept


async def test_the_end_of_a_former_token_does_not_end_the_connection_made_since(stage: Stage) -> None:
    before = stage.account
    await stage.store.accounts.connect(stage.bea, replace(before, connected_at=before.connected_at + 60), "fresh")
    error = Reconnect("X no longer accepts this connection.", revoked=True)
    network = stage.offered[before.network]
    await accounts.lost(stage.bea, before, network, error, store=stage.store, slack=stage.slack)
    account = await stage.now_account()
    assert account.state is AccountState.CONNECTED
    assert await stage.store.tokens.get(stage.bea.id, account.id) == "fresh"
    await accounts.lost(stage.bea, account, network, error, store=stage.store, slack=stage.slack)
    assert (await stage.now_account()).state is not AccountState.CONNECTED


async def test_a_fresh_token_that_is_called_revoked_costs_no_connection(redis_url: str) -> None:
    async with staged(redis_url, "linkedin") as stage:
        state = vars(stage.network)["state"]
        now, share = time.time(), await stage.share()
        state.fault = Fault("revoked")
        assert (await stage.publish(share)).state is PlacementState.PENDING
        await reach(stage, now)
        assert await stage.hints(keys.DUE_REACH) == {hint(stage): now + 300}, "its reach is looked at again soon"
        stage.network.mend()
        assert (await stage.publish(share)).state is PlacementState.PUBLISHED
        state.fault = Fault("revoked", None, "GET /rest/")
        await stage.refresh(share)
        assert (await stage.now_account()).state is AccountState.CONNECTED
        assert await token(stage)


async def test_a_reach_that_is_denied_says_what_to_do_and_comes_back_by_itself(redis_url: str) -> None:
    async with staged(redis_url, "linkedin") as stage:
        state, now = vars(stage.network)["state"], time.time()
        state.forbidden |= {"connections", "memberFollowersCount"}
        await reach(stage, now)
        account = await stage.now_account()
        assert (account.reach, account.can_reach) == (None, False)
        assert "Ask the person who runs Grapevine" in account.reach_reason
        assert await stage.hints(keys.DUE_REACH) == {hint(stage): now + 7 * DAY}
        state.forbidden.clear()
        await reach(stage, now + 7 * DAY)
        account = await stage.now_account()
        assert (account.reach, account.can_reach, account.reach_reason) == (880, True, "")
