"""Settings: each wrong or missing variable is named, with what it should look like; no secret is repeated."""

from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from grapevine.settings import (
    BotSettings,
    NetworkSettings,
    SettingsError,
    ShortenerSettings,
    StoreSettings,
    TokenSettings,
    WorkerSettings,
    load,
)
from grapevine.written import is_loopback

BOT = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}
ALL: dict[type[StoreSettings], dict[str, str]] = {
    StoreSettings: {},
    BotSettings: BOT,
    ShortenerSettings: {},
    WorkerSettings: {},
}


@pytest.mark.parametrize(("kind", "least"), ALL.items())
def test_a_program_needs_no_more_than_slacks_tokens(kind: type[StoreSettings], least: dict[str, str]) -> None:
    settings = load(kind, least)
    assert settings.redis_url is None
    assert (settings.reaction_window, settings.refresh_interval, settings.digest_interval) == (14 * 86400, 86400, 900)


def test_what_is_given_stands_for_the_whole_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("SHORT_URL=https://env.example\n")
    monkeypatch.setenv("BASE_URL", "https://leak.example")
    assert load(StoreSettings, {}).base_url == "http://127.0.0.1:3000"
    assert load(StoreSettings, {}).short_url == "http://127.0.0.1:8000"
    real = load(StoreSettings)
    assert (real.base_url, real.short_url) == ("https://leak.example", "https://env.example")


@pytest.mark.parametrize(
    ("kind", "environ", "said"),
    [
        (
            StoreSettings,
            {"BASE_URL": "grapes.example"},
            "BASE_URL should be an address such as https://go.example.com.",
        ),
        (StoreSettings, {"SHORT_URL": "https://x.example/?a=1"}, "SHORT_URL should be an address"),
        (StoreSettings, {"SHORT_URL": "https://x.example:port"}, "SHORT_URL should be an address"),
        (StoreSettings, {"BASE_URL": "https://[::1"}, "BASE_URL should be an address"),
        (StoreSettings, {"REDIS_URL": "localhost:6379"}, "REDIS_URL should be redis://host:6379/0, rediss://, unix://"),
        (StoreSettings, {"REDIS_URL": "redis+cluster://a:1"}, "QUEUE_URL: RQ does not run on a cluster"),
        (
            StoreSettings,
            {"REDIS_URL": "redis+cluster://a:1", "QUEUE_URL": "redis+cluster://a:1"},
            "QUEUE_URL should be no cluster",
        ),
        (StoreSettings, {"REACTION_WINDOW": "14 days"}, "REACTION_WINDOW should be a length of time such as 45s"),
        (StoreSettings, {"DIGEST_INTERVAL": "0m"}, "DIGEST_INTERVAL "),
        (StoreSettings, {"REFRESH_INTERVAL": "-1h"}, "REFRESH_INTERVAL should be a length of time"),
        (StoreSettings, {"QUIET_HOURS": "20-25"}, "QUIET_HOURS should be two hours of the day"),
        (StoreSettings, {"LOG_LEVEL": "loud"}, "LOG_LEVEL should be DEBUG, INFO, WARNING, ERROR or CRITICAL."),
        (NetworkSettings, {"LINKEDIN_API_URL": "http://api.linkedin.com"}, "LINKEDIN_API_URL should be an https://"),
        (NetworkSettings, {"X_API_URL": "http://127.0.0.1.evil.example"}, "X_API_URL should be an https://"),
        (NetworkSettings, {"X_API_URL": "http://localhost@evil.example"}, "X_API_URL should be an https://"),
        (NetworkSettings, {"LINKEDIN_VERSION": "202613"}, "LINKEDIN_VERSION should be a month such as 202610."),
        (WorkerSettings, {"SLACK_API_URL": "http://slack.com/api"}, "SLACK_API_URL should be an https:// address"),
        (WorkerSettings, {"WORKER_PROCESSES": "0"}, "WORKER_PROCESSES "),
        (ShortenerSettings, {"COMPANY_NETWORKS": "10.0.0.0/33"}, "COMPANY_NETWORKS should be addresses or networks"),
        (ShortenerSettings, {"TRUSTED_PROXIES": "10.0.0.1, proxy"}, "TRUSTED_PROXIES should be addresses or networks"),
        (ShortenerSettings, {"SHORTENER_PORT": "eighty"}, "SHORTENER_PORT "),
        (BotSettings, {"SLACK_BOT_TOKEN": "xoxb-1"}, "SLACK_APP_TOKEN: set it"),
        (BotSettings, {"SLACK_APP_TOKEN": "xapp-1"}, "SLACK_BOT_TOKEN: set it"),
        (BotSettings, {"SLACK_SIGNING_SECRET": "s", "SLACK_CLIENT_ID": "1"}, "SLACK_BOT_TOKEN: set it"),
    ],
)
def test_a_wrong_setting_is_named_with_what_it_should_look_like(
    kind: type[Any], environ: dict[str, str], said: str
) -> None:
    with pytest.raises(SettingsError) as raised:
        load(kind, environ)
    assert str(raised.value).startswith(said)
    assert "\n" not in str(raised.value)


def test_every_wrong_setting_has_a_line() -> None:
    with pytest.raises(SettingsError) as raised:
        load(StoreSettings, {"BASE_URL": "x", "LOG_LEVEL": "x", "REDIS_URL": "x"})
    lines = str(raised.value).splitlines()
    assert sorted(line.split()[0] for line in lines) == ["BASE_URL", "LOG_LEVEL", "REDIS_URL"]


def test_no_secret_is_repeated() -> None:
    secrets = {
        **BOT,
        "REDIS_URL": "sesame:secret@host",
        "ENCRYPTION_KEYS": "secret-one secret-two",
        "X_API_SECRET": "secret-x",
        "LINKEDIN_CLIENT_SECRET": "secret-linkedin",
        "SLACK_SIGNING_SECRET": "secret-signing",
        "SLACK_API_URL": "http://secret@slack.com",
    }
    with pytest.raises(SettingsError) as raised:
        load(BotSettings, secrets)
    assert "secret" not in str(raised.value)
    assert raised.value.__cause__ is None
    settings = load(BotSettings, {**secrets, "REDIS_URL": "", "SLACK_API_URL": "https://slack.com/api"})
    assert "secret-" not in f"{settings!r} {settings}"
    assert "xapp-1" not in repr(settings)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("45s", 45), ("15m", 900), ("24h", 86400), ("14d", 1209600), ("2w", 1209600), ("90", 90), (" 1.5 h ", 5400)],
)
def test_lengths_of_time_are_written_as_people_write_them(text: str, seconds: float) -> None:
    assert load(StoreSettings, {"REFRESH_INTERVAL": text}).refresh_interval == seconds


def test_networks_are_separated_by_commas_or_spaces() -> None:
    given = {"COMPANY_NETWORKS": "10.0.0.0/8, 2001:db8::/32 192.0.2.7", "TRUSTED_PROXIES": ""}
    settings = load(ShortenerSettings, given)
    assert settings.company_networks == tuple(map(ip_network, ("10.0.0.0/8", "2001:db8::/32", "192.0.2.7/32")))
    assert settings.trusted_proxies == ()


def test_keys_keep_their_order() -> None:
    """The first encrypts (rule 21)."""
    keys = load(TokenSettings, {"ENCRYPTION_KEYS": "new,old"}).encryption_keys
    assert [key.get_secret_value() for key in keys] == ["new", "old"]


def test_what_is_left_empty_is_unset() -> None:
    empty = dict.fromkeys(("REDIS_URL", "X_API_SECRET", "LINKEDIN_CLIENT_ID", "ENCRYPTION_KEYS"), "")
    settings = load(BotSettings, BOT | empty)
    assert (settings.redis_url, settings.x_api_secret, settings.linkedin_client_id) == (None, None, None)
    assert settings.encryption_keys == ()


def test_slacks_address_ends_with_a_slash_and_others_without() -> None:
    settings = load(BotSettings, {**BOT, "SLACK_API_URL": "http://127.0.0.1:9/api", "BASE_URL": "https://a.example/"})
    assert settings.slack_api_url == "http://127.0.0.1:9/api/"
    assert settings.base_url == "https://a.example"
    assert load(BotSettings, {**BOT, "LOG_LEVEL": "debug"}).log_level == "DEBUG"


def test_the_transport_is_socket_mode_with_an_app_token_and_http_without() -> None:
    assert load(BotSettings, BOT).socket_mode
    many = {"SLACK_SIGNING_SECRET": "s", "SLACK_CLIENT_ID": "1", "SLACK_CLIENT_SECRET": "s"}
    assert not load(BotSettings, many).socket_mode
    assert load(BotSettings, many).many_workspaces
    assert not load(BotSettings, {**many, **BOT}).many_workspaces


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://localhost:3000/x", True),
        ("http://[::1]:3000", True),
        ("http://127.0.0.1", True),
        ("http://127.0.0.1.example.com", False),
        ("http://localhost@example.com", False),
        ("http://example.com/localhost", False),
        ("", False),
    ],
)
def test_this_machine_is_recognised(url: str, here: bool) -> None:
    assert is_loopback(url) is here


def test_no_program_holds_anothers_secrets() -> None:
    held = {kind: {name for name in kind.model_fields if _secret(name)} for kind in ALL}
    assert held[StoreSettings] == set()
    assert held[ShortenerSettings] == {"visitor_secret"}
    assert held[BotSettings] - held[WorkerSettings] == {"slack_app_token", "slack_signing_secret"}
    assert "visitor_secret" not in held[BotSettings] | held[WorkerSettings]


def _secret(name: str) -> bool:
    return name.endswith(("_secret", "_token", "_keys"))
