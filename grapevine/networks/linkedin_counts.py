"""How many reactions, comments and reposts a member's own post has: numbers only.

First source: memberCreatorPostAnalytics, one metric of one post a call. Second, where the first is denied:
socialMetadata, which does not tell reposts. A 403 or 404 of a statistics endpoint means "not available", never zero and
never "deleted": the development tier of LinkedIn's API answers so for posts that exist.
https://learn.microsoft.com/en-us/linkedin/marketing/community-management/members/post-statistics
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from grapevine.domain.errors import TryLater, Unavailable
from grapevine.domain.reactions import Counts
from grapevine.networks.allowance import extras
from grapevine.networks.http import json_object
from grapevine.networks.linkedin_rest import Conversation

SCOPE = "r_member_postAnalytics"
NOT_GRANTED = (
    "LinkedIn tells reactions only to apps with its Community Management API, and this Grapevine's app is without it."
)
_METRICS = ("REACTION", "COMMENT", "RESHARE")
#: calls that a post takes as a rule, and what its link clicks take beside
CALLS, EXTRA = len(_METRICS), 1
_TWINS = {"share": "ugcPost", "ugcPost": "share"}
_KEYS = {"share": "share", "ugcPost": "ugc"}


class _NotToldError(Exception):
    """The endpoint denies itself (403), or does not know the post (404)."""


def read(line: Conversation, urns: Sequence[str]) -> dict[str, Counts | Unavailable]:
    """The counts of each post: three calls each, some more where LinkedIn hides something, one for its link clicks."""
    return {urn: _one(line, urn) for urn in urns}


def _one(line: Conversation, urn: str) -> Counts | Unavailable:
    if SCOPE not in line.token.scope:
        return Unavailable(NOT_GRANTED)
    try:
        try:
            return _analytics(line, urn)
        except _NotToldError:
            kind, number = urn.split(":")[2:]
            return _analytics(line, f"urn:li:{_TWINS[kind]}:{number}")
    except _NotToldError:
        return _partly(line, urn)


def _analytics(line: Conversation, urn: str) -> Counts | Unavailable:
    kind = urn.split(":")[2]
    entity = f"({_KEYS[kind]}:{quote(urn, safe='')})"
    found = [_metric(line, entity, metric) for metric in _METRICS]
    if all(count is None for count in found):
        return Unavailable("LinkedIn has no figures for this post yet.")
    # LinkedIn leaves out what nobody did; beside figures of the same post a missing row is a true zero.
    likes, comments, reshares = (count or 0 for count in found)
    return Counts(likes, comments, reshares, _link_clicks(line, entity))


def _link_clicks(line: Conversation, entity: str) -> int | None:
    """What LinkedIn itself counts (rule 26); an API version before 202604 does not know it, nor does every app.

    Nobody waits for it: what goes wrong with this call alone spoils no counts.
    """
    if not extras():
        return None
    try:
        return _metric(line, entity, "LINK_CLICKS")
    except (_NotToldError, TryLater):
        return None


def _metric(line: Conversation, entity: str, metric: str) -> int | None:
    answer = line.rest(
        "GET",
        f"memberCreatorPostAnalytics?q=entity&entity={entity}&queryType={metric}&aggregation=TOTAL",
    )
    if answer.status_code >= 300:
        raise _NotToldError
    rows = json_object(answer, "LinkedIn").get("elements")
    if not isinstance(rows, list):
        raise TryLater("LinkedIn answered with something unreadable.")
    return sum(_number(row, "count") for row in rows) if rows else None


def _number(holder: Any, name: str) -> int:
    value = holder.get(name) if isinstance(holder, dict) else None
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TryLater("LinkedIn answered with something unreadable.")
    return value


def _partly(line: Conversation, urn: str) -> Unavailable:
    """What socialMetadata tells; the sum stays unknown, since a repost count of 0 would be invented."""
    answer = line.rest("GET", f"socialMetadata/{quote(urn, safe='')}")
    if answer.status_code >= 300:
        return Unavailable("LinkedIn does not tell this Grapevine's app the reactions to this post.")
    told = json_object(answer, "LinkedIn")
    comments = _number(told.get("commentSummary"), "count")
    kinds = told.get("reactionSummaries")
    likes = sum(_number(kind, "count") for kind in kinds.values()) if isinstance(kinds, dict) else 0
    return Unavailable(
        f"LinkedIn tells of {_some(likes, 'reaction')} and {_some(comments, 'comment')}, but not how often this was "
        "reposted, so the sum is unknown."
    )


def _some(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
