"""What the playground keeps of Slack and the networks, in a file; a bad one stops nothing."""

import asyncio
import json
import stat
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from grapevine.domain.errors import GrapevineError
from grapevine.playground import memory
from grapevine.playground.app import Playground
from grapevine.playground.config import PlaygroundConfig
from grapevine.playground.linkedin_state import MEMBERS, LinkedInStandIn
from grapevine.playground.mastodon_state import PEOPLE as MASTODONS
from grapevine.playground.mastodon_state import MastodonStandIn
from grapevine.playground.memory import Memory, forget
from grapevine.playground.workspace import Workspace
from grapevine.playground.x_state import PEOPLE, XStandIn
from tests.people import BEA, CY
from tests.waiting import eventually, until

ADDRESSES = ["http://127.0.0.1:8080", "http://127.0.0.1:3000", "http://127.0.0.1:8000"]


async def test_the_file_is_its_owners_alone_and_never_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, writing, written = tmp_path / "memory", asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def slow_disk(_: int) -> None:
        loop.call_soon_threadsafe(writing.set)
        assert written.wait(10)

    async with remembering(folder) as pg:
        await posted(pg, "Message 0")
        await until((folder / "memory.json").exists)
        before = (folder / "memory.json").read_bytes()
        monkeypatch.setattr("os.fsync", slow_disk)
        await posted(pg, "Message 1")
        async with asyncio.timeout(10):
            await writing.wait()
        assert (folder / "memory.json").read_bytes() == before
        assert b"Message 0" in before
        written.set()
    assert stat.S_IMODE((folder / "memory.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {path.name for path in folder.iterdir()} == {"memory.json", "memory.lock"}
    assert "Message 1" in (folder / "memory.json").read_text()


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
