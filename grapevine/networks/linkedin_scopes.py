"""What LinkedIn's permissions are called in words, and why they are asked for (rule 19)."""

from collections.abc import Sequence

from grapevine.networks.base import Ask
from grapevine.networks.linkedin_counts import SCOPE
from grapevine.networks.linkedin_profile import CONNECTIONS, FOLLOWERS

_NAME = ("See your name and picture", "to show them next to your connected account")
_REACH = "to show how many people your shares may reach: a number, never names"
_WORDS = {
    "openid": ("Know which account is yours", "to connect it to you, and to nobody else"),
    "profile": _NAME,
    "r_basicprofile": _NAME,
    "email": ("See your email address", "asked for by the person who runs Grapevine; Grapevine does not keep it"),
    "w_member_social": (
        "Publish posts",
        "to publish the posts that you choose to share, and nothing else. LinkedIn's prompt names more (changing and "
        "deleting posts, comments, reactions), since it has no smaller permission: Grapevine only publishes",
    ),
    SCOPE: (
        "Read the numbers of your posts",
        "to show how many reactions, comments and reposts your shares got: numbers, never names",
    ),
    FOLLOWERS: ("Read the number of your followers", _REACH),
    CONNECTIONS: ("Read the number of your connections", _REACH),
}


def asks(scopes: Sequence[str]) -> tuple[Ask, ...]:
    other = ("Something more", "asked for by the person who runs Grapevine")
    return tuple(Ask(*_WORDS.get(scope, other), code=scope) for scope in scopes)
