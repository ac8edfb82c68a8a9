"""A post as Bluesky wants it: its text with facets, its card, its key.

https://docs.bsky.app/docs/advanced-guides/post-richtext and https://atproto.com/specs/tid
"""

import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import regex

from grapevine.domain.links import links_in
from grapevine.domain.pictures import Takes
from grapevine.networks.base import Draft

POST = "app.bsky.feed.post"
LIMIT, _BYTES = 300, 3000
#: https://docs.bsky.app/docs/advanced-guides/posts#images-embeds; its own apps send 2,000 pixels a side
MOST_PICTURES = 4
PICTURES = Takes(("image/jpeg", "image/png", "image/gif", "image/webp"), 1_000_000, side=2000)
_FACET = "app.bsky.richtext.facet"
_TAG = re.compile(r"(?<!\S)[#＃](?!️)([^\s#＃]+)")
_TAG_LENGTH = 64
_ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"


def length(text: str) -> int:
    """Characters as people see them; a text of few and huge ones counts by its bytes, of which there are 3,000."""
    size = len(text.encode())
    return len(regex.findall(r"\X", text)) if size <= _BYTES else max(LIMIT + 1, -(-size * LIMIT // _BYTES))


def facets(text: str) -> list[dict[str, Any]]:
    """What makes links and #tags of a text be links: places in bytes of UTF-8. Nothing else becomes one by itself."""
    places = links_in(text)
    found = [(start, end, {"$type": f"{_FACET}#link", "uri": text[start:end]}) for start, end in places]
    for match in _TAG.finditer(text):
        tag = regex.sub(r"\p{P}+$", "", match[1])
        if not tag or tag.isdecimal() or length(tag) > _TAG_LENGTH:
            continue
        end = match.start() + 1 + len(tag)
        if not any(start < end and match.start() < stop for start, stop in places):
            found.append((match.start(), end, {"$type": f"{_FACET}#tag", "tag": tag}))
    return [
        {"index": {"byteStart": _bytes(text[:start]), "byteEnd": _bytes(text[:end])}, "features": [feature]}
        for start, end, feature in sorted(found, key=lambda one: one[0])
    ]


def record(
    draft: Draft, images: Sequence[tuple[Any, str]], now: float, thumb: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The post; *images* are the blobs of its pictures, as the uploads answered, each with its description."""
    text = draft.caption
    made: dict[str, Any] = {"$type": POST, "text": text, "createdAt": _time(now)}
    if places := facets(text):
        made["facets"] = places
    link = draft.link or ("" if draft.media else draft.post.url)
    if images:
        shown = [{"image": blob, "alt": alt_text} for blob, alt_text in images]
        made["embed"] = {"$type": "app.bsky.embed.images", "images": shown}
    elif link:
        title = draft.post.title or urlsplit(draft.post.url).hostname or link
        card = {"uri": link, "title": title, "description": draft.post.description}
        external = card if thumb is None else card | {"thumb": thumb}
        made["embed"] = {"$type": "app.bsky.embed.external", "external": external}
    return made


def key_of(draft: Draft) -> str:
    """The post's record key, the same at every attempt: a TID of the second of the share, and below it the draft's key.

    A TID is 53 bits of microseconds and 10 bits of a clock's number, in 13 characters that sort by time.
    """
    shown = b"".join(picture.content for picture in draft.pictures)
    named = draft.key.encode() or draft.caption.encode() + b"\0" + shown
    chance = int.from_bytes(hashlib.sha256(named).digest())
    number = (int(draft.at) * 1_000_000 + chance % 1_000_000) << 10 | (chance // 1_000_000) % 1024
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(60, -1, -5))


def _bytes(text: str) -> int:
    return len(text.encode())


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
