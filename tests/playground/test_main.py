"""The playground as a program: it says where it is, listens for this machine only, and stops when asked."""

import asyncio
import signal
import socket
import sys
from pathlib import Path

import aiohttp

from grapevine.playground.__main__ import playground, settings
from grapevine.playground.config import PlaygroundConfig
from tests.serving import serving


async def test_it_starts_says_so_and_stops_on_sigterm() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "grapevine.playground", "--port", str(port)]
    program = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        assert program.stdout
        async with asyncio.timeout(20):
            assert await program.stdout.readline() == f"The playground is at http://127.0.0.1:{port}\n".encode()
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
            async with session.get("/ui/bootstrap") as response:
                said = await response.json()
            stream = await session.get("/ui/events", params={"user": "U0BEA00001"})
            program.send_signal(signal.SIGTERM)
            async with asyncio.timeout(5):
                _, errors = await program.communicate()
            stream.close()
    finally:
        if program.returncode is None:
            program.kill()
            await program.wait()
    assert [each["name"] for each in said["networks"]] == ["linkedin", "x", "bluesky", "facebook"]
    assert errors == b""
    assert program.returncode == 0


def test_its_arguments_are_the_demos() -> None:
    config = settings(
        [
            "--port",
            "81",
            "--events-url",
            "http://e/",
            "--short-url",
            "http://s",
            "--transport",
            "http",
            "--refuse-charts",
        ]
    )

    assert (config.port, config.events_url, config.short_url) == (81, "http://e/", "http://s")
    assert (config.transport, config.refuse_charts) == ("http", True)
    assert "chat:write" in config.manifest.scopes
    assert "/grapevine" in [each.command for each in config.manifest.commands]


async def test_the_networks_are_where_the_settings_say() -> None:
    statuses = {}
    async with serving(playground(PlaygroundConfig(port=0))) as url, aiohttp.ClientSession(url) as session:
        for path in ("/linkedin/", "/x/", "/linkedin-api/v2/userinfo", "/x/2/users/me"):
            async with session.get(path) as response:
                statuses[path] = response.status
    assert statuses == {"/linkedin/": 200, "/x/": 200, "/linkedin-api/v2/userinfo": 401, "/x/2/users/me": 401}


async def test_mastodon_has_a_port_of_its_own_and_outlasts_a_restart(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    config = PlaygroundConfig(port=0, mastodon_port=port, data=tmp_path / "memory")
    usual = {"client_name": "Grapevine", "redirect_uris": "http://127.0.0.1:3000/back", "scopes": "profile"}
    for registers in (True, False):
        async with serving(playground(config)) as url, aiohttp.ClientSession() as session:
            async with session.get(f"{url}/ui/bootstrap") as response:
                networks = {each["name"]: each["url"] for each in (await response.json())["networks"]}
            if registers:
                async with session.post(f"http://127.0.0.1:{port}/api/v1/apps", data=usual) as response:
                    app = (await response.json())["client_id"]
            query = {"client_id": app, "redirect_uri": usual["redirect_uris"], "response_type": "code"}
            query["scope"] = "profile"
            async with session.get(f"http://127.0.0.1:{port}/oauth/authorize", params=query) as response:
                assert "Sign in as Bea Lindqvist" in await response.text()
        assert networks["mastodon"] == f"http://127.0.0.1:{port}/"
