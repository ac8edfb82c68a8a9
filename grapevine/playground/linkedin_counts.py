"""Statistics: counts of a member's own posts, and followers. Queries are read raw: LinkedIn is strict about them."""

import re
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from grapevine.playground.linkedin_answers import TOKEN, denied, refusal
from grapevine.playground.linkedin_state import STATE, LinkedInStandIn, StoredPost

_ENTITY = re.compile(r"\((share|ugc):(urn%3Ali%3A(share|ugcPost)%3A\d+)\)")
_LIST = re.compile(r"ids=List\((urn%3Ali%3A\w+%3A\d+(?:,urn%3Ali%3A\w+%3A\d+)*)\)")
_COUNTED = {"REACTION": "likes", "COMMENT": "comments", "RESHARE": "reshares", "LINK_CLICKS": "link_clicks"}
_METRICS = {*_COUNTED, "IMPRESSION", "MEMBERS_REACHED"}
_UNION = "com.linkedin.adsexternalapi.memberanalytics.v1.CreatorPostAnalyticsMetricTypeV1"


def _raw(request: web.Request) -> dict[str, str]:
    pairs = (part.partition("=") for part in request.raw_path.partition("?")[2].split("&"))
    return {name: value for name, _, value in pairs}


def _known_as(state: LinkedInStandIn, urn: str) -> StoredPost | None:
    """A post under the one URN that LinkedIn knows it by."""
    if state.twins:
        kind = "share" if ":ugcPost:" in urn else "ugcPost"
        urn = f"urn:li:{kind}:{urn.rpartition(':')[2]}"
    return state.post(urn)


async def analytics(request: web.Request) -> web.Response:
    state, token = request.app[STATE], request[TOKEN]
    version = request.headers["Linkedin-Version"]
    if "r_member_postAnalytics" not in token.scopes or "memberCreatorPostAnalytics" in state.forbidden:
        return denied(f"partnerApiMemberCreatorPostAnalytics.FINDER-entity.{version}01")
    asked = _raw(request)
    entity = _ENTITY.fullmatch(asked.get("entity", ""))
    if (
        asked.get("q") != "entity"
        or entity is None
        or (entity[1] == "share") != (entity[3] == "share")
        or asked.get("queryType") not in _METRICS
        or asked.get("aggregation", "TOTAL") != "TOTAL"
    ):
        return refusal(400, "ILLEGAL_ARGUMENT", "Invalid query parameters passed to request")
    urn = unquote(entity[2])
    if urn in state.ailing:
        return refusal(500, "INTERNAL_SERVER_ERROR", "Internal Server Error")
    post = _known_as(state, urn) if state.analytics else None
    if post is None or post.author != token.member:
        return refusal(404, "NOT_FOUND", "Not Found")
    metric = asked["queryType"]
    count = int(getattr(post, _COUNTED[metric])) if metric in _COUNTED else 0
    row = {
        "count": count,
        "metricType": metric if version >= "202605" else {_UNION: metric},
        "targetEntity": {entity[1]: urn},
    }
    rows = [] if state.sparse and not count else [row]
    paging = {"start": 0, "count": 10, "links": [], "total": len(rows)}
    return web.json_response({"paging": paging, "elements": rows})


def _metadata(post: StoredPost) -> dict[str, Any]:
    likes = post.likes
    kinds = {"LIKE": likes - likes // 3, "EMPATHY": likes // 3}
    return {
        "entity": f"urn:li:activity:{post.urn.rpartition(':')[2]}",
        "commentsState": "OPEN",
        "commentSummary": {"count": post.comments, "topLevelCount": post.comments},
        "reactionSummaries": {kind: {"reactionType": kind, "count": count} for kind, count in kinds.items() if count},
    }


async def social_metadata(request: web.Request) -> web.Response:
    forbidden = "socialMetadata" in request.app[STATE].forbidden
    if forbidden or "r_member_postAnalytics" not in request[TOKEN].scopes:
        return denied(f"partnerApiSocialMetadata.GET.{request.headers['Linkedin-Version']}01")
    if "%3A" not in request.raw_path:
        return refusal(400, "ILLEGAL_ARGUMENT", "Syntax exception in path variables")
    post = _known_as(request.app[STATE], unquote(request.match_info["urn"]))
    return refusal(404, "NOT_FOUND", "Not Found") if post is None else web.json_response(_metadata(post))


async def many_metadata(request: web.Request) -> web.Response:
    state = request.app[STATE]
    if "r_member_postAnalytics" not in request[TOKEN].scopes:
        return denied(f"partnerApiSocialMetadata.BATCH_GET.{request.headers['Linkedin-Version']}01")
    wanted = _LIST.fullmatch(request.raw_path.partition("?")[2])
    if wanted is None:
        return refusal(400, "ILLEGAL_ARGUMENT", "Array parameter 'ids' value is not a valid List(...)")
    found = {urn: _known_as(state, urn) for urn in map(unquote, wanted[1].split(","))}
    return web.json_response(
        {
            "results": {urn: _metadata(post) for urn, post in found.items() if post},
            "statuses": {},
            "errors": {urn: {"status": 404, "message": "Not Found"} for urn, post in found.items() if post is None},
        }
    )


async def followers(request: web.Request) -> web.Response:
    state, token = request.app[STATE], request[TOKEN]
    if "r_member_profileAnalytics" not in token.scopes or "memberFollowersCount" in state.forbidden:
        return denied(f"partnerApiMemberFollowersCount.FINDER-me.{request.headers['Linkedin-Version']}01")
    if _raw(request) != {"q": "me"}:
        return refusal(400, "ILLEGAL_ARGUMENT", "Invalid query parameters passed to request")
    if not state.analytics:
        return refusal(404, "NOT_FOUND", "Not Found")
    return web.json_response({"elements": [{"memberFollowersCount": token.member.followers}]})


ROUTES = (
    web.get("/rest/memberCreatorPostAnalytics", analytics),
    web.get("/rest/socialMetadata", many_metadata),
    web.get("/rest/socialMetadata/{urn}", social_metadata),
    web.get("/rest/memberFollowersCount", followers),
)
