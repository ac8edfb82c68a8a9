"""Publishing on LinkedIn: what a post is made of, and what the answer to it means.

https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/posts-api
"""

import re
import time
from typing import Any
from urllib.parse import unquote, urlsplit

import requests

from grapevine.domain.errors import Refused, TryLater
from grapevine.networks.base import Draft, Published
from grapevine.networks.http import json_object, without_effect
from grapevine.networks.linkedin_rest import Conversation, said
from grapevine.networks.linkedin_text import little

PICTURES = ("image/jpeg", "image/png", "image/gif")
_TITLE, _DESCRIPTION = 400, 4000
_URN = re.compile(r"urn:li:(?:share|ugcPost):(\d{1,20})")
#: LinkedIn's clock and ours may differ; nobody writes the same post twice within it.
_DRIFT = 600.0
#: LinkedIn forgets duplicates after a day or two; until then a second create is refused by name.
_REMEMBERED = 12 * 3600.0


class _DuplicateError(Exception):
    """LinkedIn names the post that this one repeats."""


def publish(line: Conversation, draft: Draft) -> Published:
    """Post once; a duplicate of an earlier post is ``Refused`` with that post's address."""
    content = _content(line, draft)
    try:
        return _create(line, draft, content)
    except _DuplicateError as error:
        raise _repeats(line, str(error)) from None


def settle(line: Conversation, draft: Draft, since: float) -> Published | None:
    """Post again after a lost answer: LinkedIn refuses a duplicate and names the post that went out.

    None for a picture, whose new upload makes another post of it, and when LinkedIn may have forgotten the first one.
    """
    if draft.media is not None or time.time() - since > _REMEMBERED:
        return None
    try:
        return _create(line, draft, _content(line, draft))
    except _DuplicateError as error:
        urn = str(error)
    if not since - _DRIFT <= written_at(urn) <= time.time() + _DRIFT:
        raise _repeats(line, urn)
    return _published(line, urn)


def written_at(urn: str) -> float:
    """Epoch seconds at which a post was made: the upper bits of its number are milliseconds."""
    number = _URN.fullmatch(urn)
    return (int(number[1]) >> 22) / 1000 if number else 0.0


def _content(line: Conversation, draft: Draft) -> dict[str, Any]:
    if draft.media is not None:
        with without_effect():  # a picture that no post shows is seen by nobody
            media = {"id": _uploaded(line, *draft.media)}
        return {"media": media | ({"altText": draft.post.alt_text} if draft.post.alt_text else {})}
    # LinkedIn fetches nothing from the address: title and description are ours to give.
    source = draft.link or draft.post.url
    article = {
        "source": source,
        "title": _cut(draft.post.title or urlsplit(draft.post.url).hostname or source, _TITLE),
    }
    if draft.post.description:
        article["description"] = _cut(draft.post.description, _DESCRIPTION)
    return {"article": article}


def _cut(text: str, size: int) -> str:
    return text if len(text) <= size else text[: size - 1] + "…"


def _uploaded(line: Conversation, content: bytes, content_type: str) -> str:
    if content_type not in PICTURES:
        raise Refused("LinkedIn takes pictures as JPEG, PNG or GIF only.")
    asked = line.rest(
        "POST",
        "images?action=initializeUpload",
        {"initializeUploadRequest": {"owner": line.token.author}},
    )
    _refusal(asked)
    place = json_object(asked, "LinkedIn").get("value")
    if not isinstance(place, dict) or not {"uploadUrl", "image"} <= place.keys():
        raise TryLater("LinkedIn named no place for the picture.")
    _refusal(line.upload(str(place["uploadUrl"]), content, content_type))
    return str(place["image"])


def _create(line: Conversation, draft: Draft, content: dict[str, Any]) -> Published:
    answer = line.rest(
        "POST",
        "posts",
        {
            "author": line.token.author,
            "commentary": little(draft.caption),
            "visibility": "PUBLIC",
            "distribution": {
                "feedDistribution": "MAIN_FEED",
                "targetEntities": [],
                "thirdPartyDistributionChannels": [],
            },
            "content": content,
            "lifecycleState": "PUBLISHED",
            "isReshareDisabledByAuthor": False,
        },
    )
    if answer.status_code == 422:
        # It may be the refusal of a duplicate: then the post is out, and an unreadable one must not pass for a "no".
        json_object(answer, "LinkedIn", effect=True)
    _refusal(answer)
    urn = unquote(answer.headers.get("x-restli-id", ""))
    if not _URN.fullmatch(urn):
        raise TryLater("LinkedIn took the post but did not say where it is.", uncertain=True)
    return _published(line, urn)


def _published(line: Conversation, urn: str) -> Published:
    return Published(urn, f"{line.site}/feed/update/{urn}")


def _repeats(line: Conversation, urn: str) -> Refused:
    return Refused(
        f"LinkedIn says that this repeats a post of yours, {_published(line, urn).url}. Change the text to post again."
    )


def _refusal(answer: requests.Response) -> None:
    if answer.status_code < 300:
        return
    refusal = said(answer)
    message = str(refusal.get("message", ""))
    if answer.status_code == 409:
        raise TryLater("LinkedIn was busy with another post of yours.", after=60.0)
    if answer.status_code == 422 and ("DUPLICATE_POST" in str(refusal) or "duplicate" in message.lower()):
        if urn := _URN.search(message):
            raise _DuplicateError(urn[0])
        raise Refused("LinkedIn says that this repeats a post of yours. Change the text to post it again.")
    if refusal.get("code") == "FIELD_LENGTH_TOO_LONG":
        raise Refused("LinkedIn finds the text too long. Please shorten it.")
    if answer.status_code == 403:
        raise Refused("LinkedIn did not allow this post on your account. Please connect LinkedIn again.")
    raise Refused(f"LinkedIn refused the post (status {answer.status_code}): {_cut(message, 200) or 'no reason given'}")
