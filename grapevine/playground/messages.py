"""Web API methods about messages, chat.*, and the answers that come to a response URL."""

from typing import Any

from aiohttp import web

from grapevine.playground.blocks import identified
from grapevine.playground.checks import check_message
from grapevine.playground.config import JSON
from grapevine.playground.people import BOT_ID, BOT_USER_ID
from grapevine.playground.webapi import Arguments, Method, SlackError
from grapevine.playground.workspace import Channel, Workspace


def content(workspace: Workspace, arguments: Arguments, *, may_be_empty: bool = False) -> JSON:
    """What a message says: text, blocks, attachments, metadata; `SlackError` when Slack would refuse it."""
    said: JSON = {"text": arguments.maybe_text("text")}
    for name in ("blocks", "attachments", "metadata"):
        value = arguments.data(name, "invalid_blocks_format" if name == "blocks" else "invalid_arguments")
        if value is not None:
            said[name] = value
    check_message(said, workspace.config)
    if not (said["text"] or said.get("blocks") or said.get("attachments") or may_be_empty):
        raise SlackError("no_text")
    if "blocks" in said:
        said["blocks"] = identified(said["blocks"])
    return said


def _channel(workspace: Workspace, name: str) -> Channel:
    channel = workspace.channel_for(name)
    if channel is None:
        raise SlackError("channel_not_found")
    if channel.user_id and workspace.users[channel.user_id].deleted:
        raise SlackError("user_not_found")
    if channel.user_id and not workspace.config.manifest.messages_tab:
        raise SlackError("messages_tab_disabled")
    return channel


def post_message(workspace: Workspace, arguments: Arguments) -> JSON:
    channel = _channel(workspace, arguments.text("channel"))
    if BOT_USER_ID not in channel.members and "chat:write.public" not in workspace.config.manifest.scopes:
        raise SlackError("not_in_channel")
    said = content(workspace, arguments)
    if thread := arguments.maybe_text("thread_ts"):
        said["thread_ts"] = thread
    message = workspace.say(channel, said)
    return {"channel": channel.id, "ts": message["ts"], "message": message}


def post_ephemeral(workspace: Workspace, arguments: Arguments) -> JSON:
    channel = _channel(workspace, arguments.text("channel"))
    user_id = arguments.text("user")
    if workspace.person(user_id) is None or user_id not in channel.members:
        raise SlackError("user_not_in_channel")
    if BOT_USER_ID not in channel.members:
        raise SlackError("not_in_channel")
    message = workspace.whisper(channel, user_id, content(workspace, arguments))
    return {"message_ts": message["ts"]}


def _own_message(workspace: Workspace, arguments: Arguments, refusal: str) -> tuple[Channel, str]:
    """The app's message that is to be changed; a user id is no channel here, as Slack has it."""
    channel = workspace.channels.get(arguments.text("channel"))
    if channel is None:
        raise SlackError("channel_not_found")
    message = channel.messages.get(arguments.text("ts"))
    if message is None:
        raise SlackError("message_not_found")
    if message.get("bot_id") != BOT_ID:
        raise SlackError(refusal)
    return channel, message["ts"]


def update(workspace: Workspace, arguments: Arguments) -> JSON:
    channel, ts = _own_message(workspace, arguments, "cant_update_message")
    message = workspace.change(channel, ts, content(workspace, arguments))
    return {"channel": channel.id, "ts": ts, "text": message["text"], "message": message}


def delete(workspace: Workspace, arguments: Arguments) -> JSON:
    channel, ts = _own_message(workspace, arguments, "cant_delete_message")
    workspace.remove(channel, ts)
    return {"channel": channel.id, "ts": ts}


def permalink(workspace: Workspace, arguments: Arguments) -> JSON:
    channel = workspace.channels.get(arguments.text("channel"))
    if channel is None:
        raise SlackError("channel_not_found")
    ts = arguments.text("message_ts")
    if ts not in channel.messages:
        raise SlackError("message_not_found")
    return {"channel": channel.id, "permalink": workspace.links_of(channel, ts)}


METHODS = {
    "chat.postMessage": Method(post_message, ("chat:write",)),
    "chat.postEphemeral": Method(post_ephemeral, ("chat:write",)),
    "chat.update": Method(update, ("chat:write",)),
    "chat.delete": Method(delete, ("chat:write",)),
    "chat.getPermalink": Method(permalink),
}


def answer(workspace: Workspace, user_id: str, channel: Channel, said: JSON, original: JSON | None = None) -> None:
    """Show what the app answered to a command or click: to this person only, unless it is for the channel.

    *original* is the message that was clicked. `SlackError` when Slack would refuse it.
    https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
    """
    arguments = Arguments(said)
    owner = user_id if original and original.get("is_ephemeral") else None
    if arguments.flag("delete_original"):
        if original:
            workspace.remove(channel, original["ts"], owner)
        return
    message = content(workspace, arguments)
    if arguments.flag("replace_original") and original:
        workspace.change(channel, original["ts"], message, owner)
    elif said.get("response_type") == "in_channel":
        workspace.say(channel, message)
    else:
        workspace.whisper(channel, user_id, message)


async def respond(workspace: Workspace, request: web.Request) -> web.Response:
    """POST to a response URL: 200 ok; 404 when it is used up or too old, 400 with the error's name else."""
    url, error = workspace.response_urls.take(request.match_info["key"])
    if url is None:
        return web.json_response({"ok": False, "error": error}, status=404)
    channel = workspace.channels[url.channel_id]
    shelf: dict[str, JSON] = workspace.ephemerals[url.user_id] if url.is_ephemeral else channel.messages
    original = shelf.get(url.message_ts) if url.message_ts else None
    try:
        said: Any = await request.json()
        if not isinstance(said, dict):
            raise SlackError("invalid_payload")
        answer(workspace, url.user_id, channel, said, original)
    except SlackError as refusal:
        return web.json_response(refusal.body(), status=400)
    except ValueError:
        return web.json_response({"ok": False, "error": "invalid_payload"}, status=400)
    return web.json_response({"ok": True})
