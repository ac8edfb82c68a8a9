"""Pictures at X: https://docs.x.com/x-api/media/upload-media and https://docs.x.com/x-api/media/create-media-metadata"""

import logging
from collections.abc import Callable, Sequence

from requests_oauthlib import OAuth1Session

from grapevine.domain.budgets import Use
from grapevine.domain.errors import NotFound, Refused, Throttled, TryLater
from grapevine.domain.pictures import Takes
from grapevine.networks.base import Picture
from grapevine.networks.http import json_object, without_effect
from grapevine.networks.x_answers import CREDITS_AND_RIGHTS, complain, detail

log = logging.getLogger("grapevine.networks.x")

PICTURES = Takes(("image/jpeg", "image/png", "image/gif", "image/webp"), 5 * 1024 * 1024)
_ALT_TEXT = 1000


def upload(
    session: OAuth1Session, url: str, pictures: Sequence[Picture], keys_accepted: Callable[[], bool]
) -> tuple[list[str], str]:
    """X's ids of the pictures, and what their member should know: one that X refuses to describe goes out without."""
    ids: list[str] = []
    bare = 0
    try:
        with without_effect():  # a picture that no post shows is seen by nobody
            for picture in pictures:
                ids.append(_upload(session, url, picture, keys_accepted))
                if picture.alt_text and not _described(session, url, ids[-1], picture.alt_text, keys_accepted):
                    bare += 1
    except Throttled as error:  # each of X's addresses has limits of its own
        raise Throttled(str(error), error.after, whole_app=error.whole_app, uses=(Use.UPLOADING,)) from None
    if not bare:
        return ids, ""
    which = "the picture's description" if len(ids) == 1 else f"the descriptions of {bare} of the {len(ids)} pictures"
    return ids, f"X did not take {which}."


def _upload(session: OAuth1Session, url: str, picture: Picture, keys_accepted: Callable[[], bool]) -> str:
    if len(picture.content) > PICTURES.size:
        raise Refused("The image is larger than the 5 MB that X takes. Please share a smaller one.")
    answer = session.post(
        f"{url}/2/media/upload",
        data={"media_category": "tweet_image"},
        files={"media": ("image", picture.content, picture.kind)},
    )
    if answer.status_code in (*CREDITS_AND_RIGHTS, 413):
        raise Refused(detail(answer, "X did not take the image"))
    complain(answer, keys_accepted)
    data = json_object(answer, "X").get("data")
    number = data.get("id") if isinstance(data, dict) else None
    if not isinstance(number, str):
        raise TryLater("X did not say what became of the image.")
    return number


def _described(session: OAuth1Session, url: str, number: str, text: str, keys_accepted: Callable[[], bool]) -> bool:
    answer = session.post(
        f"{url}/2/media/metadata", json={"id": number, "metadata": {"alt_text": {"text": text[:_ALT_TEXT]}}}
    )
    try:
        complain(answer, keys_accepted)
    except (Refused, NotFound):
        log.warning("%s", detail(answer, "X did not take a picture's description"))
        return False
    return True
