"""Files in the stand-in: an upload in three steps, as files_upload_v2 takes them, and the download.

https://docs.slack.dev/messaging/working-with-files#upload
"""

import mimetypes
import re
from urllib.parse import quote

from aiohttp import web

from grapevine.playground.config import JSON
from grapevine.playground.people import BOT_USER_ID
from grapevine.playground.webapi import Arguments, Method, SlackError
from grapevine.playground.workspace import Upload, Workspace, new_id

LARGEST = 50 * 1024 * 1024
PICTURES = ("image/png", "image/jpeg", "image/gif")


def upload_url(workspace: Workspace, arguments: Arguments) -> JSON:
    name = arguments.text("filename")
    length = arguments.text("length")
    if not length.isdigit() or not 0 < int(length) <= LARGEST:
        raise SlackError("invalid_arguments", ["[ERROR] must be greater than 0 [json-pointer:/length]"])
    upload = Upload(new_id("F"), name, int(length))
    workspace.uploads[upload.id] = upload
    return {"upload_url": f"{workspace.config.url}/slack/upload/{upload.id}", "file_id": upload.id}


def described(workspace: Workspace, upload: Upload) -> JSON:
    """https://docs.slack.dev/reference/objects/file-object"""
    url = f"{workspace.config.url}/files/{upload.id}/{quote(upload.name)}"
    kind = upload.name.rpartition(".")[2].lower() if "." in upload.name else "text"
    return {
        "id": upload.id,
        "name": upload.name,
        "title": upload.title or upload.name,
        "mimetype": _mimetype(upload),
        "filetype": kind,
        "pretty_type": kind.upper(),
        "mode": "hosted",
        "size": upload.length,
        "user": upload.user or BOT_USER_ID,
        "url_private": url,
        "url_private_download": url,
        "permalink": url,
    }


def _mimetype(upload: Upload) -> str:
    return mimetypes.guess_type(upload.name)[0] or "application/octet-stream"


def complete(workspace: Workspace, arguments: Arguments) -> JSON:
    files = arguments.data("files")
    if not isinstance(files, list) or not files:
        raise SlackError("invalid_arguments", ["[ERROR] missing required field: files [json-pointer:/files]"])
    named = [name for name in arguments.maybe_text("channels").split(",") if name]
    if channel_id := arguments.maybe_text("channel_id"):
        if not re.fullmatch(r"[CGDZ][A-Z0-9]{8,}", channel_id):
            said = "[ERROR] input must match regex pattern: ^[CGDZ][A-Z0-9]{8,}$ [json-pointer:/channel_id]"
            raise SlackError("invalid_arguments", [said])
        named.append(channel_id)
    channels = [workspace.channels.get(name) for name in named]
    if None in channels:
        raise SlackError("channel_not_found")
    uploads = [_uploaded(workspace, each) for each in files]
    for upload, each in zip(uploads, files, strict=True):
        upload.title, upload.completed = str(each.get("title") or upload.name), True
    cards = [described(workspace, upload) for upload in uploads]
    for channel in channels:
        if channel:
            said_with = {"text": arguments.maybe_text("initial_comment"), "files": cards, "upload": True}
            workspace.say(channel, {"subtype": "file_share", **said_with})
    return {"files": cards}


def _uploaded(workspace: Workspace, given: JSON) -> Upload:
    upload = workspace.uploads.get(str(given.get("id"))) if isinstance(given, dict) else None
    if upload is None or upload.content is None or upload.completed:
        raise SlackError("file_not_found")
    return upload


def info(workspace: Workspace, arguments: Arguments) -> JSON:
    """https://docs.slack.dev/reference/methods/files.info"""
    upload = workspace.uploads.get(arguments.text("file"))
    if upload is None or not upload.completed:
        raise SlackError("file_not_found")
    return {"file": described(workspace, upload)}


def picked(workspace: Workspace, user_id: str, name: str, content: bytes) -> JSON:
    """A person picks a file in a form; the file object that its state holds."""
    upload = Upload(new_id("F"), name, len(content), content, name, completed=True, user=user_id)
    workspace.uploads[upload.id] = upload
    return described(workspace, upload)


METHODS = {
    "files.info": Method(info, ("files:read",)),
    "files.getUploadURLExternal": Method(upload_url, ("files:write",)),
    "files.completeUploadExternal": Method(complete, ("files:write",)),
}


async def receive(workspace: Workspace, request: web.Request) -> web.Response:
    """The upload itself: the bytes as the body, or as the one file of a form."""
    upload = workspace.uploads.get(request.match_info["id"])
    if upload is None or upload.content is not None:
        return web.Response(status=404, text="No such upload.")
    if request.content_type == "multipart/form-data":
        form = await request.post()
        field = next((value for value in form.values() if isinstance(value, web.FileField)), None)
        content = field.file.read() if field else b""
    else:
        content = await request.read()
    if len(content) != upload.length:
        return web.Response(status=400, text="The length is not the one that was announced.")
    upload.content = content
    return web.Response(text=f"OK - {len(content)}")


async def download(workspace: Workspace, request: web.Request) -> web.Response:
    upload = workspace.uploads.get(request.match_info["id"])
    if upload is None or upload.content is None or not upload.completed:
        return web.Response(status=404, text="No such file.")
    if upload.user and not _may_read(workspace, request):
        return web.Response(text="<!doctype html><title>Sign in | Slack</title>", content_type="text/html")
    disposition = f"attachment; filename*=UTF-8''{quote(upload.name)}"
    headers = {"Content-Disposition": disposition, "X-Content-Type-Options": "nosniff"}
    shown = _mimetype(upload) if _mimetype(upload) in PICTURES else "application/octet-stream"
    return web.Response(body=upload.content, content_type=shown, headers=headers)


def _may_read(workspace: Workspace, request: web.Request) -> bool:
    """A person's own file is told to a token with the scope for it; anybody else sees Slack's page to sign in."""
    config = workspace.config
    shown = request.headers.get("Authorization") == f"Bearer {config.bot_token}"
    return shown and "files:read" in config.manifest.scopes
