"""What README.md claims, as far as it can be checked without a workspace of one's own."""

import re

import pytest
import yaml

from bot.commands import SUBCOMMANDS
from grapevine.cli import _parser
from grapevine.house import PROGRAMS
from grapevine.playground.linkedin_state import SCOPES
from tests.processes import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
#: what stands in code spans and fenced blocks
CODE = re.findall(r"```.*?\n(.*?)```|`([^`\n]+)`", README, re.DOTALL)
PIECES = [piece for pair in CODE for piece in pair if piece]


def words(pattern: str) -> set[str]:
    return {found for piece in PIECES for found in re.findall(pattern, piece)}


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\((?!https?:)([^)#]+)", README))))
def test_what_is_linked_exists(link: str) -> None:
    assert (ROOT / link).exists()


def test_its_pictures_are_small_enough_to_load_at_once() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)|<img src=\"([^\"]+)\" width=\"\d+\" alt=\"[^\"]+\">", README)
    pictures = [one or other for one, other in pictures]
    assert pictures == ["docs/pictures/home.png", "docs/pictures/composer.png"]
    for picture in pictures:
        assert 20_000 < (ROOT / picture).stat().st_size < 300_000


def test_the_folders_it_names_exist() -> None:
    named = {name for name in re.findall(r"`(\w[\w/]*/)`", README) if not name.startswith("http")}
    assert {"bot/", "shortener/", "workers/", "grapevine/", "docs/decisions/"} <= named
    assert [name for name in named if not (ROOT / name).is_dir()] == []


def test_every_setting_it_names_is_one() -> None:
    known = {name.upper() for kind in PROGRAMS.values() for name in kind.model_fields}
    named = words(r"(?<![A-Za-z/_])[A-Z]+(?:_[A-Z]+)+(?![A-Za-z])")
    assert {"SLACK_BOT_TOKEN", "TRUSTED_PROXIES", "LINKEDIN_SCOPES"} <= named
    assert named - known == set()


def test_every_grapevine_command_it_shows_is_understood() -> None:
    shown = words(r"(?:^|[^/\w])(?:\.venv/bin/)?grapevine ((?:up|demo|doctor|manifest|key|--)[^\n]*)")
    assert {line.split()[0] for line in shown} == {"up", "demo", "doctor", "manifest"}
    for line in shown:
        _parser().parse_args(line.split("#")[0].split())


def test_every_slash_command_it_shows_is_one() -> None:
    named = words(r"(?<!bin)/grapevine (\w+)")
    assert named >= {"share", "offer", "help"}
    assert named <= set(SUBCOMMANDS)


def test_make_knows_what_it_is_told() -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = words(r"(?:^|\n)make (\w+)")
    assert named == {"demo", "test"}
    assert named <= targets


def test_the_manifest_asks_for_as_many_scopes_as_it_says() -> None:
    manifest = yaml.safe_load((ROOT / "manifest.yml").read_text(encoding="utf-8"))
    (said,) = re.findall(r"It asks for (\w+) scopes", README)
    assert ["one", "two", "three", "four", "five"].index(said) + 1 == len(manifest["oauth_config"]["scopes"]["bot"])


def test_the_addresses_it_tells_to_register_are_those_that_the_bot_serves() -> None:
    told = {
        re.sub(r"/(linkedin|x|facebook|bluesky)/", "/{network}/", path)
        for path in words(r"https://grapevine\.example\.com(/\S+)")
    }
    assert told == {"/oauth/{network}/callback", "/oauth-client-metadata.json"}
    served = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "bot").glob("*.py"))
    assert all(path in served for path in told)


def test_the_ports_that_the_proxy_leads_to_are_the_defaults() -> None:
    ports = {
        field: PROGRAMS[name].model_fields[field].default
        for name, field in (("bot", "bot_port"), ("shortener", "shortener_port"))
    }
    told = words(r"reverse_proxy 127\.0\.0\.1:(\d+)")
    assert told == {str(port) for port in ports.values()}


def test_the_scopes_of_the_second_kind_of_app_are_those_that_the_demo_tries() -> None:
    (told,) = re.findall(r'LINKEDIN_SCOPES="([^"]+)"', README)
    assert told.split() == list(SCOPES["community"])
