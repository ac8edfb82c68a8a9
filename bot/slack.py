"""Slack's Web API outside a listener: a client for each workspace."""

import asyncio
import logging
from collections.abc import Awaitable
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient

from bot.members import People
from grapevine.settings import BotSettings, SettingsError
from grapevine.store import Store

log = logging.getLogger("bot.slack")

#: seconds for a whole answer of Slack's
TIMEOUT = 10
_BAD_TOKENS = {
    "invalid_auth",
    "not_authed",
    "account_inactive",
    "token_revoked",
    "token_expired",
    "not_allowed_token_type",
}


class Slack:
    """One HTTP session for all clients; open it inside the running loop, ``close`` it at the end."""

    def __init__(self, settings: BotSettings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT), trust_env=True)
        self.people = People()
        self._names: dict[str, str] = {}
        token = settings.slack_bot_token
        #: carries the bot token of the one workspace, none when many are served
        self.client = self._client(token.get_secret_value() if token and not settings.many_workspaces else None)

    def app_client(self, app_token: str) -> AsyncWebClient:
        """The client that opens Socket Mode connections."""
        return self._client(app_token)

    async def check(self) -> None:
        """``SettingsError`` when Slack does not accept a token; that Slack cannot be reached may pass."""
        token = self._settings.slack_app_token
        try:
            if self.client.token:
                await _accepted("SLACK_BOT_TOKEN", "OAuth & Permissions", self.client.auth_test())
            if token:
                app_token = token.get_secret_value()
                opening = self.client.apps_connections_open(app_token=app_token)
                await _accepted("SLACK_APP_TOKEN", "Basic Information, App-Level Tokens", opening)
        except (aiohttp.ClientError, TimeoutError) as error:
            log.warning("Slack cannot be reached yet: %s", type(error).__name__)

    async def of(self, team: str) -> AsyncWebClient:
        """The client that speaks in *team*."""
        if not self._settings.many_workspaces:
            return self.client
        return self._client(await self._store.installations.bot_token(team))

    async def workspace(self, team: str) -> str:
        """The workspace's name, for pages; empty when Slack does not say."""
        if team not in self._names:
            try:
                answer = await asyncio.wait_for((await self.of(team)).auth_test(), TIMEOUT)
            except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
                log.warning("Slack did not tell a workspace's name: %s", type(error).__name__)
                return ""
            self._names[team] = str(answer.get("team") or "")
        return self._names[team]

    async def close(self) -> None:
        await self._session.close()

    def _client(self, token: str | None) -> AsyncWebClient:
        return AsyncWebClient(
            token=token,
            base_url=self._settings.slack_api_url,
            timeout=TIMEOUT,
            session=self._session,
            retry_handlers=[
                AsyncConnectionErrorRetryHandler(),
                AsyncRateLimitErrorRetryHandler(max_retry_count=2),
                AsyncServerErrorRetryHandler(max_retry_count=2),
            ],
        )


async def _accepted(name: str, place: str, asking: Awaitable[Any]) -> None:
    try:
        await asking
    except SlackApiError as error:
        said = str(error.response.get("error", ""))
        if said in _BAD_TOKENS:
            raise SettingsError(f"{name} is not accepted by Slack ({said}). Copy it anew from {place}.") from None
        log.warning("Slack answered %s", said)
