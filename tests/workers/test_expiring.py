"""Tokens that run out, on LinkedIn: renewed where that is possible, announced where it is not, and never in vain."""

import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from grapevine.domain.accounts import AccountState
from grapevine.domain.budgets import Use
from grapevine.domain.shares import PlacementState
from grapevine.playground.faults import Fault
from grapevine.playground.linkedin_state import LinkedInStandIn
from grapevine.store import keys
from grapevine.store.accounts import due_name
from tests.people import BEA
from tests.workers.stage import Stage, staged
from workers import accounts

DAY = 86400.0
TOKENS = "POST /oauth/v2/accessToken"


@pytest.fixture
async def stage(redis_url: str) -> AsyncIterator[Stage]:
    """Bea on LinkedIn, for 60 days."""
    async with staged(redis_url, "linkedin") as stage:
        yield stage


@pytest.fixture
async def renewable(stage: Stage) -> Stage:
    """The same, with an app that LinkedIn allows to renew."""
    linkedin(stage).refresh_tokens = True
    await reconnects(stage)
    return stage


def linkedin(stage: Stage) -> LinkedInStandIn:
    state: Any = stage.network.state
    assert isinstance(state, LinkedInStandIn)
    return state


async def reconnects(stage: Stage) -> None:
    connected = await stage.network.connect()
    stage.account = replace(stage.account, connected_at=stage.account.connected_at + 1, expires_at=connected.expires_at)
    await stage.store.accounts.connect(stage.bea, stage.account, connected.token)


def ends(stage: Stage) -> float:
    assert stage.account.expires_at is not None
    return stage.account.expires_at


async def look(stage: Stage, now: float) -> None:
    """One run of the job, at a moment that is LinkedIn's too."""
    linkedin(stage).clock = lambda: now
    await accounts.expiring(
        stage.bea.id, stage.account.id, store=stage.store, networks=stage.offered, slack=stage.slack, now=now
    )


async def next_look(stage: Stage) -> float | None:
    return (await stage.hints(keys.DUE_EXPIRIES)).get(due_name(stage.bea.id, stage.account.id))


async def state(stage: Stage) -> AccountState:
    return (await stage.now_account()).state


async def test_the_reminder_has_a_button_that_opens_the_way_to_connect(stage: Stage) -> None:
    await look(stage, ends(stage) - 7 * DAY)
    (message,) = stage.pg.dms(BEA.user)
    (button,) = message["blocks"][-1]["elements"]
    assert (button["action_id"], button["text"]["text"]) == ("home:connect:linkedin", "Connect LinkedIn")


async def test_workers_that_were_off_remind_as_late_as_they_are(stage: Stage) -> None:
    await look(stage, ends(stage) - 3 * DAY)
    assert "runs out in 3 days" in stage.dms()[0]
    assert await next_look(stage) == ends(stage) - DAY
    await look(stage, ends(stage) - 0.5 * DAY)
    assert "runs out tomorrow" in stage.dms()[1]


async def test_workers_that_were_off_until_it_was_over_say_that_and_no_more(stage: Stage) -> None:
    for _ in range(2):
        await look(stage, ends(stage) + 3 * DAY)
    (said,) = stage.dms()
    assert "Your LinkedIn connection no longer works. Clicks are still counted; reactions pause" in said
    assert stage.pg.dms(BEA.user)[0]["blocks"][-1]["elements"][0]["action_id"] == "home:connect:linkedin"
    assert await state(stage) is AccountState.EXPIRED
    assert await stage.store.redis.hget(keys.gathering(stage.bea.id), stage.account.id) == "1"
    assert await next_look(stage) is None


async def test_a_clock_that_jumped_ahead_ends_nothing_and_finds_the_old_dates_when_it_is_right_again(
    stage: Stage,
) -> None:
    for _ in range(2):
        await accounts.expiring(
            stage.bea.id,
            stage.account.id,
            store=stage.store,
            networks=stage.offered,
            slack=stage.slack,
            now=ends(stage) + 300 * DAY,
        )
    assert stage.dms() == []
    assert await state(stage) is AccountState.CONNECTED
    assert await next_look(stage) == ends(stage) - 7 * DAY
    await look(stage, ends(stage) - 7 * DAY)
    assert "runs out in 7 days" in stage.dms()[0]


@pytest.mark.parametrize("fault", ["500", "html", "half_json", "lost_answer", "429"])
async def test_an_outage_at_the_end_is_waited_out_before_anybody_is_told(stage: Stage, fault: str) -> None:
    linkedin(stage).fault = Fault(fault, None, "")
    await look(stage, ends(stage))
    assert stage.dms() == []
    assert await state(stage) is AccountState.CONNECTED
    linkedin(stage).fault = None
    # Redis counts its own time, in which no day has passed: what LinkedIn asked for at the 429 is over.
    await stage.store.redis.delete(keys.pause(Use.READING, stage.name, stage.account.id))
    await stage.store.redis.delete(keys.pause(Use.READING, "linkedin"))
    await look(stage, ends(stage) + DAY)
    assert len(stage.dms()) == 1
    assert await state(stage) is AccountState.EXPIRED


async def test_a_reminder_for_a_former_connection_never_comes(stage: Stage) -> None:
    before = ends(stage)
    linkedin(stage).clock = lambda: before - 2 * DAY
    linkedin(stage).token_life = 60 * DAY
    await stage.store.accounts.connect(
        stage.bea, replace(stage.account, connected_at=before - 2 * DAY, expires_at=before + 58 * DAY), "fresh"
    )
    await stage.store.accounts.expiries.at(due_name(stage.bea.id, stage.account.id), 0)  # a job was under way
    await look(stage, before - DAY)
    assert stage.dms() == []
    assert await next_look(stage) == before + 51 * DAY


async def test_the_same_account_is_reminded_again_of_its_next_connection(stage: Stage) -> None:
    await look(stage, ends(stage) - 7 * DAY)
    linkedin(stage).clock = time.time
    await reconnects(stage)
    await look(stage, ends(stage) - 7 * DAY)
    assert len(stage.dms()) == 2


async def test_while_slack_is_away_a_reminder_waits(stage: Stage) -> None:
    stage.pg.workspace.mishaps["chat.postMessage"] = ["internal_error"]
    now = ends(stage) - 7 * DAY
    await look(stage, now)
    assert stage.dms() == []
    assert await next_look(stage) == now + 3600
    for later in (3600, 7200):
        await look(stage, now + later)
    assert len(stage.dms()) == 1


async def test_a_network_without_its_credentials_for_a_while_is_not_forgotten(stage: Stage) -> None:
    working = stage.offered.pop("linkedin")
    now = ends(stage) - 7 * DAY
    await look(stage, now)
    assert await next_look(stage) == now + 3600
    await accounts.reach(
        stage.bea.id, stage.account.id, store=stage.store, networks=stage.offered, slack=stage.slack, now=now
    )
    assert await stage.hints(keys.DUE_REACH) == {due_name(stage.bea.id, stage.account.id): now + DAY}
    stage.offered["linkedin"] = working
    await look(stage, now + 3600)
    assert len(stage.dms()) == 1


async def test_what_linkedin_renews_runs_out_for_nobody(renewable: Stage) -> None:
    stage = renewable
    before, now = await stage.store.tokens.get(stage.bea.id, stage.account.id), ends(stage) - 7 * DAY
    await look(stage, now)
    assert await stage.store.tokens.get(stage.bea.id, stage.account.id) != before
    assert stage.dms() == []


@pytest.mark.parametrize("fault", ["500", "html", "half_json", "lost_answer", "429", "secret"])
async def test_an_outage_at_the_renewal_troubles_nobody_however_long_it_lasts(renewable: Stage, fault: str) -> None:
    """From before the reminders to after the end; also when only the admin's secret is wrong."""
    stage = renewable
    right = linkedin(stage).client_secret
    if fault == "secret":
        linkedin(stage).client_secret = "another"
    else:
        linkedin(stage).fault = Fault(fault, None, TOKENS)
    for days in (7, 6, 1, 0, -2):
        now = ends(stage) - days * DAY
        await look(stage, now)
        assert await next_look(stage) == now + 3600
    share = await stage.share(now=now)
    assert (await stage.publish(share, now=now)).state is PlacementState.PENDING
    assert await state(stage) is AccountState.CONNECTED
    linkedin(stage).fault, linkedin(stage).client_secret = None, right
    linkedin(stage).clock = time.time  # the token that comes is LinkedIn's to date
    await accounts.expiring(
        stage.bea.id, stage.account.id, store=stage.store, networks=stage.offered, slack=stage.slack, now=now + 3600
    )
    assert stage.dms() == []
    assert await state(stage) is AccountState.CONNECTED


async def test_a_token_that_has_run_out_is_renewed_before_its_next_use(renewable: Stage) -> None:
    stage = renewable
    now = ends(stage) + DAY
    linkedin(stage).clock = lambda: now
    share = await stage.share(now=now)
    assert (await stage.publish(share, now=now)).state is PlacementState.PUBLISHED
    renewed = await stage.now_account()
    assert renewed.expires_at != ends(stage), "its new date is known without asking once more"


async def test_where_linkedin_refuses_to_renew_the_member_is_reminded_after_all(renewable: Stage) -> None:
    stage = renewable
    for token in linkedin(stage).tokens.values():
        token.refresh = "another"
    for days in (7, 1, 0):
        await look(stage, ends(stage) - days * DAY)
    assert [word for said in stage.dms() for word in ("in 7 days", "tomorrow", "no longer works") if word in said] == [
        "in 7 days",
        "tomorrow",
        "no longer works",
    ]


async def test_a_401_that_linkedin_did_not_write_disconnects_nobody(stage: Stage) -> None:
    linkedin(stage).fault = Fault("401", None, "")
    share = await stage.share()
    assert (await stage.publish(share)).state is PlacementState.PENDING
    assert await state(stage) is AccountState.CONNECTED
    linkedin(stage).fault = None
    assert (await stage.publish(share)).state is PlacementState.PUBLISHED
