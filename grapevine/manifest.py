"""The manifest of the Slack app: ``manifest.yml`` is the one for Socket Mode, the one for HTTP is made from it.

https://docs.slack.dev/reference/app-manifest
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from grapevine.domain.errors import GrapevineError


class ManifestError(GrapevineError):
    """The manifest cannot be made; the text says what to give."""


def source() -> Path:
    """``manifest.yml``: at the top of a checkout, inside the package in a wheel."""
    packed = Path(__file__).parent / "manifest.yml"
    return packed if packed.exists() else packed.parent.parent / "manifest.yml"


def manifest() -> dict[str, Any]:
    """The manifest for Socket Mode."""
    made: dict[str, Any] = yaml.safe_load(source().read_text(encoding="utf-8"))
    return made


def over_http(base_url: str) -> dict[str, Any]:
    """The manifest for HTTP, where Slack calls *base_url*; ``ManifestError`` when Slack could not."""
    parts = urlsplit(base_url)
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment:
        raise ManifestError(
            "Over HTTP Slack calls Grapevine at its public address: add --base-url https://grapevine.example.com"
        )
    made = manifest()
    address = f"{base_url.rstrip('/')}/slack/events"
    for command in made["features"]["slash_commands"]:
        command["url"] = address
    made["settings"]["event_subscriptions"]["request_url"] = address
    made["settings"]["interactivity"]["request_url"] = address
    made["settings"]["socket_mode_enabled"] = False
    made["oauth_config"]["redirect_urls"] = [f"{base_url.rstrip('/')}/slack/oauth_redirect"]
    return made


def scopes() -> frozenset[str]:
    """The bot scopes that Grapevine asks for."""
    return frozenset(manifest()["oauth_config"]["scopes"]["bot"])


def text(base_url: str | None = None) -> str:
    """What `grapevine manifest` prints: for HTTP where there is a *base_url*, else ``manifest.yml`` as it is."""
    if base_url is None:
        return source().read_text(encoding="utf-8")
    return yaml.safe_dump(over_http(base_url), sort_keys=False, allow_unicode=True, width=110)
