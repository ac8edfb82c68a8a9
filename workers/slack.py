"""Direct messages in Slack, and what its refusals mean."""

import logging
import re
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from grapevine.domain.errors import NotFound, Refused, TryLater
from grapevine.domain.members import Member
from grapevine.networks.abilities import connectable
from grapevine.networks.base import Network
from grapevine.settings import SlackSettings
from grapevine.store import Store

log = logging.getLogger("workers.slack")

_TIMEOUT = 15
#: what a message to a person who left is answered with, and also when the app itself is gone
_MAYBE_LEFT = {
    "account_inactive",
    "channel_not_found",
    "user_not_found",
    "user_disabled",
    "cannot_dm_bot",
    "is_inactive",
}
#: what a change is answered with when there is nothing (any more) that the app may change
_GONE = {"message_not_found", "cant_update_message", "channel_not_found", "edit_window_closed"}
BUSY = {"ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"}
_APP_ID_KNOWN = 7 * 86400
SILENCE = (aiohttp.ClientError, OSError, TimeoutError)

Block = dict[str, Any]


class Slack:
    """Slack as the workers need it: with the one bot token, or with that of each workspace."""

    def __init__(self, settings: SlackSettings, store: Store) -> None:
        logging.getLogger("slack_sdk").setLevel(logging.WARNING)  # its debug log holds whole messages
        self._settings = settings
        self._store = store

    async def client(self, team: str, waits: int = 2) -> AsyncWebClient:
        """The Web API in the name of the app in one workspace; ``Refused`` where it is not installed.

        *waits*: how often a call waits for as long as Slack asks to.
        """
        token = self._settings.slack_bot_token.get_secret_value() if self._settings.slack_bot_token else None
        if token is None:
            token = await self._store.installations.bot_token(team)
        if token is None:
            raise Refused("Grapevine is not installed in this workspace (any more).")
        # not slack_sdk's usual handlers: after a lost connection they would send the message again
        client = AsyncWebClient(
            token,
            base_url=self._settings.slack_api_url,
            timeout=_TIMEOUT,
            trust_env_in_session=True,
            retry_handlers=[AsyncRateLimitErrorRetryHandler(max_retry_count=waits)],
        )
        client.proxy = None  # slack_sdk's own reading of the environment does not know NO_PROXY; the session's does
        return client

    async def tell(self, member: Member, text: str, blocks: Sequence[Block] = ()) -> tuple[str, str]:
        """A direct message: the channel and the timestamp that it has. ``NotFound`` when the person has left,
        ``TryLater`` (*uncertain* when it may have arrived), ``Refused`` when Slack will not have it.
        """
        client = await self.client(member.team)
        try:
            answer = await client.chat_postMessage(
                channel=member.user, text=text, blocks=list(blocks) or None, unfurl_links=False, unfurl_media=False
            )
        except SlackApiError as error:
            if said(error) in _MAYBE_LEFT and await self._has_left(client, member):
                raise NotFound("This person is no longer in the workspace.") from None
            raise _refusal(error) from None
        except SILENCE as error:
            raise _silence(error) from None
        return str(answer["channel"]), str(answer["ts"])

    async def change(self, member: Member, channel: str, ts: str, text: str, blocks: Sequence[Block]) -> bool:
        """What a message says from now on, which makes no phone ring; False when it is not there any more.

        ``TryLater`` and ``Refused`` as with ``tell``; to say the same once more does no harm. Slack lets a workspace's
        messages be changed some 50 times a minute, and no worker is to stand still for that.
        """
        client = await self.client(member.team, waits=0)
        try:
            await client.chat_update(channel=channel, ts=ts, text=text, blocks=list(blocks))
        except SlackApiError as error:
            if said(error) in _GONE:
                return False
            raise _refusal(error) from None
        except SILENCE as error:
            raise _silence(error) from None
        return True

    async def home(self, team: str) -> str | None:
        """The address that opens the app's Home in Slack; None where the app's id is not known."""
        app = await self._store.workspaces.app_id(team)
        if app is None:
            try:
                app = (await (await self.client(team)).auth_test()).get("app_id") or ""
            except (SlackApiError, *SILENCE, Refused):
                return None
            await self._store.workspaces.know_app_id(team, app, _APP_ID_KNOWN)
        return f"slack://app?team={team}&id={app}&tab=home" if app else None

    async def _has_left(self, client: AsyncWebClient, member: Member) -> bool:
        """Asks once more before anything is wiped: the same words are said when the *app* has been removed."""
        try:
            answer = await client.users_info(user=member.user)
        except SlackApiError as error:
            return said(error) in ("user_not_found", "users_not_found")
        except SILENCE:
            return False
        return bool((answer.get("user") or {}).get("deleted"))


def _refusal(error: SlackApiError) -> TryLater | Refused:
    why = said(error)
    if why in BUSY or status(error) >= 500 or status(error) == 429:
        after = error.response.headers.get("Retry-After", "") if not isinstance(error.response, str) else ""
        return TryLater(
            f"Slack is busy ({why}).", float(after) if after.isdigit() else None, uncertain=status(error) >= 500
        )
    return Refused(f"Slack does not take the message ({why}).")


def _silence(error: Exception) -> TryLater:
    return TryLater("Slack did not answer.", uncertain=not isinstance(error, aiohttp.ClientConnectorError))


def escaped(text: str) -> str:
    """Text that is no markup: https://docs.slack.dev/messaging/formatting-message-text#escaping"""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def link(url: str, text: str) -> str:
    """A link in Slack's markup; *url* as it is when it could break out of it."""
    return f"<{url}|{escaped(text)}>" if re.fullmatch(r"https?://[^\s<>|]+", url) else escaped(text)


def section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def reconnecting(text: str, network: Network) -> list[Block]:
    """The text, and a button that opens the way to connect *network* anew (a link itself would grow old)."""
    return [section(text), connects({network.name: connectable(network)})]


def connects(offers: Mapping[str, str]) -> Block:
    """Buttons that open the way to connect: network → what a member connects there (``connectable``)."""
    buttons = [
        {
            "type": "button",
            "text": {"type": "plain_text", "text": f"Connect {what}", "emoji": True},
            "action_id": f"home:connect:{name}",
            "style": "primary",
        }
        for name, what in offers.items()
    ]
    return {"type": "actions", "elements": buttons}


def said(error: SlackApiError) -> str:
    return str(error.response.get("error", "")) if not isinstance(error.response, str) else ""


def status(error: SlackApiError) -> int:
    return int(getattr(error.response, "status_code", 200))


async def gently(telling: Awaitable[object]) -> bool:
    """Whether a message that may as well be lost went out."""
    try:
        await telling
    except (TryLater, Refused, NotFound) as error:
        log.warning("a message did not go out: %s", error)
        return False
    return True
