"""What the stand-in workspace is told when it starts: addresses, credentials, and the app's manifest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import yaml

JSON = dict[str, Any]
Transport = Literal["socket", "http"]


@dataclass(frozen=True)
class SlashCommand:
    command: str
    description: str = ""
    usage_hint: str = ""
    should_escape: bool = False


@dataclass(frozen=True)
class Shortcut:
    type: Literal["global", "message"]
    name: str
    callback_id: str
    description: str = ""


@dataclass(frozen=True)
class Manifest:
    """What the app declares; Slack delivers and permits nothing else.

    https://docs.slack.dev/reference/app-manifest
    """

    name: str = "Grapevine"
    bot_name: str = "Grapevine"
    scopes: tuple[str, ...] = ("commands", "chat:write", "users:read", "im:write", "files:write", "files:read")
    commands: tuple[SlashCommand, ...] = (
        SlashCommand("/grapevine", "Share, and see what came of it", "help"),
        SlashCommand("/grapevine-share", "Share a post", "https://…"),
        SlashCommand("/grapevine-insights", "What came of your shares"),
    )
    shortcuts: tuple[Shortcut, ...] = ()
    events: frozenset[str] = frozenset({"app_home_opened"})
    home_tab: bool = True
    messages_tab: bool = True
    messages_tab_read_only: bool = False
    interactivity: bool = True

    @classmethod
    def parse(cls, manifest: Mapping[str, Any]) -> "Manifest":
        features = manifest.get("features") or {}
        home = features.get("app_home") or {}
        settings = manifest.get("settings") or {}
        scopes = (manifest.get("oauth_config") or {}).get("scopes") or {}
        name = (manifest.get("display_information") or {}).get("name", cls.name)
        return cls(
            name=name,
            bot_name=(features.get("bot_user") or {}).get("display_name", name),
            scopes=(*(scopes.get("bot") or ()), *(scopes.get("bot_optional") or ())),
            commands=tuple(
                SlashCommand(
                    command=each["command"],
                    description=each.get("description", ""),
                    usage_hint=each.get("usage_hint", ""),
                    should_escape=bool(each.get("should_escape")),
                )
                for each in features.get("slash_commands") or ()
            ),
            shortcuts=tuple(
                Shortcut(each["type"], each["name"], each["callback_id"], each.get("description", ""))
                for each in features.get("shortcuts") or ()
            ),
            events=frozenset((settings.get("event_subscriptions") or {}).get("bot_events") or ()),
            home_tab=bool(home.get("home_tab_enabled")),
            messages_tab=bool(home.get("messages_tab_enabled")),
            messages_tab_read_only=bool(home.get("messages_tab_read_only_enabled")),
            interactivity=bool((settings.get("interactivity") or {}).get("is_enabled")),
        )

    @classmethod
    def read(cls, path: Path) -> "Manifest":
        """The manifest at *path*, or one with the least an app of ours declares when there is none yet."""
        if not path.exists():
            return cls()
        return cls.parse(yaml.safe_load(path.read_text(encoding="utf-8")))


@dataclass(frozen=True)
class PlaygroundConfig:
    """Lengths of time are seconds. The credentials open nothing but this stand-in."""

    port: int = 8080
    #: a Mastodon server has an address without a path, so it has a port of its own; None: there is none
    mastodon_port: int | None = None
    events_url: str = "http://127.0.0.1:3000/slack/events"
    short_url: str = "http://127.0.0.1:8000"
    transport: Transport = "socket"
    manifest: Manifest = field(default_factory=Manifest)
    bot_token: str = field(default="xoxb-playground-bot", repr=False)
    app_token: str = field(default="xapp-playground-app", repr=False)
    signing_secret: str = field(default="playground-signing-secret", repr=False)
    client_id: str = "playground-slack-id"
    client_secret: str = field(default="playground-slack-secret", repr=False)
    verification_token: str = field(default="playground-verification", repr=False)
    answer_within: float = 3.0
    trigger_lifetime: float = 3.0
    response_url_lifetime: float = 1800.0
    retry_delays: tuple[float, ...] = (0.0, 60.0, 300.0)
    #: charts reach workspaces in phases: True answers `charts_refused_with` to every data_visualization block
    refuse_charts: bool = False
    charts_refused_with: str = "invalid_blocks"
    #: the folder of what is remembered from one run to the next; None: nothing is
    data: Path | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def mastodon_url(self) -> str | None:
        return f"http://127.0.0.1:{self.mastodon_port}" if self.mastodon_port is not None else None
