"""What the bot tells machines about itself."""

import asyncio
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from grapevine import doctor
from grapevine.finding import Finding
from grapevine.store import Store
from grapevine.store.embedded import EmbeddedServer
from tests.bot.stage import Stage, staged
from tests.waiting import eventually


async def asked(stage: Stage) -> tuple[int, dict[str, Any]]:
    async with ClientSession() as session, session.get(f"{stage.url}/healthz") as answer:
        return answer.status, await answer.json()


async def test_it_says_that_all_is_well_and_which_grapevine_it_is(stage: Stage, store: Store) -> None:
    instance = await store.identity.id()
    assert instance
    assert await asked(stage) == (200, {"status": "ok", "instance": instance, "program": "bot"})


async def test_the_doctor_sees_that_base_url_leads_to_it(stage: Stage, redis_url: str, tmp_path: Path) -> None:
    given = {
        "GRAPEVINE_DATA": str(tmp_path),
        "REDIS_URL": redis_url,
        "SLACK_BOT_TOKEN": stage.pg.bot_token,
        "SLACK_SIGNING_SECRET": stage.pg.signing_secret,
        "SLACK_API_URL": stage.pg.slack_api_url,
        "BASE_URL": stage.url,
        "BOT_PORT": stage.url.rpartition(":")[2],
        "SHORTENER_PORT": "9",
        "BLUESKY": "off",  # its addresses are on the open internet
    }
    said = [finding async for finding in doctor.examine(given)]
    assert Finding(True, f"BASE_URL {stage.url} leads back here") in said


async def test_while_redis_is_away_it_says_so_and_still_who_it_is(tmp_path: Path) -> None:
    server = await asyncio.to_thread(EmbeddedServer.start, tmp_path)
    store = Store.open(server.url)
    try:
        async with staged(store, server.url, {}) as stage:
            instance = await store.identity.id()
            assert (await asked(stage))[0] == 200
            await asyncio.to_thread(server.stop)
            reason = "Redis cannot be used."
            answer = {"status": "degraded", "instance": instance, "program": "bot", "reason": reason}
            assert await asked(stage) == (503, answer)
    finally:
        await store.close()
        await asyncio.to_thread(server.stop)


async def test_which_grapevine_it_is_stays_empty_until_redis_has_told(redis_url: str) -> None:
    store = Store.open("redis://127.0.0.1:1/0")
    async with staged(store, redis_url, {}) as stage:
        status, answer = await asked(stage)
    await store.close()
    assert (status, answer["instance"]) == (503, "")


async def test_a_socket_to_slack_that_is_closed_is_the_reason(store: Store, redis_url: str) -> None:
    async with staged(store, redis_url, {}, "socket") as stage:
        assert (await asked(stage))[0] == 200
        stage.pg.fail("apps.connections.open", *["internal_error"] * 99)  # it would be open again at once
        await stage.pg.sockets.close()

        async def told() -> bool:
            status, answer = await asked(stage)
            return (status, answer.get("reason")) == (503, "The socket to Slack is closed.")

        await eventually(told)
