"""What an app may do, as its scopes say it: repo, blob and the transitional ones, and in words for a person.

https://atproto.com/specs/permission, and packages/oauth/oauth-scopes of the reference server for what matches what.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote

_ACTIONS = ("create", "update", "delete")
_NSID = re.compile(r"[a-zA-Z](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)+\.[a-zA-Z]\w*")
_STATIC = {
    "atproto": "Know who you are: your handle and the id of your account",
    "transition:email": "Read your email address",
    "transition:generic": "Do almost anything in your account: post, like, follow and delete",
    "transition:chat.bsky": "Read and write your direct messages",
}
_PARAMETERS = {"repo": {"collection", "action"}, "blob": {"accept"}, "rpc": {"lxm", "aud"}}
_PARAMETERS |= {"account": {"attr", "action"}, "identity": {"attr"}, "include": {"nsid", "aud"}}
_POSITIONAL = {"repo": "collection", "blob": "accept", "rpc": "lxm", "account": "attr", "identity": "attr"}
#: what a scope is: a printable word without a quotation mark or a backslash
_WORD = r"[\x21\x23-\x5B\x5D-\x7E]+"
SCOPES = re.compile(f"{_WORD}(?: {_WORD})*")


@dataclass(frozen=True, slots=True)
class _Permission:
    resource: str
    parameters: dict[str, list[str]]

    def all(self, name: str) -> list[str]:
        return self.parameters.get(name, [])


def known(scope: str) -> bool:
    """Whether the server understands it; what it does not understand it leaves out without a word."""
    return scope in _STATIC or _read(scope) is not None


def may_write(scopes: Iterable[str], collection: str, action: str) -> bool:
    scopes = list(scopes)
    permissions = (one for one in map(_read, scopes) if one and one.resource == "repo")
    return "transition:generic" in scopes or any(
        action in one.all("action") and {"*", collection} & {*one.all("collection")} for one in permissions
    )


def may_upload(scopes: Iterable[str], mime: str) -> bool:
    """A type with an asterisk is none, whatever the scope says."""
    scopes = list(scopes)
    if "transition:generic" in scopes:
        return True
    permissions = (one for one in map(_read, scopes) if one and one.resource == "blob")
    ranges = {accept for one in permissions for accept in one.all("accept")}
    kind, _, rest = mime.partition("/")
    return bool(kind and rest) and "*" not in mime and bool({"*/*", f"{kind}/*", mime} & ranges)


def in_words(scope: str) -> str:
    """What a person reads before they say yes."""
    if scope in _STATIC:
        return _STATIC[scope]
    permission = _read(scope)
    if permission and permission.resource == "repo":
        done = [{"create": "Create", "update": "change", "delete": "delete"}[one] for one in permission.all("action")]
        done[0] = done[0].title()
        what = ("posts" if one == "app.bsky.feed.post" else one for one in permission.all("collection"))
        doing = f"{', '.join(done[:-1])} and {done[-1]}" if len(done) > 1 else done[0]
        return f"{doing} {', '.join('anything' if one == '*' else one for one in what)}"
    if permission and permission.resource == "blob":
        ranges = permission.all("accept")
        return f"Upload {'files' if '*/*' in ranges else ', '.join(_kind(one) for one in ranges)}"
    return scope


def _kind(accept: str) -> str:
    return {"image/*": "images", "video/*": "videos"}.get(accept, f"files of the kind {accept}")


def _read(scope: str) -> _Permission | None:
    """``repo:app.bsky.feed.post?action=create``, ``repo?collection=a.b.c&collection=…``; None if it is not right."""
    head, _, query = scope.partition("?")
    resource, colon, positional = head.partition(":")
    if resource not in _PARAMETERS:
        return None
    parameters = parse_qs(query, keep_blank_values=True)
    first = _POSITIONAL.get(resource, "nsid")
    if not {*parameters} <= _PARAMETERS[resource] or (colon and first in parameters):
        return None
    if colon:
        parameters[first] = [unquote(positional)]
    if first not in parameters:
        return None
    if resource == "repo":
        parameters.setdefault("action", list(_ACTIONS))
        right = all(one == "*" or _NSID.fullmatch(one) for one in parameters["collection"])
        return _Permission(resource, parameters) if right and {*parameters["action"]} <= {*_ACTIONS} else None
    if resource == "blob" and not all(re.fullmatch(r"\*/\*|[^/ *]+/(?:\*|[^/ *]+)", a) for a in parameters["accept"]):
        return None
    return _Permission(resource, parameters)
