"""Reading reactions from the stand-in networks (rules 10 to 15)."""

import asyncio
import time

import pytest

from grapevine.domain.accounts import AccountState
from grapevine.domain.budgets import Use
from grapevine.domain.reactions import Counts
from grapevine.domain.shares import Share
from grapevine.standing import standing
from grapevine.store import keys
from tests.waiting import eventually
from tests.workers.stage import Stage, staged
from workers import metrics, planning


async def until_over(stage: Stage, share: Share) -> None:
    async def over() -> bool:
        return not await stage.store.redis.exists(keys.window(share.member, share.id, stage.name))

    await eventually(over)


async def test_likes_comments_and_reshares_are_read_and_a_new_one_extends_the_window(everywhere: Stage) -> None:
    stage = everywhere
    share, post = await stage.published()
    stage.network.state.react(post, likes=3, comments=2, reshares=1)
    later = int(time.time()) + 5 * 86400.0
    await stage.refresh(share, now=later)
    known = await stage.reactions(share)
    assert known.counts == Counts(3, 2, 1)
    assert known.checked == pytest.approx(later, abs=5)
    assert known.ends == pytest.approx(later + 14 * 86400, abs=5)


async def test_a_post_that_is_gone_says_so_and_never_zero(stage: Stage) -> None:
    share, post = await stage.published()
    stage.network.state.react(post, likes=3)
    await stage.refresh(share)
    stage.network.remove(post)
    await stage.refresh(share)
    known = await stage.reactions(share)
    assert (known.counts, known.reason) == (Counts(3, 0, 0), "The post is gone from X.")


async def test_one_call_reads_a_whole_batch(stage: Stage) -> None:
    shares = [(await stage.published(f"Number {number}"))[0] for number in range(3)]
    stage.network.state.react(None, likes=1)
    calls = 0
    counts = stage.network.network.counts

    class Counting:
        def __getattr__(self, name: str) -> object:
            return getattr(stage.network.network, name)

        def counts(self, token: str, ids: list[str]) -> object:
            nonlocal calls
            calls += 1
            return counts(token, ids)

    stage.offered["x"] = Counting()  # type: ignore[assignment]  # passes everything on to the real one
    await stage.refresh(*shares)
    assert calls == 1
    assert all([(await stage.reactions(share)).checked for share in shares])


async def test_a_network_that_asks_to_wait_is_left_alone_by_all_workers(everywhere: Stage) -> None:
    stage = everywhere
    share, post = await stage.published()
    stage.network.state.react(post, likes=1)
    stage.network.break_("429", stage.network.read)
    now = time.time()
    await stage.refresh(share, now=now)
    stage.network.mend()
    await stage.refresh(share, now=now)
    assert (await stage.reactions(share)).counts is None
    pause = await stage.store.pauses.left(stage.account.id)
    assert pause > 0
    hint = (await stage.hints(keys.DUE_REACTIONS))[f"{share.member}:{share.id}:{stage.name}"]
    assert hint >= now + pause - 1
    await stage.store.redis.delete(
        keys.pause(Use.READING, stage.name, stage.account.id), keys.pause(Use.READING, stage.name)
    )
    await stage.refresh(share, now=now)
    assert (await stage.reactions(share)).counts == Counts(1, 0, 0)


async def test_in_a_pause_a_network_is_asked_nothing_not_even_to_renew_a_token(everywhere: Stage) -> None:
    stage = everywhere
    share, _ = await stage.published()
    await stage.store.pauses.account(stage.account.id, 600, time.time())
    later = time.time() + 3 * 3600
    stage.network.wire.mend()
    await stage.refresh(share, now=later)
    assert stage.network.wire.calls == []
    assert (await stage.reactions(share)).checked is None
    hint = (await stage.hints(keys.DUE_REACTIONS))[f"{share.member}:{share.id}:{stage.name}"]
    assert later + 590 < hint <= later + 605


async def test_an_outage_is_tried_again_within_the_hour(everywhere: Stage) -> None:
    stage = everywhere
    share, _ = await stage.published()
    working = stage.offered[stage.name]
    stage.offered[stage.name] = stage.network.unreachable
    now = time.time()
    await stage.refresh(share, now=now)
    hint = (await stage.hints(keys.DUE_REACTIONS))[f"{share.member}:{share.id}:{stage.name}"]
    assert now < hint <= now + 3605
    stage.offered[stage.name] = working
    await stage.refresh(share, now=now + 3600)
    assert (await stage.reactions(share)).counts == Counts(0, 0, 0)


async def test_revoking_at_the_network_stops_clicks_and_reactions_and_is_told_once(
    everywhere: Stage,
) -> None:
    stage = everywhere
    share, _ = await stage.published()
    other, _ = await stage.published("Another")
    stage.network.break_("revoked", "")
    later = time.time() + 3 * 3600  # Bluesky ends a session at once, and its access token after two hours
    await stage.refresh(share, now=later)
    await stage.refresh(other, now=later)
    account = await stage.now_account()
    assert account.state is AccountState.DISCONNECTED
    assert await stage.store.redis.hget(keys.gathering(stage.bea.id), account.id) == "0"
    told = [text for text in stage.dms() if "may no longer act" in text]
    assert len(told) == 1
    assert f"/grapevine connect {stage.name}" in told[0]


async def test_a_token_that_ran_out_pauses_reactions_and_clicks_go_on(stage: Stage) -> None:
    share, post = await stage.published()
    stage.network.state.react(post, likes=1)
    await stage.store.accounts.change(stage.bea.id, stage.account.id, state=AccountState.EXPIRED)
    await stage.refresh(share)
    known = await stage.reactions(share)
    assert (known.counts, known.closed) == (None, None)
    assert await stage.store.redis.hget(keys.gathering(stage.bea.id), stage.account.id) == "1"
    await stage.store.accounts.change(stage.bea.id, stage.account.id, state=AccountState.CONNECTED)
    await stage.refresh(share)
    assert (await stage.reactions(share)).counts == Counts(1, 0, 0)


async def test_while_disconnected_the_window_runs_on_and_closes(redis_url: str) -> None:
    async with staged(redis_url, window=0.8, interval=0.2) as stage:
        share, post = await stage.published()
        stage.network.state.react(post, likes=1)
        await stage.store.accounts.disconnect(stage.bea, stage.account.id)
        await stage.refresh(share)
        assert (await stage.reactions(share)).closed is None
        await until_over(stage, share)
        await stage.refresh(share)
        known = await stage.reactions(share)
        assert (known.counts, known.closed is not None) == (None, True)
        assert await stage.hints(keys.DUE_REACTIONS) == {}


async def test_reconnecting_in_time_resumes_the_gathering(stage: Stage) -> None:
    share, post = await stage.published()
    stage.network.state.react(post, likes=1)
    await stage.store.accounts.disconnect(stage.bea, stage.account.id)
    await stage.refresh(share)
    again = await stage.network.connect()
    await stage.store.accounts.connect(stage.bea, stage.account, again.token)
    await stage.refresh(share)
    assert (await stage.reactions(share)).counts == Counts(1, 0, 0)


async def test_after_an_outage_over_the_windows_end_one_closing_read_is_made_and_frozen(redis_url: str) -> None:
    async with staged(redis_url, window=0.8, interval=0.2) as stage:
        share, post = await stage.published()
        stage.network.state.react(post, likes=4)
        working = stage.offered["x"]
        stage.offered["x"] = stage.network.unreachable
        await until_over(stage, share)
        await stage.refresh(share)
        assert (await stage.reactions(share)).closed is None
        stage.offered["x"] = working
        await stage.refresh(share)
        known = await stage.reactions(share)
        assert (known.counts, known.closed is not None) == (Counts(4, 0, 0), True)
        stage.network.state.react(post, likes=4)
        await stage.refresh(share)
        assert await stage.reactions(share) == known
        assert await stage.hints(keys.DUE_REACTIONS) == {}


async def test_a_share_without_any_reaction_is_read_to_the_end_of_its_window_and_closed(redis_url: str) -> None:
    async with staged(redis_url, window=1.0, interval=0.25) as stage:
        share, _ = await stage.published()
        reads = set()
        async with asyncio.timeout(10):
            while (known := await stage.reactions(share)).closed is None:
                if await stage.store.reactions.due(time.time()):
                    await stage.refresh(share)
                reads.add(known.checked)
                await asyncio.sleep(0.01)
        assert len(reads - {None}) >= 3
        assert known.checked is not None
        assert known.ends is not None
        assert known.checked >= known.ends - 0.1  # once more in its last hours


async def test_planning_groups_by_account_in_the_networks_batches_and_plans_nothing_twice(stage: Stage) -> None:
    now = time.time()
    for member in ("aaaaaaaa", "bbbbbbbb"):
        for number in range(150):
            await stage.store.redis.set(keys.share(member, f"s{number:05}"), "{}")
            await stage.store.reactions.open(member, f"s{number:05}", "x", now)
    assert await planning.plan(stage.store, stage.jobs, stage.offered, now + 86400) == 4
    assert await planning.plan(stage.store, stage.jobs, stage.offered, now + 86400) == 0
    assert await stage.jobs.waiting() == 4
    assert await stage.store.reactions.due(now + 86400) == []
    assert len(await stage.store.reactions.due(now + 86400 + 3600)) == 300  # should the jobs be lost
    assert await planning.plan(stage.store, stage.jobs, stage.offered, now + 86400 + 3600) == 0
    assert await stage.jobs.waiting() == 4, "a batch that still waits on the queue is there once"


async def test_status_and_metrics_count_what_was_really_read(everywhere: Stage) -> None:
    stage = everywhere
    now = time.time()

    async def counted() -> tuple[int, int, str]:
        known = await standing(stage.store, stage.jobs, stage.offered, now)
        said = "".join(metrics.lines(known))
        reads = [line for line in said.splitlines() if f'placements_read_total{{network="{stage.name}"}}' in line]
        return known.read_today.get(stage.name, 0), known.read_ever.get(stage.name, 0), "".join(reads)

    shares = [(await stage.published(f"Number {number}"))[0] for number in range(3)]
    stage.network.break_("500", "")
    await stage.refresh(*shares, now=now)
    assert await counted() == (0, 0, ""), "nothing came of it"
    stage.network.mend()
    await stage.refresh(*shares[:2], now=now)
    assert (await counted())[:2] == (2, 2)
    await stage.refresh(*shares, now=now + 60)
    today, ever, said = await counted()
    assert (today, ever) == (5, 5)
    assert said.endswith(" 5")
