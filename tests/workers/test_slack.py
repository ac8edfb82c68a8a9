"""What Slack's answers mean for a message: sent, perhaps sent, not sent, nobody there to read it."""

import time
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from grapevine.domain.errors import NotFound, Refused, TryLater
from grapevine.domain.members import Pace, Preferences
from grapevine.settings import WorkerSettings, load
from grapevine.store import keys
from tests.people import BEA
from tests.workers.stage import Stage
from workers import digests
from workers.slack import Slack, link, section


async def page(_: web.Request) -> web.Response:
    return web.Response(status=502, text="<html>Bad gateway</html>", content_type="text/html")


async def nothing(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


@pytest.fixture
async def broken() -> AsyncIterator[str]:
    app = web.Application()
    app.add_routes([web.post("/page/chat.postMessage", page), web.post("/nothing/chat.postMessage", nothing)])
    async with TestServer(app) as server:
        yield f"http://127.0.0.1:{server.port}"


def slack_at(stage: Stage, url: str) -> Slack:
    return Slack(load(WorkerSettings, {**stage.env, "SLACK_API_URL": url}), stage.store)


@pytest.mark.parametrize("path", ["page", "nothing"])
async def test_a_message_that_may_have_arrived_is_uncertain(stage: Stage, broken: str, path: str) -> None:
    with pytest.raises(TryLater) as raised:
        await slack_at(stage, f"{broken}/{path}/").tell(stage.bea, "Hello")
    assert raised.value.uncertain


async def test_a_message_that_cannot_have_arrived_is_not(stage: Stage) -> None:
    with pytest.raises(TryLater) as raised:
        await slack_at(stage, "http://127.0.0.1:9/").tell(stage.bea, "Hello")
    assert not raised.value.uncertain


async def test_slack_is_waited_for_as_long_as_it_asks(stage: Stage) -> None:
    stage.pg.workspace.mishaps["chat.postMessage"] = [1]
    began = time.monotonic()
    await stage.slack.tell(stage.bea, "Hello")
    assert time.monotonic() - began >= 1
    assert stage.dms() == ["Hello"]


async def test_a_message_is_changed_where_it_stands(stage: Stage) -> None:
    where = await stage.slack.tell(stage.bea, "Hello")
    assert await stage.slack.change(stage.bea, *where, "Good morning", [section("Good morning")])
    assert stage.dms() == ["Good morning"]


@pytest.mark.parametrize("why", ["message_not_found", "cant_update_message", "channel_not_found", "edit_window_closed"])
async def test_a_message_that_cannot_be_changed_any_more_is_gone(stage: Stage, why: str) -> None:
    where = await stage.slack.tell(stage.bea, "Hello")
    stage.pg.fail("chat.update", why)
    assert not await stage.slack.change(stage.bea, *where, "Good morning", [section("Good morning")])


async def test_a_change_that_slack_does_not_make_is_tried_again_or_refused(stage: Stage) -> None:
    where = await stage.slack.tell(stage.bea, "Hello")
    stage.pg.fail("chat.update", "ratelimited")
    with pytest.raises(TryLater):
        await stage.slack.change(stage.bea, *where, "Good morning", [section("Good morning")])
    with pytest.raises(Refused, match="msg_too_long"):
        await stage.slack.change(stage.bea, *where, "Good morning" * 400, [])
    with pytest.raises(TryLater):
        await slack_at(stage, "http://127.0.0.1:9/").change(stage.bea, *where, "Good morning", [])
    assert stage.dms() == ["Hello"]


async def test_no_worker_stands_still_until_a_message_may_be_changed(stage: Stage) -> None:
    where = await stage.slack.tell(stage.bea, "Hello")
    stage.pg.fail("chat.update", 47)
    with pytest.raises(TryLater) as raised:
        await stage.slack.change(stage.bea, *where, "Good morning", [section("Good morning")])
    assert (raised.value.after, raised.value.uncertain) == (47.0, False)


async def test_whoever_is_deactivated_has_left(stage: Stage) -> None:
    stage.pg.workspace.users[BEA.user].deleted = True
    with pytest.raises(NotFound):
        await stage.slack.tell(stage.bea, "Hello")


async def test_a_workspace_without_an_installation_is_refused(stage: Stage) -> None:
    settings = load(WorkerSettings, {name: one for name, one in stage.env.items() if name != "SLACK_BOT_TOKEN"})
    with pytest.raises(Refused, match="not installed"):
        await Slack(settings, stage.store).tell(stage.bea, "Hello")


async def test_a_workspace_that_installed_the_app_is_spoken_to_with_its_own_token(stage: Stage) -> None:
    settings = load(WorkerSettings, {name: one for name, one in stage.env.items() if name != "SLACK_BOT_TOKEN"})
    await stage.store.installations.save("", BEA.team, {"bot_token": stage.pg.bot_token})
    await Slack(settings, stage.store).tell(stage.bea, "Hello")
    assert stage.dms() == ["Hello"]


async def test_news_that_may_have_arrived_are_not_told_twice(stage: Stage, broken: str) -> None:
    await stage.store.members.prefer(stage.bea.id, Preferences(Pace.SOON, 0, 0))
    share, now = await stage.share(), time.time()
    await stage.store.redis.hincrby(keys.news(stage.bea.id), share.id, 2)
    for slack, when in ((slack_at(stage, f"{broken}/nothing/"), now), (stage.slack, now + 1000)):
        await digests.tell(
            stage.bea.id,
            store=stage.store,
            networks=stage.offered,
            slack=slack,
            settings=stage.settings,
            now=when,
        )
    assert stage.dms() == []
    assert await stage.store.redis.hgetall(keys.news(stage.bea.id)) == {}


def test_a_link_cannot_break_out_of_its_markup() -> None:
    assert link("https://example.com/a", "A <b> & c") == "<https://example.com/a|A &lt;b&gt; &amp; c>"
    assert link("https://example.com/a|<!channel>", "A") == "A"
