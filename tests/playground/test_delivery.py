"""How the stand-in reaches the app: signatures, retries, sockets that come and go."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.signature import SignatureVerifier
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.web.async_client import AsyncWebClient

from grapevine.playground.app import Playground
from tests.people import BEA
from tests.playground.bolt import QUICK, on_stage
from tests.serving import serving

HOME_OPENED = {"type": "app_home_opened", "user": BEA.user, "tab": "home"}


@asynccontextmanager
async def listening(answer: Callable[[web.Request], Awaitable[web.Response]]) -> AsyncIterator[Playground]:
    """The playground over HTTP, and an app of one handler."""
    app = web.Application()
    app.router.add_post("/slack/events", answer)
    async with (
        serving(app) as url,
        Playground(replace(QUICK, transport="http", events_url=f"{url}/slack/events")) as pg,
    ):
        yield pg


async def test_requests_are_signed_as_slack_signs_them() -> None:
    verdicts: list[bool] = []

    async def answer(request: web.Request) -> web.Response:
        body = await request.text()
        verifier = SignatureVerifier(signing_secret=QUICK.signing_secret)
        verdicts.append(verifier.is_valid_request(body, dict(request.headers)))
        stranger = SignatureVerifier(signing_secret="another")
        verdicts.append(stranger.is_valid_request(body, dict(request.headers)))
        return web.Response()

    async with listening(answer) as pg:
        await pg.event(HOME_OPENED)
        await pg.command(BEA.user, "/grapevine", "a & b")

    assert verdicts == [True, False, True, False]


async def test_an_event_is_repeated_three_times_with_its_number() -> None:
    retries: list[tuple[str | None, str | None]] = []
    ids: set[str] = set()

    async def answer(request: web.Request) -> web.Response:
        retries.append((request.headers.get("X-Slack-Retry-Num"), request.headers.get("X-Slack-Retry-Reason")))
        ids.add((await request.json())["event_id"])
        return web.Response(status=500)

    async with listening(answer) as pg:
        assert not await pg.event(HOME_OPENED)

    assert retries == [(None, None), ("1", "http_error"), ("2", "http_error"), ("3", "http_error")]
    assert len(ids) == 1


async def test_an_app_can_ask_for_no_repetition() -> None:
    count = 0

    async def answer(request: web.Request) -> web.Response:
        nonlocal count
        count += 1
        return web.Response(status=500, headers={"X-Slack-No-Retry": "1"})

    async with listening(answer) as pg:
        assert not await pg.event(HOME_OPENED)

    assert count == 1


async def test_an_event_that_is_not_subscribed_is_not_sent() -> None:
    async def answer(request: web.Request) -> web.Response:
        raise AssertionError

    async with listening(answer) as pg:
        assert not await pg.event({"type": "team_join"})


async def test_a_refused_command_shows_dispatch_failed() -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=404)

    async with listening(answer) as pg:
        outcome = await pg.command(BEA.user, "/grapevine")

    assert outcome.error == "/grapevine failed with the error “dispatch_failed”"


async def test_an_app_that_is_not_there_shows_dispatch_failed() -> None:
    for transport in ("socket", "http"):
        config = replace(QUICK, transport=transport, events_url="http://127.0.0.1:9/slack/events")
        async with Playground(config) as pg:
            assert not await pg.delivery.reachable()
            assert "dispatch_failed" in ((await pg.command(BEA.user, "/grapevine")).error or "")


async def test_the_challenge_is_answered_by_bolt() -> None:
    async with on_stage(replace(QUICK, transport="http")) as stage:
        assert await stage.pg.delivery.challenge()
        assert await stage.pg.delivery.reachable()


async def test_a_socket_comes_again_when_slack_asks_it_to() -> None:
    async with on_stage(QUICK) as stage:
        calls = stage.pg.workspace.calls

        await stage.pg.sockets.refresh()

        await stage.pg.until(lambda: [name for name, _ in calls].count("apps.connections.open") == 2)
        await stage.pg.until(lambda: stage.pg.sockets.connected)

        @stage.app.command("/grapevine")
        async def command(ack: Callable[[str], Awaitable[None]]) -> None:
            await ack("still here")

        assert (await stage.pg.command(BEA.user, "/grapevine")).ok


async def test_a_socket_needs_a_ticket_which_serves_once() -> None:
    async with Playground(QUICK) as pg, aiohttp.ClientSession() as session:
        answer = await AsyncWebClient(base_url=pg.slack_api_url).apps_connections_open(app_token=pg.app_token)
        async with session.ws_connect(answer["url"]) as first:
            assert (await first.receive_json())["type"] == "hello"
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await session.ws_connect(answer["url"])


async def test_an_eleventh_connection_is_sent_away() -> None:
    async with Playground(QUICK) as pg, aiohttp.ClientSession() as session:
        sockets = [await session.ws_connect(pg.sockets.open_url()) for _ in range(11)]
        said = [await socket.receive_json() for socket in sockets]
        for socket in sockets:
            await socket.close()

    assert [each["type"] for each in said] == ["hello"] * 10 + ["disconnect"]
    assert said[10]["reason"] == "too_many_websockets"


async def test_a_repeated_event_carries_its_number_over_the_socket() -> None:
    numbers: list[int | None] = []
    async with Playground(replace(QUICK, answer_within=0.2)) as pg:
        client = SocketModeClient(
            app_token=pg.app_token, web_client=AsyncWebClient(base_url=pg.slack_api_url, token=pg.app_token)
        )

        async def listener(_: object, request: object) -> None:
            numbers.append(getattr(request, "retry_attempt", None))

        client.socket_mode_request_listeners.append(listener)
        await client.connect_to_new_endpoint(force=True)
        await pg.until(lambda: pg.sockets.connected)
        assert not await pg.event(HOME_OPENED)
        client.auto_reconnect_enabled = False
        await client.close()  # type: ignore[no-untyped-call]  # the SDK's own

    assert numbers == [0, 1, 2, 3]
