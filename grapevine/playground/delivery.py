"""Sends commands, interactions and events to the app: over its socket if one is open, else over signed HTTP.

Signature: https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import asyncio
import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

import aiohttp

from grapevine.playground.config import JSON, PlaygroundConfig
from grapevine.playground.people import APP_ID, BOT_USER_ID, TEAM_ID
from grapevine.playground.socket import NotConnected, Sockets
from grapevine.playground.workspace import Workspace, new_id

Kind = Literal["slash_commands", "interactive", "events_api"]


@dataclass(frozen=True)
class Answer:
    """What came of a delivery: the app's acknowledgement, or the error that Slack shows a person."""

    error: str | None = None
    body: Any = None
    reason: str = ""
    no_retry: bool = False


class Delivery:
    def __init__(self, config: PlaygroundConfig, workspace: Workspace, sockets: Sockets) -> None:
        self.config = config
        self.workspace = workspace
        self.sockets = sockets
        self._session: aiohttp.ClientSession | None = None
        self._events: set[asyncio.Task[bool]] = set()

    async def start(self) -> None:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=self.config.answer_within))

    async def close(self) -> None:
        for task in list(self._events):
            task.cancel()
        await asyncio.gather(*self._events, return_exceptions=True)
        if self._session:
            await self._session.close()

    async def deliver(self, kind: Kind, payload: JSON, retry: tuple[int, str] | None = None) -> Answer:
        """Send once and wait up to three seconds for the acknowledgement."""
        if self.sockets.connected:
            try:
                async with asyncio.timeout(self.config.answer_within):
                    return Answer(body=await self.sockets.send(kind, payload, retry))
            except TimeoutError:
                return Answer("operation_timeout", reason="timeout")
            except NotConnected:
                return Answer("dispatch_failed", reason="socket_closed")
        if self.config.transport == "socket":
            return Answer("dispatch_failed", reason="no_socket")
        return await self._post(kind, payload, retry)

    async def _post(self, kind: Kind, payload: JSON, retry: tuple[int, str] | None) -> Answer:
        if self._session is None:
            raise RuntimeError("The delivery was not started.")
        if kind == "events_api":
            body, content_type = json.dumps(payload), "application/json"
        else:
            fields = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
            body, content_type = urlencode(fields), "application/x-www-form-urlencoded"
        headers = self.signed(body) | {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
        }
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry[0]), "X-Slack-Retry-Reason": retry[1]}
        try:
            async with self._session.post(
                self.config.events_url, data=body.encode(), headers=headers, allow_redirects=False
            ) as response:
                text = await response.text()
                no_retry = response.headers.get("X-Slack-No-Retry") == "1"
                if not 200 <= response.status < 300:
                    return Answer("dispatch_failed", reason="http_error", no_retry=no_retry)
                return Answer(body=_read(text, response.content_type))
        except TimeoutError:
            return Answer("operation_timeout", reason="http_timeout")
        except aiohttp.ClientError:
            return Answer("dispatch_failed", reason="connection_failed")

    def signed(self, body: str, at: float | None = None) -> dict[str, str]:
        """The two headers that prove a request is Slack's; *at* is the time of signing, now if not given."""
        timestamp = str(int(time.time() if at is None else at))
        base = f"v0:{timestamp}:{body}".encode()
        digest = hmac.new(self.config.signing_secret.encode(), base, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}"}

    def event(self, event: JSON, subscription: str | None = None) -> asyncio.Task[bool] | None:
        """Deliver an event, with Slack's retries, if the manifest subscribes to it; else nothing happens.

        *subscription* is the name in the manifest where it is not the event's type (message.im).
        The task ends with True when the app took it. https://docs.slack.dev/apis/events-api
        """
        if (subscription or event["type"]) not in self.config.manifest.events:
            return None
        event_id = new_id("Ev")
        payload: JSON = {
            "token": self.config.verification_token,
            "team_id": TEAM_ID,
            "context_team_id": TEAM_ID,
            "context_enterprise_id": None,
            "api_app_id": APP_ID,
            "event": event,
            "type": "event_callback",
            "event_id": event_id,
            "event_time": int(time.time()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": TEAM_ID,
                    "user_id": BOT_USER_ID,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": False,
            "event_context": f"4-{event_id}",
        }
        task = asyncio.create_task(self._insist(payload))
        self._events.add(task)
        task.add_done_callback(self._events.discard)
        return task

    async def _insist(self, payload: JSON) -> bool:
        answer = await self.deliver("events_api", payload)
        for number, delay in enumerate(self.config.retry_delays, start=1):
            if answer.error is None or answer.no_retry:
                break
            await asyncio.sleep(delay)
            answer = await self.deliver("events_api", payload, (number, answer.reason))
        return answer.error is None

    async def challenge(self) -> bool:
        """Whether the app answers Slack's url_verification: https://docs.slack.dev/reference/events/url_verification"""
        challenge = new_id("")
        payload: JSON = {"token": self.config.verification_token, "challenge": challenge, "type": "url_verification"}
        answer = await self._post("events_api", payload, None)
        said = answer.body.get("challenge", answer.body.get("text")) if isinstance(answer.body, dict) else None
        return bool(said == challenge)

    async def reachable(self) -> bool:
        """Whether the app has a socket open or, over HTTP, listens where its events go."""
        if self.sockets.connected or self.config.transport == "socket":
            return self.sockets.connected
        address = urlsplit(self.config.events_url)
        try:
            async with asyncio.timeout(1):
                _, writer = await asyncio.open_connection(address.hostname, address.port or 80)
        except (OSError, TimeoutError):
            return False
        writer.close()
        return True


def _read(text: str, content_type: str) -> Any:
    if not text:
        return None
    if content_type == "application/json":
        try:
            return json.loads(text)
        except ValueError:
            return {"text": text}
    return {"text": text}
