"""Uploading a video in parts, and putting it together.

https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/videos-api
"""

import hashlib
from typing import Any

from aiohttp import web

from grapevine.playground.linkedin_answers import TOKEN, denied, refusal, sent
from grapevine.playground.linkedin_state import STATE, Image, LinkedInStandIn, Video

_SMALLEST, _LARGEST = 75_000, 500_000_000


async def videos(request: web.Request) -> web.Response:
    state, token = request.app[STATE], request[TOKEN]
    action = request.query.get("action", "")
    if "w_member_social" not in token.scopes:
        return denied(f"partnerApiVideos.ACTION-{action}.{request.headers['Linkedin-Version']}01")
    body = (await sent(request)) or {}
    if action == "initializeUpload":
        return _begun(request, state, body.get("initializeUploadRequest"))
    if action == "finalizeUpload":
        return _finished(state, body.get("finalizeUploadRequest"))
    return refusal(400, "ILLEGAL_ARGUMENT", "The action is not known")


def _begun(request: web.Request, state: LinkedInStandIn, asked: Any) -> web.Response:
    member = request[TOKEN].member
    if not isinstance(asked, dict) or asked.get("owner") != member.urn:
        return refusal(403, "ACCESS_DENIED", "The owner should be the member", 100)
    size = asked.get("fileSizeBytes")
    if not isinstance(size, int) or not _SMALLEST <= size <= _LARGEST:
        return refusal(400, "INVALID_VALUE_FOR_FIELD", "/fileSizeBytes should be from 75 KB to 500 MB")
    urn = state.new_urn("video").replace("urn:li:video:", "urn:li:video:C5F")
    state.videos[urn] = Video(member, size)
    instructions = [
        {
            "uploadUrl": str(request.url.join(request.app.router["part"].url_for(urn=urn, first=str(first)))),
            "firstByte": first,
            "lastByte": min(first + state.part_size, size) - 1,
        }
        for first in range(0, size, state.part_size)
    ]
    expires = int((state.clock() + 3600) * 1000)
    told = {"uploadUrlsExpireAt": expires, "video": urn, "uploadInstructions": instructions, "uploadToken": ""}
    return web.json_response({"value": told})


async def part(request: web.Request) -> web.Response:
    state, first = request.app[STATE], request.match_info["first"]
    video = state.videos.get(request.match_info["urn"])
    content = await request.read()
    if video is None or not first.isdigit():
        return refusal(404, "NOT_FOUND", "Not Found")
    if len(content) != min(state.part_size, video.size - int(first)):
        return refusal(400, "INVALID_VALUE_FOR_FIELD", "The part is not as long as was told")
    video.parts[int(first)] = content
    return web.Response(headers={"ETag": _etag(content)})


def _finished(state: LinkedInStandIn, asked: Any) -> web.Response:
    video = state.videos.get(str(asked.get("video"))) if isinstance(asked, dict) else None
    if video is None:
        return refusal(404, "NOT_FOUND", "Not Found")
    content = b"".join(video.parts[first] for first in sorted(video.parts))
    named = [_etag(video.parts[first]) for first in sorted(video.parts)]
    if asked.get("uploadToken") != "" or asked.get("uploadedPartIds") != named or len(content) != video.size:
        return refusal(400, "INVALID_VALUE_FOR_FIELD", "/uploadedPartIds are not all the parts in their order")
    # From here on it is shown as pictures are, once it has been processed.
    state.images[asked["video"]] = Image(video.owner, content, state.clock() + state.processing)
    del state.videos[asked["video"]]
    return web.Response()


def _etag(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


ROUTES = (
    web.post("/rest/videos", videos),
    web.put("/dms-uploads/{urn}/{first}", part, name="part"),
)
