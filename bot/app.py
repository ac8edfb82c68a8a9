"""The Bolt app: what every listener is given, and who listens."""

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_sdk.web.async_client import AsyncWebClient

from bot import (
    accounts,
    commands,
    composer,
    connect_modal,
    erasure,
    guard,
    home,
    insights,
    leaderboard,
    members,
    offers,
    preferences,
    publishing,
    totals,
)
from bot.guard import failed, guarded
from bot.members import introduce
from bot.slack import Slack
from grapevine.domain.errors import Refused
from grapevine.networks.base import Network
from grapevine.settings import BotSettings
from grapevine.store import Store
from grapevine.store.queue import Jobs

log = logging.getLogger("bot")

#: events that come without a person whom we would have to know
_IMPERSONAL = {"user_change", "app_uninstalled", "tokens_revoked"}
FEATURES = (
    commands, composer, offers, home, insights, leaderboard, totals,
    accounts, connect_modal, preferences, erasure, publishing, members,
)  # fmt: skip


def build(
    settings: BotSettings,
    store: Store,
    jobs: Jobs,
    networks: Mapping[str, Network],
    slack: Slack,
    running: set[asyncio.Task[Any]],
    oauth: AsyncOAuthFlow | None = None,
) -> AsyncApp:
    """The app with all its listeners; *running* holds those at work, *oauth* where many workspaces install it."""
    secret = settings.slack_signing_secret
    app = AsyncApp(
        name="grapevine",
        signing_secret=secret.get_secret_value() if secret else "",
        client=slack.client,
        oauth_flow=oauth,
    )
    people = slack.people

    @app.use
    async def hand_out(
        context: dict[str, Any],
        body: dict[str, Any],
        client: AsyncWebClient,
        next: Callable[[], Awaitable[None]],  # noqa: A002
    ) -> BoltResponse | None:
        """Puts into the context what listeners ask for by argument name; redeliveries and guests end here."""
        now = time.time()
        context.update(store=store, jobs=jobs, networks=networks, settings=settings, people=people, now=now)
        context["running"] = running
        event = (body.get("event") or {}).get("type")
        if (delivery := _delivery(body, event)) and not await store.passes.first(delivery):
            return BoltResponse(status=200, body="")
        team = context.get("team_id") or context.get("enterprise_id") or ""
        if event in _IMPERSONAL:
            # Once its listener runs, an event counts as taken: a store that is away is found out before, so that Slack
            # delivers it again.
            await store.redis.ping()
        elif user := context.get("user_id"):
            try:
                member, is_admin = await introduce(people, client, store, settings, team, user, now)
            except Refused as refusal:
                return await _decline(str(refusal), body, client, user)
            context.update(member=member, is_admin=is_admin)
        await next()
        return None

    @app.error
    async def on_error(error: Exception, body: dict[str, Any], context: dict[str, Any]) -> BoltResponse:
        return await failed(error, body, context)

    if oauth is not None:
        app.enable_token_revocation_listeners()
    else:
        app.event("app_uninstalled")(removed)
        app.event("tokens_revoked")(removed)
    for feature in FEATURES:
        feature.register(app)
    # Last: link buttons, which the browser follows by itself; Slack wants them acknowledged all the same.
    app.action(re.compile(""), matchers=[_is_link])(link_pressed)
    return app


@guarded
async def removed() -> None:
    log.warning("The app was removed from its workspace: install it again, and set SLACK_BOT_TOKEN to the new token")


async def _is_link(action: dict[str, Any]) -> bool:
    return "url" in action


@guarded
async def link_pressed(ack: AsyncAck) -> None:
    await ack()


def _delivery(body: Mapping[str, Any], event: str | None) -> str | None:
    """What names this delivery: Slack delivers again when the answer was late or lost.

    None for events whose work may be done twice but must not be lost: a person who left, an app that was removed.
    """
    return None if event in _IMPERSONAL else body.get("event_id") or body.get("trigger_id")


async def _decline(text: str, body: Mapping[str, Any], client: AsyncWebClient, user: str) -> BoltResponse:
    """Answer a person who does not take part."""
    if "command" in body:
        return BoltResponse(status=200, body={"response_type": "ephemeral", "text": text})
    if (body.get("event") or {}).get("type") == "app_home_opened":
        blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": text}}]
        await client.views_publish(user_id=user, view={"type": "home", "blocks": blocks})
    elif body.get("type") != "event_callback":
        await guard.show(client, body, text, user)
    return BoltResponse(status=200, body="")
