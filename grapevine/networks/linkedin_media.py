"""What a post on LinkedIn shows: the card of a link, pictures, a video; uploaded before the post is made.

https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/images-api and …/videos-api
"""

import logging
from typing import Any
from urllib.parse import urlsplit

from grapevine.domain.errors import GrapevineError, Reconnect, Refused, TryLater
from grapevine.domain.pictures import Takes
from grapevine.domain.posts import PostKind
from grapevine.networks.base import Draft, Picture
from grapevine.networks.http import json_object
from grapevine.networks.linkedin_answers import complain, cut
from grapevine.networks.linkedin_rest import Conversation

log = logging.getLogger(__name__)

MOST_PICTURES = 20
#: the pixels are LinkedIn's own bound; it names none of bytes
PICTURES = Takes(("image/jpeg", "image/png", "image/gif"), 8_000_000, 36_152_319)
#: bytes; LinkedIn itself takes 500 MB
LARGEST_VIDEO = 100_000_000
_SMALLEST_VIDEO = 75_000
_TITLE, _DESCRIPTION, _ALT_TEXT = 400, 4000, 4086


def content_of(line: Conversation, draft: Draft) -> dict[str, Any]:
    """The ``content`` of the post, after the uploads that it needs."""
    if draft.media is not None and draft.post.kind is PostKind.VIDEO:
        title = cut(draft.post.title, _TITLE)
        return {"media": {"id": _video(line, *draft.media)} | ({"title": title} if title else {})}
    if draft.pictures:
        if len(draft.pictures) > MOST_PICTURES:
            raise Refused(f"LinkedIn takes {MOST_PICTURES} pictures in one post. Please share fewer.")
        if any(picture.kind not in PICTURES.kinds for picture in draft.pictures):
            raise Refused("LinkedIn takes pictures as JPEG, PNG or GIF only.")
        shown = [_shown(line, picture) for picture in draft.pictures]
        return {"media": shown[0]} if len(shown) == 1 else {"multiImage": {"images": shown}}
    return {"article": _article(line, draft)}


def urns_in(content: dict[str, Any]) -> tuple[str, ...]:
    """Those of the pictures and videos in a ``content``."""
    shown = [content.get("media", {}).get("id"), content.get("article", {}).get("thumbnail")]
    shown += [image["id"] for image in content.get("multiImage", {}).get("images", ())]
    return tuple(urn for urn in shown if urn)


def _article(line: Conversation, draft: Draft) -> dict[str, str]:
    """LinkedIn fetches nothing from the address: title, description and picture are ours to give."""
    source = draft.link or draft.post.url
    article = {
        "source": source,
        "title": cut(draft.post.title or urlsplit(draft.post.url).hostname or source, _TITLE),
    }
    if draft.post.description:
        article["description"] = cut(draft.post.description, _DESCRIPTION)
    if draft.thumbnail is not None and draft.thumbnail[1] in PICTURES.kinds:
        try:
            article["thumbnail"] = _image(line, *draft.thumbnail)
        except Reconnect:
            raise
        except GrapevineError as error:  # a card without a picture is better than no post
            log.info("LinkedIn did not take the picture of a card: %s", error)
    return article


def _shown(line: Conversation, picture: Picture) -> dict[str, str]:
    shown = {"id": _image(line, picture.content, picture.kind)}
    return shown | ({"altText": cut(picture.alt_text, _ALT_TEXT)} if picture.alt_text else {})


def _image(line: Conversation, content: bytes, kind: str) -> str:
    place = _place(line, "images", {"owner": line.token.author}, "uploadUrl", "image")
    complain(line.upload(str(place["uploadUrl"]), content, kind))
    return str(place["image"])


def _video(line: Conversation, content: bytes, kind: str) -> str:
    """In the parts that LinkedIn names, each confirmed by its ETag, and then put together."""
    if kind != "video/mp4" or not _SMALLEST_VIDEO <= len(content) <= LARGEST_VIDEO:
        most = LARGEST_VIDEO // 1_000_000
        raise Refused(f"LinkedIn takes videos as MP4 of 75 KB to {most} MB. Please share another one.")
    whole = {
        "owner": line.token.author,
        "fileSizeBytes": len(content),
        "uploadCaptions": False,
        "uploadThumbnail": False,
    }
    place = _place(line, "videos", whole, "uploadInstructions", "video")
    parts = []
    for url, first, last in _parts(place["uploadInstructions"]):
        answer = line.upload(url, content[first : last + 1], "application/octet-stream")
        complain(answer)
        if not (confirmed := answer.headers.get("ETag", "").strip('"')):
            raise TryLater("LinkedIn did not confirm a part of the video.")
        parts.append(confirmed)
    finished = {"video": place["video"], "uploadToken": str(place.get("uploadToken") or ""), "uploadedPartIds": parts}
    complain(line.rest("POST", "videos?action=finalizeUpload", {"finalizeUploadRequest": finished}))
    return str(place["video"])


def _parts(said: Any) -> list[tuple[str, int, int]]:
    try:
        return [(str(part["uploadUrl"]), int(part["firstByte"]), int(part["lastByte"])) for part in said]
    except (KeyError, TypeError, ValueError):
        raise TryLater("LinkedIn did not say how it wants the video.") from None


def _place(line: Conversation, what: str, about: dict[str, Any], *needed: str) -> dict[str, Any]:
    asked = line.rest("POST", f"{what}?action=initializeUpload", {"initializeUploadRequest": about})
    complain(asked)
    place = json_object(asked, "LinkedIn").get("value")
    if not isinstance(place, dict) or not set(needed) <= place.keys():
        raise TryLater(f"LinkedIn named no place for the {what}.")
    return place
