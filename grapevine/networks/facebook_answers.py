"""What Facebook's answers mean: error codes to our errors, numbers to counts, a Page to a profile.

Errors are ``{"error": {"message", "type", "code", "error_subcode"}}``, whatever the status:
https://developers.facebook.com/docs/graph-api/guides/error-handling
"""

import json
import logging
import re
from collections.abc import Mapping
from typing import Any, NoReturn

import requests

from grapevine.domain.accounts import Profile
from grapevine.domain.budgets import Use
from grapevine.domain.errors import Reconnect, Refused, Throttled, TryLater, Unavailable, Unfit
from grapevine.domain.reactions import Counts
from grapevine.networks import http
from grapevine.networks.facebook_graph import TITLE
from grapevine.networks.profiles import address_in, name_in, number_in
from grapevine.networks.reasons import reason_in

log = logging.getLogger("grapevine.networks.facebook")

ID = re.compile(r"\d{1,32}(?:_\d{1,32})?")

_SESSION = (102, 190)
#: subcodes of a dead token: the app was removed; its person has no role on the Page any more
_TAKEN_BACK = (458, 492)
#: the person has to put something right at Facebook first; the token is good again then
_CHECKPOINT = (459, 464)
_OF_THE_APP, _OF_THE_CALL = (4, 341), 613
_LIMITS = (*_OF_THE_APP, 17, 32, _OF_THE_CALL, *range(80000, 80015))
_TROUBLE = (1, 2)
_FORBIDDEN = (3, 10, *range(200, 300))
_OUR_APP = 101
_BLOCKED, _DUPLICATE = 368, 506
#: "These photos were already posted": a picture stands in one post only
_SHOWN_ALREADY = 1366051
_PARAMETER, _GONE, _NO_SUCH = 100, 33, 803
#: seconds; the limits are those of a rolling hour
_HOUR, _DAY = 3600.0, 86400.0


#: for the log and the doctor
APP = (
    "Facebook does not accept FACEBOOK_APP_ID and FACEBOOK_APP_SECRET: look at Settings, Basic in the app's dashboard."
)


class Duplicate(Refused):
    """The Page has this very post, or picture, already; Facebook does not say which it is."""


class Gone(Refused):
    """There is no such thing, or it may not be seen: Facebook does not tell these apart."""


def error_in(body: object) -> dict[str, Any]:
    """The error of an answer's body; empty when it holds none."""
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) else {}


def complain(answer: requests.Response) -> None:
    """Raise for Facebook's own errors, then for what every network's statuses mean."""
    if error := error_in(http.json_of(answer)):
        effect = answer.request is not None and answer.request.method not in ("GET", "HEAD")
        judge(error, wait(answer.headers), effect=effect)
    if answer.status_code == 401:  # of a proxy in between: nobody's connection has ended
        raise TryLater("Facebook lets nobody in at the moment.")
    http.complain(answer, TITLE)


def judge(error: Mapping[str, Any], after: float, *, effect: bool) -> NoReturn:
    """Raise what *error* means. *after*: seconds to wait at a limit; *effect*: of a call that may have left something.

    A create that is answered with code 1 or 2 ("unknown error") may be out all the same.
    """
    code, subcode, said = error.get("code"), error.get("error_subcode"), reason(error)
    if "appsecret_proof" in said or "client secret" in said or code == _OUR_APP:
        log.warning("%s", APP)
        raise Unfit(
            "Facebook does not take this Grapevine's app at the moment. Please tell your Grapevine admin, whose log "
            "says what to mend.",
            APP,
        )
    if code in _SESSION:
        raise _session(subcode)
    if code in _LIMITS:
        sentence = "Facebook asks Grapevine to wait before it calls again."
        raise Throttled(sentence, after, whole_app=code in _OF_THE_APP, uses=() if code == _OF_THE_CALL else Use)
    if code in _TROUBLE or error.get("is_transient") is True:
        raise TryLater("Facebook has trouble of its own at the moment.", uncertain=effect)
    if code == _DUPLICATE or subcode == _SHOWN_ALREADY:
        raise Duplicate("Facebook says that the Page has this already. Please change it and share again.")
    if (code == _PARAMETER and subcode == _GONE) or code == _NO_SUCH:
        raise Gone("Facebook does not show this to Grapevine: it was deleted, or your role on the Page has changed.")
    if code in _FORBIDDEN:
        raise Refused(
            f"Facebook does not let Grapevine do this{_because(said)} Please check that you may still create content "
            "on the Page, connect Facebook again, and leave every permission switched on."
        )
    if code == _BLOCKED:
        raise Refused(f"Facebook keeps you from posting for a while{_because(said)} Please look at Facebook.")
    raise Refused(f"Facebook refused this{_because(said)}")


def _session(subcode: object) -> Reconnect | Refused:
    if subcode in _CHECKPOINT:
        return Refused(
            "Facebook wants you to log in at facebook.com and to put something right there first. Then share it again."
        )
    revoked = subcode in _TAKEN_BACK
    return Reconnect("Facebook no longer accepts this connection. Please connect Facebook again.", revoked=revoked)


def _because(said: str) -> str:
    return f": {said}." if said else "."


def reason(error: Mapping[str, Any]) -> str:
    """Facebook's own words, as ``reason_in`` has them, without the number before them."""
    return re.sub(r"^\(#\d+\) ", "", reason_in(error.get("error_user_msg") or error.get("message")))


def wait(headers: Mapping[str, str]) -> float:
    """Seconds until a limit is over; X-Business-Use-Case-Usage says it in minutes, X-App-Usage not at all.

    https://developers.facebook.com/docs/graph-api/overview/rate-limiting
    """
    try:
        usage = json.loads(headers.get("X-Business-Use-Case-Usage", "{}"))
        told = [one.get("estimated_time_to_regain_access") for uses in usage.values() for one in uses]
    except (ValueError, AttributeError, TypeError):
        told = []
    minutes = max((number_in(one) or 0 for one in told), default=0)
    return min(60.0 * minutes or _HOUR, _DAY)


def profile_in(page: Mapping[str, Any]) -> Profile:
    """Of all that a Page tells: id, name, picture and number of followers (of likes where it tells no followers)."""
    uid = page.get("id")
    if not isinstance(uid, str) or not ID.fullmatch(uid):
        raise TryLater("Facebook answered with something unreadable.")
    picture: Any = page.get("picture")
    for step in ("data", "url"):
        picture = picture.get(step) if isinstance(picture, dict) else None
    told = [number_in(page.get(field)) for field in ("followers_count", "fan_count")]
    reach = next((count for count in told if count is not None), None)
    return Profile(uid, name_in(page.get("name"), f"Page {uid}"), address_in(picture), reach)


def counts_in(post: object) -> Counts | Unavailable:
    """Reactions of every kind as likes; nothing else is looked at. No "shares" means none, if the rest was told."""
    if isinstance(post, dict):
        likes, comments = (_total(post.get(edge)) for edge in ("reactions", "comments"))
        shared = post.get("shares", {"count": 0})
        shares = number_in(shared.get("count")) if isinstance(shared, dict) else None
        if likes is not None and comments is not None and shares is not None:
            return Counts(likes, comments, shares)
    return Unavailable("Facebook did not tell the numbers of this post.")


def _total(edge: object) -> int | None:
    summary = edge.get("summary") if isinstance(edge, dict) else None
    return number_in(summary.get("total_count")) if isinstance(summary, dict) else None
