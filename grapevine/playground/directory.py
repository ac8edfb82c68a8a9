"""Web API methods about who and where: auth.*, users.*, conversations.*."""

from grapevine.playground.config import JSON
from grapevine.playground.people import APP_ID, BOT_ID, BOT_USER_ID, TEAM_ID, TEAM_NAME, User
from grapevine.playground.webapi import Arguments, Method, SlackError
from grapevine.playground.workspace import Channel, Workspace


def auth_test(workspace: Workspace, _: Arguments) -> JSON:
    return {
        "url": f"{workspace.config.url}/",
        "team": TEAM_NAME,
        "user": workspace.users[BOT_USER_ID].name,
        "team_id": TEAM_ID,
        "user_id": BOT_USER_ID,
        "bot_id": BOT_ID,
        "app_id": APP_ID,
        "is_enterprise_install": False,
    }


def _card(workspace: Workspace, user: User) -> JSON:
    with_email = "users:read.email" in workspace.config.manifest.scopes
    return user.card(workspace.config.url, with_email=with_email)


def users_info(workspace: Workspace, arguments: Arguments) -> JSON:
    user = workspace.users.get(arguments.text("user"))
    if user is None:
        raise SlackError("user_not_found")
    card = _card(workspace, user)
    if arguments.flag("include_locale"):
        card["locale"] = user.locale
    return {"user": card}


def users_list(workspace: Workspace, arguments: Arguments) -> JSON:
    """Pages by *cursor*, the number of people already answered."""
    everybody = list(workspace.users.values())
    try:
        start, size = int(arguments.maybe_text("cursor") or 0), int(arguments.maybe_text("limit") or 1000)
    except ValueError:
        raise SlackError("invalid_cursor") from None
    page = everybody[start : start + size]
    more = str(start + size) if start + size < len(everybody) else ""
    members = [_card(workspace, user) for user in page]
    if arguments.flag("include_locale"):
        for member, user in zip(members, page, strict=True):
            member["locale"] = user.locale
    return {"members": members, "cache_ts": 1767225600, "response_metadata": {"next_cursor": more}}


def conversations_open(workspace: Workspace, arguments: Arguments) -> JSON:
    users = arguments.maybe_text("users")
    channel_id = arguments.maybe_text("channel")
    if not users and not channel_id:
        raise SlackError("users_list_not_supplied")
    if "," in users:
        raise SlackError("method_not_supported_for_channel_type")
    channel = workspace.channels.get(channel_id) if channel_id else workspace.channel_for(users)
    if channel is None or channel.user_id is None:
        raise SlackError("channel_not_found" if channel_id else "user_not_found")
    if workspace.users[channel.user_id].deleted:
        raise SlackError("user_disabled")
    return {"no_op": True, "already_open": True, "channel": {"id": channel.id}}


def _described(channel: Channel) -> JSON:
    is_im = channel.user_id is not None
    said: JSON = {"id": channel.id, "created": channel.created, "is_im": is_im, "is_org_shared": False}
    if is_im:
        return said | {"user": channel.user_id, "is_archived": False}
    return said | {
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": True,
        "is_group": False,
        "is_mpim": False,
        "is_private": False,
        "is_archived": False,
        "is_general": channel.name == "general",
        "is_member": "U0GRAPEBOT" in channel.members,
        "context_team_id": TEAM_ID,
    }


def conversations_info(workspace: Workspace, arguments: Arguments) -> JSON:
    channel = workspace.channels.get(arguments.text("channel"))
    if channel is None:
        raise SlackError("channel_not_found")
    needed = "im:read" if channel.user_id else "channels:read"
    granted = workspace.config.manifest.scopes
    if needed not in granted:
        raise SlackError("missing_scope", needed=needed, provided=",".join(granted))
    return {"channel": _described(channel)}


METHODS = {
    "auth.test": Method(auth_test),
    "users.info": Method(users_info, ("users:read",)),
    "users.list": Method(users_list, ("users:read",)),
    "conversations.open": Method(conversations_open, ("channels:manage", "groups:write", "im:write", "mpim:write")),
    "conversations.info": Method(conversations_info, ("channels:read", "groups:read", "im:read", "mpim:read")),
}
