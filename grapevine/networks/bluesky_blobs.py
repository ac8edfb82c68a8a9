"""Pictures at the member's server: https://docs.bsky.app/docs/api/com-atproto-repo-upload-blob"""

from typing import Any

from grapevine.domain.errors import GrapevineError, Reconnect, Refused, Stale, TryLater
from grapevine.networks.base import Draft
from grapevine.networks.bluesky_answers import complain
from grapevine.networks.bluesky_posts import PICTURES
from grapevine.networks.bluesky_xrpc import Server
from grapevine.networks.http import json_object, without_effect


def thumb_of(server: Server, draft: Draft) -> dict[str, Any] | None:
    """The picture of the card, if Bluesky takes it: a card without one is better than no post."""
    if draft.thumbnail is None or len(draft.thumbnail[0]) > PICTURES.size:
        return None
    try:
        return upload(server, *draft.thumbnail)
    except (Reconnect, Stale):
        raise
    except GrapevineError:
        return None


def upload(server: Server, image: bytes, kind: str) -> dict[str, Any]:
    if kind not in PICTURES.kinds:
        raise Refused("Bluesky takes pictures as JPEG, PNG, GIF or WebP only.")
    if len(image) > PICTURES.size:
        raise Refused("The image is larger than the 1 MB that Bluesky takes. Please share a smaller one.")
    with without_effect():  # a picture that no post shows is seen by nobody, and thrown away
        answer = server.upload(image, kind)
        complain(answer, server.title)
        blob = json_object(answer, server.title).get("blob")
    if not isinstance(blob, dict):
        raise TryLater(f"{server.title} did not say what became of the image.")
    return blob
