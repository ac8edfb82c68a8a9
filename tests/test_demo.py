"""The demo: what it is given, and whose folder it may empty."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from grapevine import demo
from grapevine.domain.errors import GrapevineError
from grapevine.house import PROGRAMS, free_port
from grapevine.playground import memory
from grapevine.settings import BotSettings, ShortenerSettings, load
from grapevine.store.embedded import EmbeddedError, EmbeddedServer
from grapevine.store.secrets import data_secrets
from tests.processes import ROOT


@pytest.mark.parametrize("transport", ["socket", "http"])
def test_the_demos_settings_are_good_for_every_program(tmp_path: Path, transport: str) -> None:
    given = demo.settings(tmp_path, "unix:///nowhere/redis.sock?db=0", 8080, 8081, 8082, 8083, transport)
    for kind in PROGRAMS.values():
        load(kind, given)
    bot, shortener = load(BotSettings, given), load(ShortenerSettings, given)
    assert bot.socket_mode is (transport == "socket")
    assert (bot.base_url, bot.bot_port) == ("http://127.0.0.1:8081", 8081)
    assert (shortener.short_url, shortener.shortener_port) == ("http://127.0.0.1:8082", 8082)
    assert (bot.reaction_window, bot.refresh_interval, bot.digest_interval) == (280, 20, 20)
    assert bot.allow_private_addresses is True
    assert {name.upper() for kind in PROGRAMS.values() for name in kind.model_fields} >= set(given) - {"NO_PROXY"}


def test_fresh_empties_the_demos_folder_and_only_then(tmp_path: Path) -> None:
    data = tmp_path / "demo-data"
    demo._claimed(data, fresh=False).release()
    before = data_secrets(data)
    (data / "appendonlydir").mkdir()
    demo._claimed(data, fresh=False).release()
    assert data_secrets(data) == before
    demo._claimed(data, fresh=True).release()
    assert not (data / "appendonlydir").exists()
    assert data_secrets(data) != before


def test_what_the_stand_ins_know_goes_with_the_demos_data(tmp_path: Path) -> None:
    data = tmp_path / "demo-data"
    remembered = demo.memory_beside(data) / "memory.json"
    remembered.parent.mkdir()
    (remembered.parent / "thesis.txt").write_text("ten years of work")
    demo._claimed(data, fresh=False).release()
    remembered.write_text("{}")
    demo._claimed(data, fresh=False).release()
    assert remembered.exists()
    demo._claimed(data, fresh=True).release()
    assert not remembered.exists()
    remembered.write_text("{}")
    shutil.rmtree(data)
    demo._claimed(data, fresh=False).release()
    assert [path.name for path in remembered.parent.iterdir() if path.suffix != ".lock"] == ["thesis.txt"]


def test_a_memory_that_is_in_use_is_not_emptied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_PATIENCE", 0.1)
    data = tmp_path / "demo-data"
    first = memory.Memory(demo.memory_beside(data), {}, [])
    first.open()
    with pytest.raises(GrapevineError, match="Another playground keeps its memory in"):
        demo._claimed(data, fresh=True)
    assert not data.exists(), "it would not be known for the demo's"
    first.close()
    demo._claimed(data, fresh=True).release()


def test_nobody_elses_folder_is_emptied(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("ten years of work")
    with pytest.raises(GrapevineError, match="is not a folder of the demo"):
        demo._claimed(tmp_path, fresh=True)
    assert (tmp_path / "thesis.txt").read_text() == "ten years of work"


def test_a_demo_that_runs_is_not_emptied_by_another(tmp_path: Path) -> None:
    first = demo._claimed(tmp_path / "demo-data", fresh=False)
    try:
        before = data_secrets(first.data)
        with pytest.raises(EmbeddedError, match="in use by process"):
            demo._claimed(first.data, fresh=True)
        assert data_secrets(first.data) == before
    finally:
        first.release()
    EmbeddedServer.claim(first.data).release()


def test_a_port_that_is_taken_gives_way_to_the_next() -> None:
    with socket.socket() as plug:
        plug.bind(("127.0.0.1", 0))
        plug.listen()
        taken = plug.getsockname()[1]
        assert taken < free_port(taken) <= taken + 100


def test_the_demo_comes_up_with_the_real_programs_and_again_on_the_same_data(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "grapevine.cli", "demo", "--data", str(tmp_path / "demo-data")]
    port = str(free_port(30000 + os.getpid() % 20000))
    for _ in range(2):
        said = ""
        with subprocess.Popen([*command, "--port", port], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            deadline = threading.Timer(60, process.kill)  # nobody reads for ever
            deadline.start()
            assert process.stdout is not None
            for line in process.stdout:
                said += line
                if "Open  http://127.0.0.1:" in line:
                    process.send_signal(signal.SIGINT)
            deadline.cancel()
            assert process.wait(30) == 0, said
        assert "5/5  " in said
