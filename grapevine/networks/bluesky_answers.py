"""What the AT protocol's answers mean: error names to our errors, numbers to counts, an actor to a profile.

Errors are ``{"error": "Name", "message": "…"}``: https://atproto.com/specs/xrpc#error-responses
"""

import time
from collections.abc import Mapping
from typing import Any

import requests

from grapevine.domain.accounts import Profile
from grapevine.domain.errors import Reconnect, Refused, Stale, Throttled, TryLater, Unavailable
from grapevine.domain.reactions import Counts
from grapevine.networks import http
from grapevine.networks.profiles import address_in, is_number, name_in, number_in
from grapevine.networks.reasons import reason_in

#: errors of the proof that comes with each call
_PROOF = ("invalid_dpop_proof", "use_dpop_nonce")
#: the account is closed at this server: by its owner, who may have moved, or by the server
_CLOSED = (
    "AccountDeactivated",
    "AccountTakedown",
    "AccountSuspended",
    "AccountNotFound",
    "RepoDeactivated",
    "RepoTakendown",
    "RepoSuspended",
    "RepoNotFound",
)


def complain(answer: requests.Response, title: str) -> None:
    """Raise for the AT protocol's own cases, then for what every network's statuses mean; *title* is the server's.

    The end of a token comes with status 400. A 401 that no such server wrote, from a proxy in front of one under
    repair, must not disconnect anybody.
    """
    status, error = answer.status_code, name(answer)
    if status < 300:
        return
    if error in ("ExpiredToken", "invalid_token"):  # OAuth's name, which does not say whether renewing will help
        raise Stale(f"{title} wants Grapevine to renew its session first.")
    if error in _PROOF:
        raise TryLater(f"{title} does not accept Grapevine's signature. Is the clock of Grapevine's machine right?")
    if error in _CLOSED:
        raise Reconnect(
            f"{title} says that this account is closed, or has moved to another server. Please connect Bluesky again "
            "once it is open."
        )
    if error in ("InvalidToken", "AuthMissing") or (status == 401 and error):
        raise Reconnect(f"{title} no longer accepts this connection. Please connect Bluesky again.")
    if status == 401:
        raise TryLater(f"{title} lets nobody in at the moment.")
    if status == 429:
        raise Throttled(f"{title} asks Grapevine to wait before it calls again.", wait(answer.headers, time.time()))
    if (
        status in (400, 403) and not error
    ):  # no such server wrote this, or half of it is missing: who knows what was done
        effect = answer.request is not None and answer.request.method != "GET"
        raise TryLater(f"{title} answered with something unreadable.", uncertain=effect)
    if status in (400, 403, 413):
        said = reason(answer)
        raise Refused(f"{title} refused this: {said}." if said else f"{title} refused this (status {status}).")
    http.complain(answer, title)


def name(answer: requests.Response) -> str:
    """The error's name, empty where the answer is none of an AT protocol server."""
    return str(_body(answer).get("error") or "") if answer.status_code >= 400 else ""


def reason(answer: requests.Response) -> str:
    """The server's own reason, on one line, without a full stop or what may be a secret; empty when it gave none."""
    said = _body(answer).get("message")
    return reason_in(said)


def wait(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds until the limit begins anew.

    https://docs.bsky.app/docs/advanced-guides/rate-limits
    """
    left = http.until(headers.get("ratelimit-reset", ""), now)
    return http.retry_after(headers, now) if left is None else left


def profile_in(body: Mapping[str, Any], did: str) -> Profile:
    """Of all that an actor tells (description, labels, pinned post): name, picture and number of followers."""
    if body.get("did") != did:
        raise TryLater("Bluesky answered with something unreadable.")
    return Profile(
        uid=did,
        name=name_in(body.get("displayName"), f"@{name_in(body.get('handle'))}"),
        picture=address_in(body.get("avatar")),
        reach=number_in(body.get("followersCount")),
    )


def counts_in(post: Mapping[str, Any]) -> Counts | Unavailable:
    """Replies as comments; reposts and quotes as reshares, since both pass the post on; nothing else is looked at."""
    likes, replies, reposts = (post.get(field) for field in ("likeCount", "replyCount", "repostCount"))
    quotes = post.get("quoteCount", 0)
    if is_number(likes) and is_number(replies) and is_number(reposts) and is_number(quotes):
        return Counts(likes, replies, reposts + quotes)
    return Unavailable("Bluesky did not tell the numbers of this post.")


def _body(answer: requests.Response) -> dict[str, Any]:
    body = http.json_of(answer)
    return body if isinstance(body, dict) else {}
