"""`grapevine up` as a real process with a real embedded Redis; bot, shortener and worker are stand-ins."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis

from grapevine.house import free_port
from grapevine.store.embedded import EmbeddedServer
from tests.processes import ROOT, alive, until

STAND_IN = """
import http.server, json, os, pathlib, signal, sys, threading
name = pathlib.Path(__file__).parent.name
port = {"bot": "BOT_PORT", "shortener": "SHORTENER_PORT"}.get(name)
note = pathlib.Path(os.environ["NOTES"]) / f"{name}.json"
class Healthz(http.server.BaseHTTPRequestHandler):
    def do_GET(self): self.send_response(200 if self.path == "/healthz" else 404); self.end_headers()
    def log_message(self, *_): pass
def end(*_):
    from redis import Redis
    with Redis.from_url(os.environ["REDIS_URL"]) as store: store.rpush("ended", name)  # the store is still there
    os._exit(0)
signal.signal(signal.SIGTERM, end)
if port:
    server = http.server.HTTPServer(("127.0.0.1", int(os.environ[port])), Healthz)
    threading.Thread(target=server.serve_forever, daemon=True).start()
else:  # registers as RQ's workers do
    import datetime, redis
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as store:
        store.hset("rq:worker:stand-in", "birth", datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
        store.sadd("rq:workers", "rq:worker:stand-in")
draft = note.with_suffix(".draft")
draft.write_text(json.dumps({"pid": os.getpid()} | dict(os.environ)))
draft.rename(note)
print("hello from", name)
while True: signal.pause()
"""


class House:
    def __init__(self, process: "subprocess.Popen[str]", notes: Path) -> None:
        self.process, self.notes = process, notes

    def says(self, text: str) -> None:
        """Read on until a line with *text*."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if text in line:
                return
        pytest.fail(f"it ended without saying {text}")

    def note(self, name: str) -> dict[str, str]:
        found: dict[str, str] = json.loads((self.notes / f"{name}.json").read_text())
        return found

    def pids(self) -> list[int]:
        with Redis.from_url(self.note("bot")["REDIS_URL"]) as redis:
            server = int(redis.info()["process_id"])
        return [server, *(int(self.note(name)["pid"]) for name in ("bot", "shortener", "workers"))]


@contextmanager
def up(folder: Path) -> Iterator[House]:
    """The command beside stand-in programs, which it finds where it finds itself."""
    house = folder / "house"
    if not house.exists():
        house.mkdir()
        (house / "grapevine").symlink_to(ROOT / "grapevine")
        for name in ("bot", "shortener", "workers"):
            (house / name).mkdir()
            (house / name / "__init__.py").touch()
            (house / name / "__main__.py").write_text(STAND_IN)
    bot = free_port(20000 + os.getpid() % 20000)
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(house),
        "NOTES": str(folder),
        "SLACK_BOT_TOKEN": "xoxb-ada",
        "SLACK_APP_TOKEN": "xapp-ada",
        "BOT_PORT": str(bot),
        "SHORTENER_PORT": str(free_port(bot + 1)),
    }
    command = [sys.executable, "-m", "grapevine.cli", "up"]
    process = subprocess.Popen(
        command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    deadline = threading.Timer(60, process.kill)  # nobody reads for ever
    deadline.start()
    try:
        yield House(process, folder)
    finally:
        deadline.cancel()
        if process.poll() is None:
            process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def test_up_starts_all_with_a_redis_of_its_own_and_stops_it_last(tmp_path: Path) -> None:
    with up(tmp_path) as house:
        house.says("Everything is up.")
        pids = house.pids()
        bot, shortener, worker = (house.note(name) for name in ("bot", "shortener", "workers"))
        house.process.send_signal(signal.SIGINT)
        assert house.process.wait(20) == 0
        assert not [pid for pid in pids if alive(pid)]
    assert (
        bot["REDIS_URL"] == shortener["REDIS_URL"] == worker["REDIS_URL"] == f"unix://{tmp_path}/data/redis.sock?db=0"
    )
    assert "VISITOR_SECRET" in shortener
    assert bot["ENCRYPTION_KEYS"] == worker["ENCRYPTION_KEYS"]
    assert not {"ENCRYPTION_KEYS", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"} & set(shortener)
    server = EmbeddedServer.start(tmp_path / "data")
    try:
        with Redis.from_url(server.url, decode_responses=True) as redis:
            assert set(redis.lrange("ended", 0, -1)) == {"bot", "shortener", "workers"}
    finally:
        server.stop()


def test_a_redis_that_is_killed_comes_back_with_its_data(tmp_path: Path) -> None:
    with up(tmp_path) as house:
        house.says("Everything is up.")
        server = house.pids()[0]
        with Redis.from_url(house.note("bot")["REDIS_URL"], decode_responses=True) as redis:
            redis.set("clicks", 3)
            os.kill(server, signal.SIGKILL)
            house.says("redis was ended by SIGKILL; starting it again")
            until(lambda: EmbeddedServer.join(tmp_path / "data") is not None)
            assert redis.get("clicks") == "3"


def test_status_finds_the_running_house_by_its_data_and_says_that_its_stand_in_schedule_is_silent(
    tmp_path: Path,
) -> None:
    with up(tmp_path) as house:
        house.says("Everything is up.")
        found = subprocess.run(
            [sys.executable, "-m", "grapevine.cli", "status", "--json"],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    said = json.loads(found.stdout)
    assert (found.returncode, found.stderr) == (1, "")
    assert said["queue"]["waiting"] == 0
    assert [trouble for trouble in said["troubles"] if trouble.startswith("The schedule has never been")]


def test_kill_9_of_up_leaves_nothing_and_up_starts_again(tmp_path: Path) -> None:
    with up(tmp_path) as house:
        house.says("Everything is up.")
        pids = house.pids()
        house.process.kill()
        until(lambda: not [pid for pid in pids if alive(pid)], within=10)
    with up(tmp_path) as house:
        house.says("Everything is up.")


def test_a_second_up_on_the_same_data_is_refused(tmp_path: Path) -> None:
    with up(tmp_path) as first:
        first.says("Everything is up.")
        with up(tmp_path) as second:
            second.says(f"is in use by process {first.process.pid}: stop that one first")
            assert second.process.wait(10) == 1
