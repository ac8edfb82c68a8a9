"""What Mastodon's answers mean: statuses to our errors, numbers to counts, an account to a profile.

Errors are ``{"error": "…"}``, sometimes with ``error_description``: https://docs.joinmastodon.org/entities/Error/
"""

import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import requests

from grapevine.domain.accounts import Profile
from grapevine.domain.budgets import Use
from grapevine.domain.errors import Reconnect, Refused, Throttled, TryLater, Unavailable
from grapevine.domain.reactions import Counts
from grapevine.networks import http
from grapevine.networks.profiles import address_in, is_number, name_in, number_in
from grapevine.networks.reasons import reason_in

ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def complain(answer: requests.Response, server: str, *, at: str = "") -> None:
    """Raise for Mastodon's own cases, then for what every network's statuses mean; *server* is its title.

    *at* is its name where it was asked without a token, and counts our address: docs.joinmastodon.org/api/rate-limits

    Tokens do not expire, so one that is no longer accepted was taken back. A 401 that no Mastodon wrote, from a proxy
    in front of a server under repair, must not disconnect anybody.
    """
    status, said = answer.status_code, reason(answer)
    if status == 401 and said:
        raise Reconnect(
            f"{server} no longer accepts this connection. Please connect Mastodon again if you want to go on.",
            revoked=True,
        )
    if status == 401:
        raise TryLater(f"{server} lets nobody in at the moment.")
    if status == 429:
        said = f"{server} asks Grapevine to wait before it calls again."
        # uploads have a limit of their own, the others are an account's whole: docs.joinmastodon.org/api/rate-limits
        uploaded = urlsplit(answer.url or "").path.startswith("/api/v2/media")
        uses = (Use.READING,) if at else (Use.UPLOADING,) if uploaded else Use
        raise Throttled(said, wait(answer.headers, time.time()), uses=uses, server=at)
    if status in (400, 403, 413, 422):
        raise Refused(f"{server} refused this: {said}." if said else f"{server} refused this (status {status}).")
    http.complain(answer, server)


def reason(answer: requests.Response) -> str:
    """The server's own reason, on one line, without a full stop or what may be a secret; empty when it gave none."""
    body = http.json_of(answer)
    said = (body.get("error_description") or body.get("error")) if isinstance(body, dict) else None
    return reason_in(said)


def wait(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds until the limit begins anew: X-RateLimit-Reset is a date and time, on servers of other kinds a number.

    https://docs.joinmastodon.org/api/rate-limits/
    """
    said = headers.get("X-RateLimit-Reset", "")
    if (left := http.until(said, now)) is not None:
        return left
    try:
        reset = datetime.fromisoformat(said)
    except ValueError:
        return http.retry_after(headers, now)
    return max(1.0, (reset if reset.tzinfo else reset.replace(tzinfo=UTC)).timestamp() - now)


def profile_in(body: Mapping[str, Any], server: str) -> Profile:
    """Of all that an account on *server*, a name, tells (notes, fields): id, name, picture and number of followers."""
    uid = body.get("id")
    if not isinstance(uid, str) or not ID.fullmatch(uid):
        raise TryLater(f"Your server {server} answered with something unreadable.")
    return Profile(
        uid=f"{uid}@{server}",
        name=name_in(body.get("display_name"), f"@{name_in(body.get('acct'))}"),
        picture=address_in(body.get("avatar")),
        reach=number_in(body.get("followers_count")),
    )


def counts_in(status: object, server: str) -> Counts | Unavailable:
    """Favourites as likes, replies as comments, boosts as reshares; nothing else is looked at."""
    if isinstance(status, dict):
        likes, comments, reshares = (status.get(f"{name}_count") for name in ("favourites", "replies", "reblogs"))
        if is_number(likes) and is_number(comments) and is_number(reshares):
            return Counts(likes, comments, reshares)
    return Unavailable(f"{server} did not tell the numbers of this post.")
