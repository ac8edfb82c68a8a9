"""The app as a whole: both transports, redeliveries, guests, and whatever goes wrong."""

import asyncio
import json
import threading
import time
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientSession

from grapevine.playground.config import PlaygroundConfig, Transport
from grapevine.playground.delivery import Answer, Kind
from grapevine.store import Store
from tests.bot.dance import begin
from tests.bot.stage import Browser, Stage, staged, text_of
from tests.fakes import Birdsong
from tests.people import ADA, BEA, CY, TEAM


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_commands_home_buttons_and_forms_work_over_either_transport(
    store: Store, redis_url: str, transport: Transport
) -> None:
    async with staged(store, redis_url, {"birdsong": Birdsong()}, transport) as stage:
        assert "/grapevine share" in await stage.types(BEA, "help")
        assert await stage.pg.open_home(BEA.user)
        home = await stage.pg.until(lambda: stage.pg.home(BEA.user))
        assert text_of(home)
        await stage.pg.command(BEA.user, "/grapevine", "settings")
        view = await stage.pg.until(lambda: stage.pg.modal(BEA.user))
        assert (await stage.pg.submit(BEA.user, view["id"], {"pace": "daily"})).ok
        member = await stage.member(BEA)
        await stage.eventually(
            lambda: stage.store.members.get(member.id), lambda one: one and one.preferences.pace == "daily"
        )


async def test_whoever_comes_first_joins_with_their_time_zone_and_locale(stage: Stage) -> None:
    await stage.types(BEA, "help")
    member = await stage.member(BEA)
    assert (member.tz, member.locale) == ("Europe/Stockholm", "sv-SE")
    assert len(member.id) == 8


async def test_slack_is_asked_who_somebody_is_once_in_five_minutes(stage: Stage) -> None:
    for _ in range(3):
        await stage.types(BEA, "help")
    assert [method for method, _ in stage.pg.workspace.calls].count("users.info") == 1


async def test_a_newcomer_whom_slack_does_not_name_is_asked_to_try_again(stage: Stage) -> None:
    stage.pg.fail("users.info", "internal_error")
    assert "try again in a minute" in await stage.types(BEA, "help")
    assert await stage.store.members.of(TEAM, BEA.user) is None
    assert "/grapevine share" in await stage.types(BEA, "help")


async def test_guests_are_refused_with_a_sentence_wherever_they_come_in(stage: Stage) -> None:
    stage.pg.workspace.users[CY.user].is_restricted = True
    assert "guests do not take part" in await stage.types(CY, "connect")
    await stage.pg.open_home(CY.user)
    assert "guests do not take part" in text_of(await stage.pg.until(lambda: stage.pg.home(CY.user)))
    await stage.pg.shortcut(CY.user, "share")
    assert "guests do not take part" in text_of(await stage.pg.until(lambda: stage.pg.modal(CY.user)))
    assert await stage.store.members.of(TEAM, CY.user) is None


async def test_guests_take_part_where_a_setting_says_so(store: Store, redis_url: str) -> None:
    async with staged(store, redis_url, {}, guests_take_part=True) as stage:
        stage.pg.workspace.users[CY.user].is_restricted = True
        assert "/grapevine share" in await stage.types(CY, "help")


async def test_a_command_that_slack_delivers_twice_is_taken_once(stage: Stage) -> None:
    sent: list[dict[str, Any]] = []
    deliver = stage.pg.delivery.deliver

    async def noted(kind: Kind, payload: dict[str, Any], retry: tuple[int, str] | None = None) -> Answer:
        sent.append(payload)
        return await deliver(kind, payload, retry)

    stage.pg.delivery.deliver = noted  # type: ignore[method-assign]  # to have the very same request again
    await stage.types(BEA, "help")
    again = await deliver("slash_commands", sent[0], (1, "http_timeout"))
    assert again.error is None
    await stage.types(BEA, "connect")
    assert len(stage.pg.ephemerals(BEA.user)) == 2


async def test_requests_without_slacks_signature_are_refused(stage: Stage) -> None:
    body = json.dumps({"type": "event_callback", "team_id": TEAM, "event": {"type": "app_uninstalled"}})
    headers = {"Content-Type": "application/json"}
    async with ClientSession() as session:
        for extra in ({}, stage.pg.delivery.signed(body, time.time() - 360), stage.pg.delivery.signed(body + " ")):
            async with session.post(f"{stage.url}/slack/events", data=body, headers=headers | extra) as answer:
                assert answer.status == 401


async def test_beside_socket_mode_nobody_is_listened_to_over_http(store: Store, redis_url: str) -> None:
    async with (
        staged(store, redis_url, {}, "socket") as stage,
        ClientSession() as session,
        session.post(f"{stage.url}/slack/events", json={}) as answer,
    ):
        assert answer.status == 404


async def test_an_unexpected_error_is_a_sentence_with_a_number_and_no_timeout(
    stage: Stage, birdsong: Birdsong, caplog: pytest.LogCaptureFixture
) -> None:
    birdsong.title = None  # type: ignore[assignment]  # whatever a listener may trip over
    began = time.monotonic()
    said = await stage.types(BEA, "connect")
    assert time.monotonic() - began < 2
    number = said.split("the number ")[1][:6]
    assert number in caplog.text


async def test_an_error_in_a_form_is_said_in_the_form(stage: Stage) -> None:
    await stage.types(ADA, "help")
    await stage.pg.command(ADA.user, "/grapevine", "settings")
    view = await stage.pg.until(lambda: stage.pg.modal(ADA.user))
    await stage.pg.click(ADA.user, view, "settings:open_workspace")
    view = await stage.pg.until(lambda: _other(stage, ADA.user, view["id"]))
    stage.pg.workspace.users[ADA.user].is_admin = stage.pg.workspace.users[ADA.user].is_owner = False
    stage.bot.slack.people.forget(TEAM, ADA.user)
    await stage.pg.submit(ADA.user, view["id"], {"points": "5"})
    assert "Only the workspace's owners and admins" in text_of(stage.pg.modal(ADA.user))
    assert (await stage.store.workspaces.settings(TEAM)).rates[-1].points == 1


def _other(stage: Stage, user: str, before: str) -> dict[str, Any] | None:
    view = stage.pg.modal(user)
    return view if view and view["id"] != before else None


async def test_a_store_that_is_away_is_a_sentence_to_the_person(redis_url: str) -> None:
    store = Store.open("redis://127.0.0.1:1/0")
    async with staged(store, redis_url, {}) as stage:
        assert "Something went wrong on Grapevine's side" in await stage.types(BEA, "help")
    await store.close()


async def test_the_apps_removal_from_its_one_workspace_is_noted(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    assert await stage.pg.event({"type": "app_uninstalled"})
    await stage.pg.until(lambda: "set SLACK_BOT_TOKEN to the new token" in caplog.text)


async def test_at_the_end_what_is_at_hand_is_finished(stage: Stage, browser: Browser, birdsong: Birdsong) -> None:
    await browser.get(await begin(stage, browser))
    asked = await stage.types_for(BEA, "disconnect birdsong")
    birdsong.holds = threading.Event()
    await stage.pg.click(BEA.user, asked, "disconnect:birdsong")
    ending = asyncio.create_task(stage.bot.__aexit__(None, None, None))
    await stage.eventually(lambda: _takes_calls(stage), lambda open_: not open_)
    assert not ending.done()
    birdsong.holds.set()
    await ending
    assert "Birdsong confirmed" in text_of(stage.pg.ephemerals(BEA.user))


async def _takes_calls(stage: Stage) -> bool:
    door = urlsplit(stage.url)
    try:
        _, writer = await asyncio.open_connection(door.hostname, door.port)
    except OSError:
        return False
    writer.close()
    return True


async def test_a_departure_that_the_store_could_not_take_is_delivered_again(redis_url: str) -> None:
    store = Store.open("redis://127.0.0.1:1/0")
    config = PlaygroundConfig(retry_delays=(0.0, 0.0, 0.0))
    async with staged(store, redis_url, {}, config=config) as stage:
        assert not await stage.pg.leave(BEA.user)
    await store.close()
