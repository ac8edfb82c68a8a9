"""Publishing on LinkedIn: what a post is made of, and what the answer to it means.

https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/posts-api
"""

import json
import logging
import re
import time
from typing import Any
from urllib.parse import unquote, urlsplit

import requests

from grapevine.domain.errors import GrapevineError, Reconnect, Refused, TryLater
from grapevine.networks.base import Draft, Picture, Published
from grapevine.networks.http import json_object, without_effect
from grapevine.networks.linkedin_rest import Conversation, said
from grapevine.networks.linkedin_text import little

log = logging.getLogger(__name__)

MOST_PICTURES = 20
PICTURES = ("image/jpeg", "image/png", "image/gif")
_TITLE, _DESCRIPTION, _ALT_TEXT = 400, 4000, 4086
_URN = re.compile(r"urn:li:(?:share|ugcPost):(\d{1,20})")
#: LinkedIn's clock and ours may differ; nobody writes the same post twice within it.
_DRIFT = 600.0
#: LinkedIn forgets duplicates after a day or two; until then a second create is refused by name.
_REMEMBERED = 12 * 3600.0


class _DuplicateError(Exception):
    """LinkedIn names the post that this one repeats."""


class _ThumbnailRefused(Refused):
    """LinkedIn does not take the card's picture; nothing is out."""


def prepare(line: Conversation, draft: Draft, grace: float) -> str:
    """The post's content as JSON, its pictures uploaded.

    *grace* seconds pass after that, since an image is not at once one that a post may show, and an app that may only
    write is not told when it is (403).
    """
    with without_effect():  # a picture that no post shows is seen by nobody
        content = _content(line, draft)
    if draft.pictures or "thumbnail" in content.get("article", {}):
        time.sleep(grace)
    return json.dumps(content, ensure_ascii=False)


def publish(line: Conversation, draft: Draft) -> Published:
    """Post once; a duplicate of an earlier post is ``Refused`` with that post's address."""
    content = _prepared(line, draft)
    try:
        return _posted(line, draft, content)
    except _DuplicateError as error:
        raise _repeats(line, str(error)) from None


def settle(line: Conversation, draft: Draft, since: float) -> Published | None:
    """Post again after a lost answer: LinkedIn refuses a duplicate and names the post that went out.

    None for a picture, whose new upload makes another post of it, and when LinkedIn may have forgotten the first one.
    """
    if draft.media is not None or time.time() - since > _REMEMBERED:
        return None
    try:
        return _posted(line, draft, _prepared(line, draft))
    except _DuplicateError as error:
        urn = str(error)
    if not since - _DRIFT <= written_at(urn) <= time.time() + _DRIFT:
        raise _repeats(line, urn)
    return _published(line, urn)


def written_at(urn: str) -> float:
    """Epoch seconds at which a post was made: the upper bits of its number are milliseconds."""
    number = _URN.fullmatch(urn)
    return (int(number[1]) >> 22) / 1000 if number else 0.0


def _prepared(line: Conversation, draft: Draft) -> dict[str, Any]:
    return dict(json.loads(draft.prepared or prepare(line, draft, 0.0)))


def _content(line: Conversation, draft: Draft) -> dict[str, Any]:
    if draft.pictures:
        if len(draft.pictures) > MOST_PICTURES:
            raise Refused(f"LinkedIn takes {MOST_PICTURES} pictures in one post. Please share fewer.")
        if any(picture.kind not in PICTURES for picture in draft.pictures):
            raise Refused("LinkedIn takes pictures as JPEG, PNG or GIF only.")
        shown = [_shown(line, picture) for picture in draft.pictures]
        return {"media": shown[0]} if len(shown) == 1 else {"multiImage": {"images": shown}}
    # LinkedIn fetches nothing from the address: title, description and picture are ours to give.
    source = draft.link or draft.post.url
    article = {
        "source": source,
        "title": _cut(draft.post.title or urlsplit(draft.post.url).hostname or source, _TITLE),
    }
    if draft.post.description:
        article["description"] = _cut(draft.post.description, _DESCRIPTION)
    if draft.thumbnail is not None and draft.thumbnail[1] in PICTURES:
        try:
            article["thumbnail"] = _uploaded(line, *draft.thumbnail)
        except Reconnect:
            raise
        except GrapevineError as error:  # a card without a picture is better than no post
            log.info("LinkedIn did not take the picture of a card: %s", error)
    return {"article": article}


def _shown(line: Conversation, picture: Picture) -> dict[str, str]:
    shown = {"id": _uploaded(line, picture.content, picture.kind)}
    return shown | ({"altText": _cut(picture.alt_text, _ALT_TEXT)} if picture.alt_text else {})


def _cut(text: str, size: int) -> str:
    return text if len(text) <= size else text[: size - 1] + "…"


def _uploaded(line: Conversation, content: bytes, content_type: str) -> str:
    """The image's URN. https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/images-api"""
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


def _posted(line: Conversation, draft: Draft, content: dict[str, Any]) -> Published:
    """The post, without its card's picture where LinkedIn refuses that."""
    try:
        return _create(line, draft, content)
    except _ThumbnailRefused:
        article = {name: said for name, said in content["article"].items() if name != "thumbnail"}
        return _create(line, draft, {"article": article})


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
    if answer.status_code in (400, 403, 422) and "thumbnail" in content.get("article", {}):
        _about_the_picture(answer, content["article"]["thumbnail"])
    _refusal(answer)
    urn = unquote(answer.headers.get("x-restli-id", ""))
    if not _URN.fullmatch(urn):
        raise TryLater("LinkedIn took the post but did not say where it is.", uncertain=True)
    return _published(line, urn)


def _about_the_picture(answer: requests.Response, urn: str) -> None:
    message = str(said(answer).get("message", ""))
    if "thumbnail" in message or urn in message:
        raise _ThumbnailRefused("LinkedIn did not take the picture of the card.")


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
