"""What the stand-in Slack and networks know outlasts the playground's end, also a kill; a bad file stops nothing."""

import asyncio
import json
import signal
import socket
import stat
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from grapevine.domain.errors import GrapevineError
from grapevine.domain.posts import Post, PostKind
from grapevine.domain.reactions import Counts
from grapevine.networks.base import Draft, Network
from grapevine.networks.linkedin import LinkedIn
from grapevine.networks.x import X
from grapevine.playground import memory
from grapevine.playground.app import Playground
from grapevine.playground.config import PlaygroundConfig
from grapevine.playground.linkedin_state import MEMBERS, LinkedInStandIn
from grapevine.playground.mastodon_state import PEOPLE as MASTODONS
from grapevine.playground.mastodon_state import MastodonStandIn
from grapevine.playground.memory import Memory, forget
from grapevine.playground.workspace import Workspace
from grapevine.playground.x_state import PEOPLE, XStandIn
from tests.networks import linkedin_stand_in, x_stand_in
from tests.people import BEA, CY
from tests.processes import ROOT
from tests.waiting import eventually

CALLBACKS = {name: f"http://127.0.0.1:3000/oauth/{name}/callback" for name in ("linkedin", "x")}
ADDRESSES = ["http://127.0.0.1:8080", "http://127.0.0.1:3000", "http://127.0.0.1:8000"]
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


async def test_the_file_is_its_owners_alone_and_never_half_written(tmp_path: Path) -> None:
    folder = tmp_path / "memory"
    async with remembering(folder) as pg:
        for number in range(30):
            await posted(pg, f"Message {number}")
            if (folder / "memory.json").exists():
                json.loads((folder / "memory.json").read_text())
    assert stat.S_IMODE((folder / "memory.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {path.name for path in folder.iterdir()} == {"memory.json", "memory.lock"}
    assert "Message 29" in (folder / "memory.json").read_text()


@asynccontextmanager
async def remembering(folder: Path) -> AsyncIterator[Playground]:
    pg = Playground()
    kept = Memory(folder, {"Slack": pg.workspace}, ADDRESSES)
    kept.open()
    kept.attach(pg.app)
    async with pg:
        yield pg


async def posted(pg: Playground, text: str) -> None:
    await AsyncWebClient(token=pg.bot_token, base_url=pg.slack_api_url).chat_postMessage(channel=BEA.user, text=text)


def rooms() -> dict[str, Any]:
    return {
        "Slack": Workspace(PlaygroundConfig()),
        "LinkedIn": LinkedInStandIn(),
        "X": XStandIn(),
        "Mastodon": MastodonStandIn(),
    }


def whole(**change: Any) -> dict[str, Any]:
    """What a full memory's file holds, changed."""
    held = rooms()
    held["Slack"].say(held["Slack"].dm(BEA.user), {"text": "Hello http://127.0.0.1:8000/a1 http://127.0.0.1:80801/"})
    held["LinkedIn"].new_token(MEMBERS["bea"], ("openid",))
    held["X"].add(PEOPLE[1], "See http://127.0.0.1:8000/b2", "http://127.0.0.1:8080/x/i/status/{id}")
    held["Mastodon"].add(MASTODONS[1], "See http://127.0.0.1:8000/c3", "http://127.0.0.1:8083/@bea/{id}")
    remembered = {name: room.remember() for name, room in held.items()}
    return {"version": memory._VERSION, "addresses": ADDRESSES, "rooms": remembered, **change}


def reads(folder: Path, content: bytes, addresses: list[str] = ADDRESSES) -> dict[str, Any]:
    """The rooms after a start with *content* as the file."""
    folder.mkdir()
    (folder / "memory.json").write_bytes(content)
    found = rooms()
    kept = Memory(folder, found, addresses)
    kept.open()
    kept.close()
    return found


def test_what_is_kept_is_what_is_recalled(tmp_path: Path) -> None:
    kept = whole()
    found = reads(tmp_path / "memory", json.dumps(kept).encode())
    assert {name: json.loads(json.dumps(room.remember())) for name, room in found.items()} == json.loads(
        json.dumps(kept["rooms"])
    )


def spoiled(change: Callable[[dict[str, Any]], object]) -> bytes:
    kept: dict[str, Any] = json.loads(json.dumps(whole()))
    change(kept)
    return json.dumps(kept).encode()


DAMAGE: Mapping[str, bytes] = {
    "empty": b"",
    "cut": json.dumps(whole()).encode()[:-200],
    "no text": b"\xff\xfe\x00",
    "another thing": b"[]",
    "too deep": b"[" * 100_000,
    "a room is missing": spoiled(lambda kept: kept["rooms"].pop("X")),
    "an unknown member": spoiled(lambda kept: kept["rooms"]["X"]["posts"][0].update(author="0")),
    "a stranger on Mastodon": spoiled(lambda kept: kept["rooms"]["Mastodon"]["posts"][0].update(author="0")),
    "an unknown field": spoiled(lambda kept: next(iter(kept["rooms"]["LinkedIn"]["tokens"].values())).update(more=1)),
    "messages are numbers": spoiled(lambda kept: kept["rooms"]["Slack"]["messages"].update(C0GENERAL1=[1])),
    "addresses are missing": spoiled(lambda kept: kept.pop("addresses")),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_put_aside_with_a_sentence(
    tmp_path: Path, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = reads(tmp_path / "memory", DAMAGE[damage])
    assert {name: room.remember() for name, room in found.items()} == {
        name: room.remember() for name, room in rooms().items()
    }
    (aside,) = (tmp_path / "memory").glob("memory-*.json")
    assert aside.read_bytes() == DAMAGE[damage]
    assert not (tmp_path / "memory" / "memory.json").exists()
    assert capsys.readouterr().out == (
        f"{memory.VOICE} is damaged: it was put aside as {aside}, and they begin anew. Connect your accounts again.\n"
    )


def test_a_newer_versions_file_is_put_aside_with_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    newer = json.dumps(whole(version=memory._VERSION + 1, rooms="elsewhere")).encode()
    reads(tmp_path / "memory", newer)
    (aside,) = (tmp_path / "memory").glob("memory-*.json")
    assert aside.read_bytes() == newer
    assert "was written by another version of the playground: it was put aside as" in capsys.readouterr().out


def test_at_other_ports_its_own_addresses_move_along(tmp_path: Path) -> None:
    moved = ["http://127.0.0.1:8000", "http://127.0.0.1:3001", "http://127.0.0.1:8080"]
    found = reads(tmp_path / "memory", json.dumps(whole()).encode(), moved)
    (message,) = found["Slack"].dm(BEA.user).messages.values()
    assert message["text"] == "Hello http://127.0.0.1:8080/a1 http://127.0.0.1:80801/"
    (post,) = found["X"].posts()
    assert post["text"] == "See http://127.0.0.1:8080/b2"
    assert post["url"] == f"http://127.0.0.1:8000/x/i/status/{post['id']}"


def test_a_folder_never_has_two_playgrounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_PATIENCE", 0.1)
    first = Memory(tmp_path / "memory", {}, ADDRESSES)
    first.open()
    said = f"Another playground keeps its memory in {tmp_path / 'memory'}: stop that one"
    with pytest.raises(GrapevineError, match=said):
        Memory(tmp_path / "memory", {}, ADDRESSES).open()
    with pytest.raises(GrapevineError, match=said):
        forget(tmp_path / "memory")
    first.close()
    forget(tmp_path / "memory")


async def test_a_folder_that_cannot_be_made_is_said_and_no_hindrance(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    async with remembering(tmp_path / "file" / "memory") as pg:
        await posted(pg, "Hello")
        assert [message["text"] for message in pg.dms(BEA.user)] == ["Hello"]
    said = f"{memory.VOICE} cannot be kept in {tmp_path}/file/memory (Not a directory): it ends with this run.\n"
    assert capsys.readouterr().out == said


async def test_what_cannot_be_written_is_said_and_tried_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, said = tmp_path / "memory", ""
    async with remembering(folder) as pg:
        (folder / "memory.lock").rename(tmp_path / "lock")
        folder.rmdir()

        async def told() -> bool:
            nonlocal said
            await posted(pg, "Hello")
            said += capsys.readouterr().out
            return bool(said)

        await eventually(told)
        folder.mkdir()
        await posted(pg, "And again")

        async def written() -> bool:
            return (folder / "memory.json").exists()

        await eventually(written)
    said += capsys.readouterr().out
    assert said == (
        f"{memory.VOICE} cannot be written to {folder} (No such file or directory): it may end with this run.\n"
    )
    assert "And again" in (folder / "memory.json").read_text()


async def test_who_left_stays_away(tmp_path: Path) -> None:
    async with remembering(tmp_path / "memory") as pg:
        await pg.leave(CY.user)
    async with remembering(tmp_path / "memory") as pg:
        person = pg.workspace.person(CY.user)
        assert person is not None
        assert person.deleted
