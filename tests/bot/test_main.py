"""``python -m bot`` as a process, and what it says when it cannot start."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from aiohttp import ClientError, ClientSession
from cryptography.fernet import Fernet

from bot.__main__ import locations
from bot.running import Bot
from grapevine.playground.app import Playground
from grapevine.settings import BotSettings, SettingsError, load
from grapevine.store import Store
from grapevine.store.embedded import EmbeddedServer
from tests.bot.stage import staged
from tests.processes import ROOT

SLACK = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s"}


def settings(**given: str) -> BotSettings:
    return load(BotSettings, {**SLACK, **given})


def test_a_redis_of_ones_own_wants_keys_of_ones_own() -> None:
    with pytest.raises(SettingsError, match=r"^ENCRYPTION_KEYS: set it beside REDIS_URL"):
        locations(settings(REDIS_URL="redis://127.0.0.1:6379/0"))
    keys = f"{Fernet.generate_key().decode()} {Fernet.generate_key().decode()}"
    url, queue, found = locations(settings(REDIS_URL="redis://a/0", QUEUE_URL="redis://b/0", ENCRYPTION_KEYS=keys))
    assert (url, queue, " ".join(found)) == ("redis://a/0", "redis://b/0", keys)


def test_a_broken_key_is_named_without_being_shown() -> None:
    with pytest.raises(SettingsError, match=r"^ENCRYPTION_KEYS: ") as caught:
        locations(settings(REDIS_URL="redis://a/0", ENCRYPTION_KEYS="not-a-key"))
    assert "not-a-key" not in str(caught.value)


def test_without_redis_it_joins_the_running_server_of_the_data_folder(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"^REDIS_URL: set it, or start `grapevine up`"):
        locations(settings(GRAPEVINE_DATA=str(tmp_path)))
    server = EmbeddedServer.start(tmp_path)
    try:
        url, queue, keys = locations(settings(GRAPEVINE_DATA=str(tmp_path)))
        assert url == queue == server.url
        assert locations(settings(GRAPEVINE_DATA=str(tmp_path)))[2] == keys
        Fernet(keys[0])
    finally:
        server.stop()


def environment(**given: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    return {**kept, **given, "PYTHONUNBUFFERED": "1"}


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_it_serves_until_sigterm_and_ends_with_0(redis_url: str, transport: str) -> None:
    async with Playground() as pg:
        own = {"socket": {"SLACK_APP_TOKEN": pg.app_token}, "http": {"SLACK_SIGNING_SECRET": pg.signing_secret}}
        given = environment(
            SLACK_BOT_TOKEN=pg.bot_token, SLACK_API_URL=pg.slack_api_url, REDIS_URL=redis_url, BOT_PORT="0",
            ENCRYPTION_KEYS=Fernet.generate_key().decode(), HTTPS_PROXY="http://127.0.0.1:1", **own[transport],
        )  # fmt: skip
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", cwd=ROOT, env=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        try:
            assert process.stdout is not None
            async with asyncio.timeout(30):
                while b"Serving" not in (line := await process.stdout.readline()):
                    assert line, "it ended"
                address = line.decode().split(" on ")[1].strip()
                async with ClientSession() as session:
                    while True:
                        async with session.get(f"{address}/healthz") as answer:
                            if answer.status == 200:
                                break
                        await asyncio.sleep(0.05)
                process.send_signal(signal.SIGTERM)
                rest = await process.stdout.read()
                assert await process.wait() == 0, rest
                assert b"Traceback" not in rest
                with pytest.raises(ClientError):
                    async with ClientSession() as session:
                        await session.get(f"{address}/healthz")
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


async def test_a_token_that_slack_does_not_accept_ends_it_with_a_sentence(redis_url: str) -> None:
    async with Playground() as pg:
        given = environment(
            SLACK_BOT_TOKEN="xoxb-mistyped", SLACK_SIGNING_SECRET="s", SLACK_API_URL=pg.slack_api_url,
            REDIS_URL=redis_url, BOT_PORT="0", ENCRYPTION_KEYS=Fernet.generate_key().decode(),
        )  # fmt: skip
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", cwd=ROOT, env=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        said, _ = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 1
    assert "SLACK_BOT_TOKEN is not accepted by Slack (invalid_auth)." in said.decode()
    assert "Traceback" not in said.decode()
    assert "mistyped" not in said.decode()


async def test_a_port_that_is_taken_is_named(store: Store, redis_url: str) -> None:
    async with staged(store, redis_url, {}) as stage:
        port = int(stage.url.rpartition(":")[2])
        other = Bot(stage.settings.model_copy(update={"bot_port": port}), store, stage.jobs, {})
        try:
            with pytest.raises(SettingsError, match=rf"^BOT_PORT: the bot cannot listen on 127.0.0.1:{port}"):
                await other.__aenter__()
        finally:
            await other.__aexit__(None, None, None)
