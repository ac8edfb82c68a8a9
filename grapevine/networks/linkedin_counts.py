"""How many reactions, comments and reposts a member's own post has: numbers only.

First source: memberCreatorPostAnalytics, one metric of one post a call. Second, where the first is denied:
socialMetadata, which does not tell reposts. A 403 or 404 of a statistics endpoint means "not available", never zero and
never "deleted": the development tier of LinkedIn's API answers so for posts that exist.
https://learn.microsoft.com/en-us/linkedin/marketing/community-management/members/post-statistics
"""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

import requests

from grapevine.domain.errors import TryLater, Unavailable
from grapevine.domain.reactions import Counts
from grapevine.networks.abilities import NotCounted
from grapevine.networks.allowance import extras
from grapevine.networks.http import json_object
from grapevine.networks.linkedin_rest import Conversation

SCOPE = "r_member_postAnalytics"
ANALYTICS, METADATA = "memberCreatorPostAnalytics", "socialMetadata"
NOT_GRANTED = (
    "LinkedIn tells reactions only to apps with its Community Management API, and this Grapevine's app is without it. "
    "Ask the person who runs Grapevine to apply for it at LinkedIn."
)
DENIED = (
    "LinkedIn does not let this Grapevine's app read reactions, though you allowed it. Ask the person who runs "
    "Grapevine to look at the app's Community Management API at LinkedIn. Grapevine tries again every week."
)
_METRICS = ("REACTION", "COMMENT", "RESHARE")
#: calls that a post takes as a rule, and what its link clicks take beside
CALLS, EXTRA = len(_METRICS), 1
_TWINS = {"share": "ugcPost", "ugcPost": "share"}
_KEYS = {"share": "share", "ugcPost": "ugc"}


class _DeniedError(Exception):
    """The endpoint is not for this app (403)."""


class _UnknownError(Exception):
    """The endpoint does not know the post, or does as if (404)."""


def read(line: Conversation, urns: Sequence[str], source: str = "") -> dict[str, Counts | Unavailable]:
    """The counts of each post: three calls each, some more where LinkedIn hides something, one for its link clicks.

    With a *source*, only that one is asked. ``NotCounted`` where it is the app that is told nothing.
    """
    return {urn: _one(line, urn, source) for urn in urns}


def _one(line: Conversation, urn: str, source: str) -> Counts | Unavailable:
    if SCOPE not in line.token.scope:
        return Unavailable(NOT_GRANTED)
    denied = 0
    asked = [one for one in (ANALYTICS, METADATA) if source in ("", one)]
    for one in asked:
        try:
            return _told(line, urn, _analytics if one == ANALYTICS else _metadata)
        except _DeniedError:
            denied += 1
        except _UnknownError:
            continue
    if denied == len(asked):
        return NotCounted(DENIED, sure=True)
    return Unavailable("LinkedIn does not tell of this post.") if source else NotCounted(DENIED)


def _told(
    line: Conversation, urn: str, source: Callable[[Conversation, str], Counts | Unavailable]
) -> Counts | Unavailable:
    """LinkedIn may know a post under the other kind of URN than the one that it gave."""
    try:
        return source(line, urn)
    except _UnknownError:
        kind, number = urn.split(":")[2:]
        return source(line, f"urn:li:{_TWINS[kind]}:{number}")


def _analytics(line: Conversation, urn: str) -> Counts | Unavailable:
    kind = urn.split(":")[2]
    entity = f"({_KEYS[kind]}:{quote(urn, safe='')})"
    found = [_metric(line, entity, metric) for metric in _METRICS]
    if all(count is None for count in found):
        return Unavailable("LinkedIn has no figures for this post yet.")
    # LinkedIn leaves out what nobody did; beside figures of the same post a missing row is a true zero.
    likes, comments, reshares = (count or 0 for count in found)
    return Counts(likes, comments, reshares, _link_clicks(line, entity), ANALYTICS)


def _link_clicks(line: Conversation, entity: str) -> int | None:
    """What LinkedIn itself counts (rule 26); an API version before 202604 does not know it, nor does every app.

    Nobody waits for it: what goes wrong with this call alone spoils no counts.
    """
    if not extras():
        return None
    try:
        return _metric(line, entity, "LINK_CLICKS")
    except (_DeniedError, _UnknownError, TryLater):
        return None


def _metric(line: Conversation, entity: str, metric: str) -> int | None:
    answer = line.rest(
        "GET",
        f"memberCreatorPostAnalytics?q=entity&entity={entity}&queryType={metric}&aggregation=TOTAL",
    )
    _admitted(answer)
    rows = json_object(answer, "LinkedIn").get("elements")
    if not isinstance(rows, list):
        raise TryLater("LinkedIn answered with something unreadable.")
    return sum(_number(row, "count") for row in rows) if rows else None


def _number(holder: Any, name: str) -> int:
    value = holder.get(name) if isinstance(holder, dict) else None
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TryLater("LinkedIn answered with something unreadable.")
    return value


def _metadata(line: Conversation, urn: str) -> Counts:
    """What the second source tells; it does not tell reposts, and a repost count of 0 would be invented."""
    answer = line.rest("GET", f"socialMetadata/{quote(urn, safe='')}")
    _admitted(answer)
    told = json_object(answer, "LinkedIn")
    comments = _number(told.get("commentSummary"), "count")
    kinds = told.get("reactionSummaries", {})  # left out, as rows are, where nobody reacted
    if not isinstance(kinds, dict):
        raise TryLater("LinkedIn answered with something unreadable.")
    likes = sum(_number(kind, "count") for kind in kinds.values())
    return Counts(likes, comments, None, source=METADATA)


def _admitted(answer: requests.Response) -> None:
    if answer.status_code == 403:
        raise _DeniedError
    if answer.status_code >= 300:
        raise _UnknownError
