"""The program's memory outlasts its end, also a kill: Slack, the networks, and what was connected."""

import asyncio
import json
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from grapevine.domain.posts import Post, PostKind
from grapevine.domain.reactions import Counts
from grapevine.networks.base import Draft, Network
from grapevine.networks.linkedin import LinkedIn
from grapevine.networks.x import X
from grapevine.playground.config import PlaygroundConfig
from grapevine.playground.linkedin_state import LinkedInStandIn
from grapevine.playground.x_state import XStandIn
from tests.networks import linkedin_stand_in, x_stand_in
from tests.people import BEA, CY
from tests.processes import ROOT
from tests.waiting import eventually

CALLBACKS = {name: f"http://127.0.0.1:3000/oauth/{name}/callback" for name in ("linkedin", "x")}
OFFICE = Draft("Our new office", Post(PostKind.IMAGE, "https://example.com/a.png", alt_text="A room"), None)
PIXEL = (b"\x89PNG\r\n\x1a\n" + bytes(64), "image/png")


@asynccontextmanager
async def playground(folder: Path, port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """The program, ready."""
    command = [sys.executable, "-m", "grapevine.playground", "--port", str(port), "--data", str(folder)]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        async with asyncio.timeout(20):
            assert await process.stdout.readline() == f"The playground is at http://127.0.0.1:{port}\n".encode()
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def networks(url: str) -> dict[str, linkedin_stand_in.Stage | x_stand_in.Stage]:
    """Our clients, and people before the stand-ins' pages."""
    on_linkedin, on_x = LinkedInStandIn(), XStandIn()
    client = LinkedIn(
        on_linkedin.client_id, on_linkedin.client_secret, "202610", linkedin_stand_in.COMMUNITY,
        f"{url}/linkedin", f"{url}/linkedin-api",
    )  # fmt: skip
    x = X(on_x.api_key, on_x.api_secret, f"{url}/x")
    return {
        "linkedin": linkedin_stand_in.Stage(on_linkedin, url, client),
        "x": x_stand_in.Stage(on_x, f"{url}/x", x),
    }


async def connected(name: str, stage: linkedin_stand_in.Stage | x_stand_in.Stage) -> str:
    """Bea's token, of a real dance."""
    begun = await asyncio.to_thread(stage.client.authorize, CALLBACKS[name], "state-1")
    if isinstance(stage, x_stand_in.Stage):
        query = await stage.decide(begun.url, x_stand_in.BEA)
    else:
        query = await stage.decide(begun.url, "bea")
    return (await asyncio.to_thread(stage.client.connect, CALLBACKS[name], query, begun.secret)).token


async def likes(client: Network, token: str, post: str) -> int | None:
    counts = (await asyncio.to_thread(client.counts, token, [post]))[post]
    assert isinstance(counts, Counts)
    return counts.likes


async def asked(url: str, **body: Any) -> Any:
    """The JSON that *url* answers; with a body to what is done there."""
    async with aiohttp.ClientSession() as session:
        call = session.post(url, json=body) if "text" in body or "reaction" in body else session.get(url, params=body)
        async with call as answer:
            assert answer.status == 200
            return await answer.json(content_type=None)


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
async def test_a_restart_finds_everything_again(tmp_path: Path, end: signal.Signals) -> None:
    folder, port = tmp_path / "memory", free_port()
    url = f"http://127.0.0.1:{port}"
    slack = AsyncWebClient(token=PlaygroundConfig().bot_token, base_url=f"{url}/slack/api/")
    home = {"type": "home", "blocks": [{"type": "divider"}]}
    here, tokens, posts = networks(url), {}, {}
    async with playground(folder, port) as process:
        said = (await slack.chat_postMessage(channel=BEA.user, text="1 new person followed"))["ts"]
        await slack.chat_postMessage(channel="#general", text="To all")
        await slack.chat_postEphemeral(channel="D" + BEA.user[1:], user=BEA.user, text="Only for Bea")
        await slack.files_upload_v2(channel="D" + BEA.user[1:], filename="bea.json", content='{"bea": 1}')
        await slack.views_publish(user_id=BEA.user, view=home)
        for name, stage in here.items():
            tokens[name] = await connected(name, stage)
            draft = Draft(OFFICE.caption, OFFICE.post, None, PIXEL)
            posts[name] = await asyncio.to_thread(stage.client.publish, tokens[name], draft)
        told = (await asked(f"{url}/ui/crowd", text="", reactions=2))["told"]
        assert told == "1 reaction on LinkedIn and 1 reaction on X."
        if end is signal.SIGKILL:

            async def written() -> bool:
                kept = json.loads((folder / "memory.json").read_text())["rooms"]
                return all(kept[name]["posts"] and kept[name]["posts"][0]["likes"] == 1 for name in ("LinkedIn", "X"))

            await eventually(written, within=5)
        process.send_signal(end)
        async with asyncio.timeout(10):
            assert await process.wait() == (0 if end is signal.SIGTERM else -signal.SIGKILL)

    async with playground(folder, port):
        seen = (await asked(f"{url}/ui/history", user=BEA.user, channel="D" + BEA.user[1:]))["messages"]
        assert [one["text"] for one in seen[:2]] == ["1 new person followed", "Only for Bea"]
        (card,) = seen[2]["files"]
        assert await asked(card["url_private_download"]) == {"bea": 1}
        await slack.chat_update(channel="D" + BEA.user[1:], ts=said, text="2 new people followed")
        (general,) = (await asked(f"{url}/ui/history", user=CY.user, channel="C0GENERAL1"))["messages"]
        assert general["text"] == "To all"
        assert (await asked(f"{url}/ui/home", user=BEA.user))["view"]["blocks"][0]["type"] == "divider"
        for name, stage in here.items():
            assert await likes(stage.client, tokens[name], posts[name].id) == 1
            profile = await asyncio.to_thread(stage.client.profile, tokens[name])
            assert profile.name == "Bea Lindqvist"
            assert await asyncio.to_thread(stage.client.revoke, tokens[name])
        assert (await asked(f"{url}/ui/crowd", text="", reactions=2))["told"] == told, "the posts are in the feeds"
