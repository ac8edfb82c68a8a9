"""What Slack hands out for a while: trigger ids (one use, 3 s) and response URLs (5 uses, 30 min)."""

import secrets
import time
from dataclasses import dataclass, field


@dataclass
class Trigger:
    user_id: str
    view_id: str | None
    issued: float
    used: bool = False


class Triggers:
    """https://docs.slack.dev/interactivity/handling-user-interaction#modal_responses"""

    def __init__(self, lifetime: float) -> None:
        self.lifetime = lifetime
        self._issued: dict[str, Trigger] = {}

    def issue(self, user_id: str, view_id: str | None = None) -> str:
        now = time.monotonic()
        self._issued = {key: each for key, each in self._issued.items() if now - each.issued < 60}
        trigger_id = f"{secrets.randbelow(10**13)}.{secrets.randbelow(10**13)}.{secrets.token_hex(16)}"
        self._issued[trigger_id] = Trigger(user_id, view_id, now)
        return trigger_id

    def look(self, trigger_id: str) -> tuple[Trigger | None, str | None]:
        """The trigger, or the name of the error that Slack answers."""
        trigger = self._issued.get(trigger_id)
        if trigger is None:
            return None, "invalid_trigger_id"
        if trigger.used:
            return None, "exchanged_trigger_id"
        if time.monotonic() - trigger.issued > self.lifetime:
            return None, "expired_trigger_id"
        return trigger, None


@dataclass
class ResponseUrl:
    """Where an answer to one command or click goes; *message_ts* is the message that was clicked."""

    user_id: str
    channel_id: str
    message_ts: str | None = None
    is_ephemeral: bool = False
    uses: int = 0
    issued: float = field(default_factory=time.monotonic)


class ResponseUrls:
    """https://docs.slack.dev/interactivity/handling-user-interaction#message_responses"""

    uses_allowed = 5

    def __init__(self, lifetime: float) -> None:
        self.lifetime = lifetime
        self._issued: dict[str, ResponseUrl] = {}

    def issue(self, url: ResponseUrl) -> str:
        """The path of a new response URL."""
        key = secrets.token_urlsafe(18)
        self._issued[key] = url
        return f"/slack/hooks/{key}"

    def take(self, key: str) -> tuple[ResponseUrl | None, str | None]:
        """The response URL with one use counted, or the name of the error that Slack answers."""
        url = self._issued.get(key)
        if url is None:
            return None, "invalid_url"
        if time.monotonic() - url.issued > self.lifetime:
            return None, "expired_url"
        if url.uses >= self.uses_allowed:
            return None, "used_url"
        url.uses += 1
        return url, None
