"""Who the member is on LinkedIn, and how many people they reach: numbers only."""

from dataclasses import replace
from typing import Any
from urllib.parse import quote

from grapevine.domain.accounts import Profile
from grapevine.domain.errors import Refused, TryLater
from grapevine.networks.http import json_object
from grapevine.networks.linkedin_rest import Conversation
from grapevine.networks.profiles import address_in, name_in, number_in

CONNECTIONS, FOLLOWERS = "r_1st_connections_size", "r_member_profileAnalytics"
NOT_GRANTED = (
    "LinkedIn tells the number of connections only to apps with its Community Management API, and this Grapevine's app "
    "is without it. Ask the person who runs Grapevine to apply for it at LinkedIn."
)
DENIED = (
    "LinkedIn does not tell this Grapevine's app the number of your connections, though you allowed it. Ask the person "
    "who runs Grapevine to look at the app's Community Management API at LinkedIn. Grapevine tries again every week."
)
_ME = "me?projection=(id,localizedFirstName,localizedLastName,vanityName,profilePicture(displayImage~:playableStreams))"


def read(line: Conversation) -> Profile:
    """Name and picture; *reach* is left to ``reach``. Which address tells depends on the kind of app."""
    openid = "openid" in line.token.scope
    answer = line.v2("userinfo" if openid else _ME)
    if answer.status_code >= 300:
        raise Refused(
            "LinkedIn does not tell this Grapevine's app who you are. The person who runs Grapevine should compare "
            "LINKEDIN_SCOPES with the app's products in LinkedIn's developer portal."
        )
    me = json_object(answer, "LinkedIn")
    uid = me.get("sub" if openid else "id")
    if not isinstance(uid, str) or not uid:
        raise TryLater("LinkedIn answered without saying who you are.")
    first, last = ("given_name", "family_name") if openid else ("localizedFirstName", "localizedLastName")
    name = name_in(me.get("name"), f"{name_in(me.get(first))} {name_in(me.get(last))}", "LinkedIn member")
    return Profile(uid, name, address_in(me.get("picture") if openid else _largest(me)))


def reach(line: Conversation) -> int | None:
    """Connections or followers, whichever is more: connections follow on LinkedIn, so a sum would count them twice.

    None when LinkedIn tells neither.
    """
    told = []
    if CONNECTIONS in line.token.scope:
        # As documented: the URN stands in the path unescaped, without a Rest.li protocol header.
        answer = line.v2(f"connections/urn:li:person:{quote(line.token.person, safe='')}")
        if answer.status_code < 300:
            told.append(json_object(answer, "LinkedIn").get("firstDegreeSize"))
    if FOLLOWERS in line.token.scope:
        answer = line.rest("GET", "memberFollowersCount?q=me")
        if answer.status_code < 300:
            rows = json_object(answer, "LinkedIn").get("elements")
            told += [row.get("memberFollowersCount") for row in _rows(rows)]
    return max((number for number in map(number_in, told) if number is not None), default=None)


def _rows(said: object) -> list[dict[str, Any]]:
    return [row for row in said if isinstance(row, dict)] if isinstance(said, list) else []


def with_reach(line: Conversation, profile: Profile) -> Profile:
    """The *profile* with its reach, or why LinkedIn does not tell that."""
    if not {CONNECTIONS, FOLLOWERS} & {*line.token.scope}:
        return replace(profile, reach_reason=NOT_GRANTED)
    told = reach(line)
    return replace(profile, reach=told, reach_reason="" if told is not None else DENIED)


def _largest(me: dict[str, Any]) -> object:
    try:
        return me["profilePicture"]["displayImage~"]["elements"][-1]["identifiers"][0]["identifier"]
    except (KeyError, IndexError, TypeError):
        return None  # a member without a picture
