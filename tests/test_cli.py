"""The grapevine command, as a process of its own."""

import os
import socket
import subprocess
import sys
from pathlib import Path

from cryptography.fernet import Fernet

from grapevine import manifest
from tests.processes import ROOT

ENV = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}


def grapevine(*arguments: str, cwd: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "grapevine.cli", *arguments]
    env = ENV | {"PYTHONPATH": str(ROOT)} | settings
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=60, check=False)


def test_the_manifest_is_printed_for_socket_mode_and_for_http(tmp_path: Path) -> None:
    assert grapevine("manifest", cwd=tmp_path).stdout == manifest.source().read_text()
    over_http = grapevine("manifest", "--http", "--base-url", "https://grapevine.example.com", cwd=tmp_path)
    assert over_http.stdout == manifest.text("https://grapevine.example.com")
    from_setting = grapevine("manifest", "--http", cwd=tmp_path, BASE_URL="https://grapevine.example.com")
    assert from_setting.stdout == over_http.stdout
    (tmp_path / ".env").write_text("BASE_URL=https://grapevine.example.com\n")
    assert grapevine("manifest", "--http", cwd=tmp_path).stdout == over_http.stdout


def test_a_manifest_for_http_without_an_address_asks_for_it(tmp_path: Path) -> None:
    done = grapevine("manifest", "--http", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "add --base-url https://grapevine.example.com" in done.stderr


def test_up_without_settings_names_what_is_missing_once_and_starts_nothing(tmp_path: Path) -> None:
    done = grapevine("up", cwd=tmp_path)
    assert done.returncode == 2
    sentence, hint = done.stderr.splitlines()
    assert sentence.startswith("SLACK_APP_TOKEN: set it")
    assert hint.startswith("There is no .env in this folder: copy .env.example")
    assert list(tmp_path.iterdir()) == []


def test_up_reads_the_settings_of_dot_env(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SLACK_APP_TOKEN=xapp-ada\nBOT_PORT=many\n")
    done = grapevine("up", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("BOT_PORT ")
    assert "There is no .env" not in done.stderr
    assert "xapp-ada" not in done.stderr


def test_doctor_ends_with_1_when_something_is_broken(tmp_path: Path) -> None:
    done = grapevine("doctor", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout.startswith("✗ Settings")
    assert "There is no .env in this folder" in done.stdout
    assert done.stderr == ""


def test_the_bare_command_says_which_there_are(tmp_path: Path) -> None:
    done = grapevine(cwd=tmp_path)
    assert done.returncode == 2
    assert "check the settings and everything they lead to" in done.stdout


def test_a_port_in_use_is_told_before_anything_is_started(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        tokens = {"SLACK_APP_TOKEN": "xapp-ada", "SLACK_BOT_TOKEN": "xoxb-ada"}
        done = grapevine("up", cwd=tmp_path, BOT_PORT="0", SHORTENER_PORT=port, **tokens)
    assert done.returncode == 1
    assert done.stderr == (
        f"SHORTENER_PORT: port {port} of 127.0.0.1 is in use by another program. "
        "Stop that one, or choose another port.\n"
    )


def test_a_key_is_made_for_the_settings(tmp_path: Path) -> None:
    Fernet(grapevine("key", cwd=tmp_path).stdout.strip())
