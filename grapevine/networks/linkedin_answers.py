"""What LinkedIn's refusals of a post mean.

https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/posts-api
"""

import re

import requests

from grapevine.domain.errors import Refused, TryLater
from grapevine.networks.linkedin_rest import said
from grapevine.networks.reasons import reason_in

URN = re.compile(r"urn:li:(?:share|ugcPost):(\d{1,20})")
_UNFINISHED = re.compile("process|wait|not (?:yet )?(?:available|ready)", re.IGNORECASE)
#: seconds that LinkedIn is given to work on a picture or a video
_WORKS = 30.0


class DuplicateError(Exception):
    """LinkedIn names the post that this one repeats."""


class MediaRefused(Refused):
    """LinkedIn does not take what the post shows; nothing is out."""


class MediaUnfinished(TryLater):
    """LinkedIn still works on what the post shows; nothing is out."""


def cut(text: str, size: int) -> str:
    return text if len(text) <= size else text[: size - 1] + "…"


def complain(answer: requests.Response, shown: tuple[str, ...] = ()) -> None:
    """Raise what a status of 300 and above means; *shown* are the URNs of what the post shows."""
    if answer.status_code < 300:
        return
    refusal = said(answer)
    message = str(refusal.get("message", ""))
    if answer.status_code == 409:
        raise TryLater("LinkedIn was busy with another post of yours.", after=60.0)
    if answer.status_code == 422 and ("DUPLICATE_POST" in str(refusal) or "duplicate" in message.lower()):
        if urn := URN.search(message):
            raise DuplicateError(urn[0])
        raise Refused("LinkedIn says that this repeats a post of yours. Change the text to post it again.")
    if refusal.get("code") == "FIELD_LENGTH_TOO_LONG":
        raise Refused("LinkedIn finds the text too long. Please shorten it.")
    if any(urn in message for urn in shown) or (shown and "thumbnail" in message):
        if _UNFINISHED.search(f"{refusal.get('code', '')} {message}"):
            raise MediaUnfinished("LinkedIn is still working on what the post shows.", after=_WORKS)
        raise MediaRefused(f"LinkedIn did not take what the post shows: {reason_in(message)}.")
    if answer.status_code == 403:
        raise Refused("LinkedIn did not allow this post on your account. Please connect LinkedIn again.")
    raise Refused(
        f"LinkedIn refused the post (status {answer.status_code}): {reason_in(message) or 'no reason given'}."
    )
