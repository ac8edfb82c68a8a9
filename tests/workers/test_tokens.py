"""Bluesky's tokens in the workers' hands: renewed before their use, kept before anything else, never lost."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

from grapevine.domain.accounts import AccountState
from grapevine.domain.errors import Reconnect, TryLater
from grapevine.domain.reactions import Counts
from grapevine.domain.shares import PlacementState
from grapevine.networks.bluesky_token import unpack
from grapevine.playground.bluesky_state import BlueskyStandIn
from grapevine.playground.faults import Fault
from tests.store.servers import free_ports
from tests.store.servers import server as server_at
from tests.workers.stage import Stage, staged
from workers import accounts
from workers.tokens import fresh

HOURS = 3 * 3600.0


@pytest.fixture
async def stage(redis_url: str) -> AsyncIterator[Stage]:
    async with staged(redis_url, "bluesky") as stage:
        yield stage


def server(stage: Stage) -> BlueskyStandIn:
    state: Any = stage.network.state
    assert isinstance(state, BlueskyStandIn)
    return state


async def kept(stage: Stage) -> str:
    token = await stage.store.tokens.get(stage.bea.id, stage.account.id)
    assert token is not None
    return token


async def renewed(stage: Stage, token: str, later: float = HOURS, *, at_once: bool = False) -> str | None:
    now = time.time() + later
    return await fresh(stage.store, stage.network.network, stage.bea.id, stage.account.id, token, now, at_once=at_once)


async def test_a_token_that_is_good_stays(stage: Stage) -> None:
    token = await kept(stage)
    assert await renewed(stage, token, 0.0) == token
    assert len(server(stage).sessions) == 1


async def test_a_stale_token_is_renewed_and_kept(stage: Stage) -> None:
    token = await kept(stage)
    new = await renewed(stage, token)
    assert new not in (token, None)
    assert await kept(stage) == new


async def test_jobs_at_the_same_time_renew_once(stage: Stage) -> None:
    token = await kept(stage)
    found = await asyncio.gather(*(renewed(stage, token) for _ in range(5)))
    assert set(found) == {await kept(stage)}
    assert len(server(stage).sessions) == 2, "the first and its one successor"


async def test_a_store_that_is_away_for_a_second_costs_no_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A permission given by OAuth is renewed once: what came of it must not be lost with the store's connection."""
    (port,) = free_ports(1)
    first, second = (server_at(tmp_path, port, "--appendonly", "yes", "--appendfsync", "always") for _ in range(2))
    first.__enter__()
    with ExitStack() as after:
        async with staged(f"redis://127.0.0.1:{port}/0", "bluesky by OAuth") as stage:
            token, network = await kept(stage), stage.network.network
            refresh = network.refresh
            back = Timer(1.0, lambda: after.enter_context(second))

            def away_meanwhile(old: str) -> Any:
                answer = refresh(old)
                first.__exit__(None, None, None)
                back.start()
                return answer

            monkeypatch.setattr(network, "refresh", away_meanwhile)
            new = await renewed(stage, token)
            back.join()
            monkeypatch.undo()
            assert new not in (token, None)
            assert await kept(stage) == new
            assert await renewed(stage, str(new), at_once=True) not in (new, None), "it is good for a renewal"


async def test_keeping_the_same_twice_is_keeping_it(stage: Stage) -> None:
    token = await kept(stage)
    for _ in range(2):
        assert await stage.store.tokens.keep(stage.bea.id, stage.account.id, "newer", before=token)
    assert not await stage.store.tokens.keep(stage.bea.id, stage.account.id, "newest", before=token)


async def test_what_comes_for_an_account_that_was_disconnected_meanwhile_is_ended(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, network = await kept(stage), stage.network.network
    refresh = network.refresh
    loop = asyncio.get_running_loop()

    def disconnected_meanwhile(old: str) -> Any:
        answer = refresh(old)
        ending = stage.store.accounts.disconnect(stage.bea, stage.account.id)
        asyncio.run_coroutine_threadsafe(ending, loop).result(5)
        return answer

    monkeypatch.setattr(network, "refresh", disconnected_meanwhile)  # a moment that no test can hit otherwise
    assert await renewed(stage, token) is None
    assert await stage.store.tokens.get(stage.bea.id, stage.account.id) is None
    (first,) = server(stage).sessions.values()
    assert first.next, "its successor is ended; the first one is the disconnecting program's to end"


async def test_a_post_months_later_goes_out_and_the_next_token_is_kept(stage: Stage) -> None:
    token = await kept(stage)
    share = await stage.share()
    server(stage).clock = lambda: time.time() + 80 * 86400
    status = await stage.publish(share, now=time.time() + 80 * 86400)
    assert status.state is PlacementState.PUBLISHED
    assert await kept(stage) != token


async def test_a_token_that_ends_before_its_time_is_renewed_in_the_middle(stage: Stage) -> None:
    token = await kept(stage)
    share = await stage.share()
    server(stage).fault = Fault("expired", 1, "createRecord")
    assert (await stage.publish(share)).state is PlacementState.PUBLISHED
    assert await kept(stage) != token
    assert len(stage.posts()) == 1


async def test_an_outage_at_the_renewal_leaves_the_post_waiting_and_the_connection_alone(stage: Stage) -> None:
    share = await stage.share()
    later = time.time() + HOURS
    server(stage).fault = Fault("lost_answer", 1, "refreshSession")
    waiting = await stage.publish(share, now=later)
    assert waiting.state is PlacementState.PENDING
    assert (await stage.now_account()).state is AccountState.CONNECTED
    assert (await stage.publish(share, now=later + 60)).state is PlacementState.PUBLISHED


async def test_an_app_password_that_was_deleted_ends_the_connection_and_says_how_to_come_back(stage: Stage) -> None:
    share = await stage.share()
    server(stage).drop_app_password(stage.account.uid, "Grapevine")
    status = await stage.publish(share, now=time.time() + HOURS)
    assert status.state is PlacementState.REFUSED
    assert "may no longer act" in status.reason
    assert status.reconnect
    assert (await stage.now_account()).state is AccountState.DISCONNECTED


async def test_the_weekly_look_and_the_daily_numbers_keep_the_session_alive(stage: Stage) -> None:
    share, post = await stage.published()
    stage.network.state.react(post, likes=2)
    tokens = {await kept(stage)}
    for day in (1, 2):
        server(stage).clock = lambda day=day: time.time() + day * 86400  # type: ignore[misc]
        await stage.refresh(share, now=time.time() + day * 86400)
        tokens.add(await kept(stage))
    assert len(tokens) == 3
    assert (await stage.reactions(share)).counts == Counts(2, 0, 0)
    await accounts.reach(
        stage.bea.id,
        stage.account.id,
        store=stage.store,
        networks=stage.offered,
        slack=stage.slack,
        now=time.time() + 9 * 86400,
    )
    assert await kept(stage) not in tokens
    assert (await stage.now_account()).reach == 388


async def test_no_token_is_renewed_that_the_network_no_longer_knows(stage: Stage) -> None:
    token = await kept(stage)
    server(stage).sessions.clear()
    with pytest.raises(Reconnect):
        await renewed(stage, token)
    assert await kept(stage) == token
    assert unpack(token).did == stage.account.uid


async def test_another_job_that_renews_for_long_is_not_waited_for_without_end(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.tokens._PATIENCE", 0.3)
    token = await kept(stage)
    async with stage.store.leases.holding(f"renew:{stage.bea.id}:{stage.account.id}", 5):
        with pytest.raises(TryLater, match="is being renewed"):
            await renewed(stage, token)


async def test_a_connection_made_during_a_renewal_keeps_its_own_token_and_date(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, network = await kept(stage), stage.network.network
    refresh = network.refresh
    loop = asyncio.get_running_loop()
    anew = await stage.network.connect()
    later = replace(stage.account, connected_at=stage.account.connected_at + 1, expires_at=7.0)

    def connected_meanwhile(old: str) -> Any:
        answer = refresh(old)
        connecting = stage.store.accounts.connect(stage.bea, later, anew.token)
        asyncio.run_coroutine_threadsafe(connecting, loop).result(5)
        return answer

    monkeypatch.setattr(network, "refresh", connected_meanwhile)  # a moment that no test can hit otherwise
    assert await renewed(stage, token) == anew.token
    assert await kept(stage) == anew.token
    assert (await stage.now_account()).expires_at == 7.0
    monkeypatch.undo()
    assert await renewed(stage, anew.token) not in (None, anew.token), "and it is alive"


async def test_the_schedule_and_a_job_renew_a_rotating_token_once(stage: Stage) -> None:
    """Bluesky's refresh tokens are good for one use."""
    token, now = await kept(stage), time.time()
    await stage.store.accounts.change(stage.bea.id, stage.account.id, expires_at=now + 86400)
    tools = {"store": stage.store, "networks": stage.offered, "slack": stage.slack, "now": now}
    looks = [accounts.expiring(stage.bea.id, stage.account.id, **tools) for _ in range(3)]  # type: ignore[arg-type]
    *_, used = await asyncio.gather(*looks, renewed(stage, token, at_once=True))
    sessions = server(stage).sessions
    assert used in {await kept(stage), token} - {token}
    assert len(sessions) - 1 == len({one.next for one in sessions.values() if one.next}), "no pair was thrown away"
    assert stage.dms() == []


async def test_a_job_that_dies_before_it_keeps_what_it_was_given_loses_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await kept(stage)

    async def dies(*_: Any, **__: Any) -> bool:
        raise asyncio.CancelledError

    monkeypatch.setattr(stage.store.tokens, "keep", dies)
    with pytest.raises(asyncio.CancelledError):
        await renewed(stage, token)
    monkeypatch.undo()
    assert await kept(stage) == token
    assert await renewed(stage, token) not in (None, token)


@pytest.mark.parametrize("mode", ["500", "503", "401", "429", "html", "half_json", "lost_answer"])
async def test_no_outage_at_the_renewal_asks_anybody_to_reconnect(stage: Stage, mode: str) -> None:
    token = await kept(stage)
    share = await stage.share()
    later = time.time() + HOURS
    server(stage).fault = Fault(mode, None, "refreshSession")
    for minutes in (0, 1, 60):
        assert (await stage.publish(share, now=later + minutes * 60)).state is PlacementState.PENDING
    with pytest.raises(TryLater):
        await renewed(stage, token)
    assert (await stage.now_account()).state is AccountState.CONNECTED
    assert stage.dms() == []
    server(stage).fault = None
    assert (await stage.publish(share, now=later + 7200)).state is PlacementState.PUBLISHED
