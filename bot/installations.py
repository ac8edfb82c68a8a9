"""Bolt's installation and state stores over ours, for an app that many workspaces install."""

import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient

from grapevine.settings import BotSettings
from grapevine.store import Store

log = logging.getLogger("bot.installations")

#: what the manifest asks for too (a test compares the two)
SCOPES = ("commands", "chat:write", "users:read", "files:write", "files:read")
_STATE, _STATE_LIVES = "install", 600


class InstallationStore(AsyncInstallationStore):
    """What a bot needs of Bolt's interface; we ask for no user tokens, so users' installations are not kept."""

    def __init__(self, store: Store) -> None:
        self._kept = store.installations

    @property
    def logger(self) -> logging.Logger:
        return log

    async def async_save(self, installation: Installation) -> None:
        await self.async_save_bot(installation.to_bot())

    async def async_save_bot(self, bot: Bot) -> None:
        # An org-wide installation is found without a team: python-slack-sdk #1639
        team = "" if bot.is_enterprise_install else bot.team_id or ""
        await self._kept.save(bot.enterprise_id or "", team, _plain(bot))

    async def async_find_bot(
        self, *, enterprise_id: str | None, team_id: str | None, is_enterprise_install: bool | None = False
    ) -> Bot | None:
        enterprise, team = enterprise_id or "", team_id or ""
        found = await self._kept.find(enterprise, "" if is_enterprise_install else team)
        if found and is_enterprise_install and team:
            await self._kept.serve(enterprise, team)
        return Bot(**found) if found else None

    async def async_find_installation(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None = None,  # noqa: ARG002 – Bolt's interface
        is_enterprise_install: bool | None = False,
    ) -> Installation | None:
        bot = await self.async_find_bot(
            enterprise_id=enterprise_id, team_id=team_id, is_enterprise_install=is_enterprise_install
        )
        if bot is None:
            return None
        return Installation(user_id="", **_plain(bot))

    async def async_delete_bot(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        await self._kept.delete(enterprise_id or "", team_id or "")

    async def async_delete_installation(
        self, *, enterprise_id: str | None, team_id: str | None, user_id: str | None = None
    ) -> None:
        """Nothing is kept for single users."""


def _plain(bot: Bot) -> Mapping[str, Any]:
    names = (
        "app_id", "enterprise_id", "enterprise_name", "team_id", "team_name", "bot_token", "bot_id", "bot_user_id",
        "bot_scopes", "bot_refresh_token", "bot_token_expires_at", "is_enterprise_install", "installed_at",
    )  # fmt: skip
    return {name: getattr(bot, name) for name in names}


class StateStore(AsyncOAuthStateStore):
    """Single-use states of the install flow."""

    def __init__(self, store: Store) -> None:
        self._passes = store.passes

    @property
    def logger(self) -> logging.Logger:
        return log

    async def async_issue(self, *args: Any, **kwargs: Any) -> str:  # noqa: ARG002 – Bolt's interface
        return await self._passes.issue(_STATE, {}, _STATE_LIVES)

    async def async_consume(self, state: str) -> bool:
        return await self._passes.use(_STATE, state) is not None


def install_flow(settings: BotSettings, store: Store, client: AsyncWebClient) -> AsyncOAuthFlow | None:
    """``/slack/install`` and ``/slack/oauth_redirect``; None when one workspace is served with a bot token."""
    if not settings.many_workspaces:
        return None
    secret = settings.slack_client_secret
    return AsyncOAuthFlow(
        client=client,
        logger=log,
        settings=AsyncOAuthSettings(
            client_id=settings.slack_client_id,
            client_secret=secret.get_secret_value() if secret else None,
            scopes=SCOPES,
            redirect_uri=f"{settings.base_url}/slack/oauth_redirect",
            # https://slack.com/oauth/v2/authorize, or the stand-in's
            authorization_url=urljoin(settings.slack_api_url, "/oauth/v2/authorize"),
            installation_store=InstallationStore(store),
            installation_store_bot_only=True,
            state_store=StateStore(store),
        ),
    )
