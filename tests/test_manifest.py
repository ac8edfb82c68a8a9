"""manifest.yml and what is made from it."""

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator

from grapevine.manifest import ManifestError, manifest, over_http, scopes, source, text

SCHEMA = source().parent.parent / "shared" / "facts" / "slack-manifest.schema.json"
HTTPS = "https://grapevine.example.com"


@pytest.mark.parametrize("made", [manifest(), over_http(HTTPS)], ids=["socket mode", "http"])
def test_slacks_own_schema_accepts_the_manifest(made: dict[str, object]) -> None:
    if not SCHEMA.exists():
        pytest.skip(f"Slack's manifest schema is not here: put slackapi/manifest-schema's at {SCHEMA.name}")
    schema = json.loads(SCHEMA.read_text())
    first = Draft7Validator(schema["definitions"]["v1"])  # asked alone, it says what is wrong
    assert [error.message for error in first.iter_errors(made)] == []
    assert Draft7Validator(schema).is_valid(made)


def test_the_scopes_are_the_least_that_work() -> None:
    assert scopes() == {"commands", "chat:write", "users:read", "files:write", "files:read"}


def test_commands_shortcuts_and_events_are_those_that_the_bot_answers() -> None:
    features, settings = manifest()["features"], manifest()["settings"]
    assert [one["command"] for one in features["slash_commands"]] == [
        "/grapevine",
        "/grapevine-share",
        "/grapevine-insights",
    ]
    assert {one["callback_id"]: one["type"] for one in features["shortcuts"]} == {
        "share": "global",
        "share_message": "message",
    }
    assert set(settings["event_subscriptions"]["bot_events"]) == {
        "app_home_opened",
        "app_uninstalled",
        "tokens_revoked",
        "user_change",
    }
    assert features["app_home"] == {
        "home_tab_enabled": True,
        "messages_tab_enabled": True,
        "messages_tab_read_only_enabled": True,
    }


def test_over_http_every_way_in_has_the_address_and_socket_mode_is_off() -> None:
    made = yaml.safe_load(text(HTTPS + "/"))
    address = f"{HTTPS}/slack/events"
    assert {command["url"] for command in made["features"]["slash_commands"]} == {address}
    assert made["settings"]["event_subscriptions"]["request_url"] == address
    assert made["settings"]["interactivity"]["request_url"] == address
    assert made["settings"]["socket_mode_enabled"] is False


def test_without_an_address_the_file_itself_is_printed() -> None:
    assert text() == Path(source()).read_text()


@pytest.mark.parametrize("address", ["", "http://grapevine.example.com", "grapevine.example.com"])
def test_an_address_that_slack_cannot_call_is_refused(address: str) -> None:
    with pytest.raises(ManifestError, match="add --base-url https://"):
        over_http(address)
