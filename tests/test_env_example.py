""".env.example and grapevine/settings.py say the same."""

import re
from pathlib import Path

import pytest
from dotenv import dotenv_values

from grapevine.house import PROGRAMS, environment, secrets_of
from grapevine.settings import BotSettings, ShortenerSettings, WorkerSettings, load

EXAMPLE = Path(__file__).parent.parent / ".env.example"
SETTINGS = {name.upper(): field for kind in PROGRAMS.values() for name, field in kind.model_fields.items()}
SHOWN = dict(re.findall(r"^(?:# )?([A-Z][A-Z_]+)=(.*)$", EXAMPLE.read_text(), re.MULTILINE))


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_every_setting_is_shown(name: str) -> None:
    assert name in SHOWN


def test_nothing_is_shown_that_is_no_setting() -> None:
    assert set(SHOWN) == set(SETTINGS)


def test_the_values_shown_are_the_defaults_or_an_example() -> None:
    plain = {"TRUSTED_PROXIES", "COMPANY_NETWORKS"}  # lists, empty by default: an example says more
    given = {name: value for name, value in SHOWN.items() if value and name not in plain}
    tokens = {"SLACK_BOT_TOKEN": "xoxb-", "SLACK_APP_TOKEN": "xapp-"}
    for kind in (BotSettings, ShortenerSettings, WorkerSettings):
        assert load(kind, given | tokens) == load(kind, tokens)


def test_the_file_as_it_is_asks_for_the_tokens_only() -> None:
    filled = {name: value for name, value in dotenv_values(EXAMPLE).items() if value}
    assert set(filled) == {"BASE_URL", "SHORT_URL"}


def test_no_program_is_given_anothers_secrets() -> None:
    everything = {name: "secret" for kind in PROGRAMS.values() for name in secrets_of(kind)}
    seen = {name: set(environment(kind, everything, {"PATH": "/bin"})) for name, kind in PROGRAMS.items()}
    assert seen["shortener"] == {"PATH", "VISITOR_SECRET"}
    assert "VISITOR_SECRET" not in seen["bot"] | seen["worker"]
    assert "SLACK_APP_TOKEN" not in seen["worker"]
    assert {"ENCRYPTION_KEYS", "SLACK_BOT_TOKEN", "X_API_SECRET"} <= seen["bot"] & seen["worker"]
