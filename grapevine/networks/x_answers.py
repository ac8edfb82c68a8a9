"""What X's answers mean: statuses and codes to our errors, numbers to counts.

Errors have two forms: ``{"errors": [{"code", "message"}]}`` and ``{"title", "detail", "type", "status"}``
(https://docs.x.com/x-api/fundamentals/response-codes-and-errors).
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import requests

from grapevine.domain.accounts import Profile
from grapevine.domain.errors import NotFound, Reconnect, Throttled, TryLater, Unavailable, Unfit
from grapevine.domain.reactions import Counts
from grapevine.networks import http
from grapevine.networks.allowance import wants
from grapevine.networks.profiles import address_in, name_in, number_in
from grapevine.networks.reasons import reason_in

log = logging.getLogger("grapevine.networks.x")

#: members cannot mend what is wrong with the company's app, and the names of settings tell them nothing
TELL_AN_ADMIN = "Please tell your Grapevine admin, whose log says what to mend."
KEYS = "X does not accept X_API_KEY and X_API_SECRET, or this machine's clock is wrong by minutes."
_CREDITS = "X's credits are used up, or its spending limit is reached: see the billing page of X's developer console."
_RIGHTS = "X does not let the app do this (%s): see its permissions and its project in X's developer console."
_INVALID_TOKEN = 89
#: of a call that X refuses for a reason of its own, which ``detail`` says
CREDITS_AND_RIGHTS = (400, 402, 403, 404)
_LIMITS = ("x-rate-limit", "x-user-limit-24hour", "x-app-limit-24hour")


class Duplicate(Exception):
    """X has a post of this member with this very text; it does not say which."""


def _body(answer: requests.Response) -> dict[str, Any]:
    body = http.json_of(answer)
    return body if isinstance(body, dict) else {}


def _codes(answer: requests.Response) -> set[int]:
    errors = _body(answer).get("errors")
    codes = [error.get("code") for error in _dicts(errors)]
    return {code for code in codes if isinstance(code, int)}


def is_duplicate(answer: requests.Response) -> bool:
    """403 with "duplicate content" in the detail; not in X's documentation, 187 is its code of the older form."""
    return answer.status_code == 403 and ("duplicate content" in answer.text.lower() or 187 in _codes(answer))


def detail(answer: requests.Response, said: str) -> str:
    """A sentence of ours with X's own reason behind it."""
    body = _body(answer)
    if answer.status_code == 402 or str(body.get("type", "")).endswith(("/credits", "/usage-capped")):
        log.warning("%s", _CREDITS)
        wants(_CREDITS)
        return f"{said}: the company's X credits are used up. Please tell your Grapevine admin."
    if str(body.get("type", "")).endswith(("/client-forbidden", "/oauth1-permissions")):
        mend = _RIGHTS % str(body["type"]).rsplit("/", 1)[-1]
        log.warning("%s", mend)
        wants(mend)
        return f"{said}: the company's X app lacks the right to do so. Please tell your Grapevine admin."
    errors = body.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    reason = reason_in(first.get("message") or body.get("detail"))
    return f"{said}: {reason}." if reason else f"{said} (status {answer.status_code})."


def complain(answer: requests.Response, keys_accepted: Callable[[], bool]) -> None:
    """Raise for X's own 401 and 429, then for what every network's statuses mean.

    Code 89 is a dead token. A 401 without it may be our own keys or clock, which must not disconnect every member:
    *keys_accepted* asks X about those alone.
    """
    if answer.status_code == 401:
        codes = _codes(answer)
        if _INVALID_TOKEN in codes or (not codes and keys_accepted()):
            raise Reconnect("X no longer accepts this connection. Please connect X again.", revoked=True)
        log.warning("%s", KEYS)
        raise Unfit(f"X does not take this Grapevine's app at the moment. {TELL_AN_ADMIN}", KEYS)
    if answer.status_code == 429:
        whole_app = answer.headers.get("x-app-limit-24hour-remaining") == "0" or _capped(answer)
        said = "X asks Grapevine to wait before it calls again."
        raise Throttled(said, wait(answer.headers, time.time()), whole_app=whole_app)
    http.complain(answer, "X")


def _capped(answer: requests.Response) -> bool:
    return str(_body(answer).get("type", "")).endswith(("/credits", "/usage-capped"))


def wait(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds until the limit that is used up begins anew."""
    used = [limit for limit in _LIMITS if headers.get(f"{limit}-remaining") == "0"] or ["x-rate-limit"]
    told = [http.until(headers.get(f"{limit}-reset", ""), now) for limit in used]
    return max((seconds for seconds in told if seconds is not None), default=http.retry_after(headers, now))


def profile_in(body: Mapping[str, Any]) -> Profile:
    data = body.get("data")
    if not isinstance(data, dict) or not isinstance(data.get("id"), str) or not data["id"]:
        raise TryLater("X answered with something unreadable.", served=True)
    metrics = data.get("public_metrics")
    reach = metrics.get("followers_count") if isinstance(metrics, dict) else None
    picture = address_in(data.get("profile_image_url"))
    return Profile(
        uid=data["id"],
        name=name_in(data.get("name"), f"@{name_in(data.get('username'))}"),
        picture=picture.replace("_normal.", "_bigger.") if picture else None,
        reach=number_in(reach),
    )


def counted(body: Mapping[str, Any], ids: Sequence[str]) -> dict[str, Counts | Unavailable | NotFound]:
    """A partial answer is usual: missing posts stand under ``errors``; only "resource-not-found" means gone."""
    posts = {str(p["id"]): p for p in _dicts(body.get("data")) if "id" in p}
    gone = {
        str(error.get("resource_id") or error.get("value"))
        for error in _dicts(body.get("errors"))
        if str(error.get("type", "")).endswith("/resource-not-found")
    }
    answer: dict[str, Counts | Unavailable | NotFound] = {}
    for post in ids:
        if post in posts:
            answer[post] = _metrics(posts[post].get("public_metrics"))
        elif post in gone:
            answer[post] = NotFound("The post is no longer on X.")
        else:
            answer[post] = Unavailable("X did not tell the numbers of this post.")
    return answer


def _metrics(metrics: object) -> Counts | Unavailable:
    if not isinstance(metrics, dict):
        return Unavailable("X did not tell the numbers of this post.", served=True)
    # X's guide says retweet_count, its OpenAPI description repost_count.
    reposts = metrics.get("repost_count", metrics.get("retweet_count"))
    told = (metrics.get("like_count"), metrics.get("reply_count"), reposts, metrics.get("quote_count", 0) or 0)
    likes, replies, reposts, quotes = map(number_in, told)
    if likes is None or replies is None or reposts is None or quotes is None:
        return Unavailable("X did not tell the numbers of this post.", served=True)
    return Counts(likes, replies, reposts + quotes)


def _dicts(value: object) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
