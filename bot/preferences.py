"""Settings: what a member chooses, and what an admin decides for the workspace."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot import home, preferences_view, spending
from bot.command import Command
from bot.guard import guarded
from grapevine.domain.days import day_of
from grapevine.domain.errors import Refused
from grapevine.domain.members import Member
from grapevine.domain.points import Rate, rate_on
from grapevine.networks.base import Network
from grapevine.settings import BotSettings
from grapevine.store import Store
from grapevine.store.workspaces import WorkspaceSettings


async def on_settings(command: Command) -> None:
    """``/grapevine settings``."""
    await _open(
        command.client, command.body, command.store, command.settings, command.member, is_admin=command.is_admin
    )


@guarded
async def settings_pressed(
    ack: AsyncAck,
    body: dict[str, Any],
    client: AsyncWebClient,
    store: Store,
    settings: BotSettings,
    member: Member,
    is_admin: bool,
) -> None:
    await ack()
    await _open(client, body, store, settings, member, is_admin=is_admin)


async def _open(
    client: AsyncWebClient,
    body: Mapping[str, Any],
    store: Store,
    settings: BotSettings,
    member: Member,
    *,
    is_admin: bool,
) -> None:
    workspace = await store.workspaces.settings(member.team)
    view = preferences_view.member_view(member, workspace, settings.digest_interval, is_admin=is_admin)
    await client.views_open(trigger_id=body["trigger_id"], view=view)


@guarded
async def member_saved(
    ack: AsyncAck,
    view: dict[str, Any],
    client: AsyncWebClient,
    store: Store,
    networks: Mapping[str, Network],
    settings: BotSettings,
    member: Member,
    now: float,
    is_admin: bool,
) -> None:
    await ack()
    chosen = preferences_view.preferences(view["state"]["values"], member.preferences)
    await store.members.prefer(member.id, chosen)
    await home.publish_home(
        client, store, networks, settings, replace(member, preferences=chosen), now, is_admin=is_admin
    )


@guarded
async def workspace_pressed(
    ack: AsyncAck,
    body: dict[str, Any],
    client: AsyncWebClient,
    store: Store,
    networks: Mapping[str, Network],
    member: Member,
    now: float,
    is_admin: bool,
) -> None:
    await ack()
    _only_admins(is_admin=is_admin)
    workspace = await store.workspaces.settings(member.team)
    budgets = await spending.budgets(store, networks, member.team, workspace, now)
    view = preferences_view.workspace_view(workspace, rate_on(day_of(now), workspace.rates), budgets)
    if (body.get("view") or {}).get("type") == "modal":
        await client.views_push(trigger_id=body["trigger_id"], view=view)
    else:
        await client.views_open(trigger_id=body["trigger_id"], view=view)


@guarded
async def workspace_saved(
    ack: AsyncAck,
    view: dict[str, Any],
    client: AsyncWebClient,
    store: Store,
    networks: Mapping[str, Network],
    settings: BotSettings,
    member: Member,
    now: float,
    is_admin: bool,
) -> None:
    _only_admins(is_admin=is_admin)
    values = view["state"]["values"]
    rate = preferences_view.rate(values)
    before = await store.workspaces.settings(member.team)
    try:
        budgets = preferences_view.budgets(before.budgets, values)
    except preferences_view.Unreadable as error:
        await ack(response_action="errors", errors={error.block_id: error.said})
        return
    await ack()
    after = with_rate(replace(preferences_view.switched(before, values), budgets=budgets), day_of(now), rate)
    await store.workspaces.change(member.team, after)
    if below := view.get("previous_view_id"):  # their own settings, to which a leaderboard may have come
        shown = preferences_view.member_view(member, after, settings.digest_interval, is_admin=is_admin)
        await client.views_update(view_id=below, view=shown)
    await home.publish_home(client, store, networks, settings, member, now, is_admin=is_admin)


def with_rate(workspace: WorkspaceSettings, today: str, points: int) -> WorkspaceSettings:
    """The settings with *points* per click from *today* on; what was earned before stays as it was (rule 16)."""
    if rate_on(today, workspace.rates) == points:
        return workspace
    before = tuple(rate for rate in workspace.rates if rate.day < today)
    return replace(workspace, rates=(*before, Rate(today, points)))


def _only_admins(*, is_admin: bool) -> None:
    if not is_admin:
        raise Refused("Only the workspace's owners and admins can change its settings.")


def register(app: AsyncApp) -> None:
    app.action("settings")(settings_pressed)
    app.action("settings:open_workspace")(workspace_pressed)
    app.view(preferences_view.MEMBER)(member_saved)
    app.view(preferences_view.WORKSPACE)(workspace_saved)
