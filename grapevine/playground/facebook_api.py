"""The calls of the Graph API that Grapevine makes, as strict as Facebook's."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from grapevine.playground.facebook_graph import Call, GraphError, batch_of, inner
from grapevine.playground.facebook_state import LONG_LIFE, SHORT_LIFE, Page, Post, Token

_PICTURES = ("image/jpeg", "image/png", "image/gif", "image/bmp", "image/tiff")
_GOSSIP = {"data": [{"id": "9", "name": "Dora Smith", "message": "My phone number is 555 0100"}]}
_NO_OBJECT = (
    "Unsupported {method} request. Object with ID '{path}' does not exist, cannot be loaded due to missing "
    "permissions, or does not support this operation."
)

Answer = dict[str, Any] | list[Any]


def answer(call: Call) -> Answer:
    """The body of the answer; ``GraphError``."""
    for method, pattern, function in _CALLS:
        if call.method == method and (match := re.fullmatch(pattern, call.path)):
            return function(call, *match.groups())
    raise GraphError(100, _NO_OBJECT.format(method=call.method.lower(), path=call.path), 33)


def _exchange(call: Call) -> Answer:
    state, given = call.state, call.params
    if given.get("client_id") != state.app_id:
        raise GraphError(101, "Error validating application. Cannot get application info due to a system error.")
    if given.get("client_secret") != state.app_secret:
        raise GraphError(1, "Error validating client secret.")
    if given.get("grant_type") == "fb_exchange_token":
        known = state.tokens.get(given.get("fb_exchange_token", ""))
        if known is None or known.page or known.ends is None or known.ends < state.clock():
            raise GraphError(190, "Error validating access token: Session has expired.", 463)
        return _handed_out(state.issue(known.person, ends=state.clock() + LONG_LIFE), LONG_LIFE)
    code = state.codes.pop(given.get("code", ""), None)
    if code is None:
        raise GraphError(100, "This authorization code has been used.", 36009)
    if code.made < state.clock() - 600:
        raise GraphError(100, "This authorization code has expired.", 36007)
    if code.redirect_uri != given.get("redirect_uri"):
        said = "Error validating verification code. Please make sure your redirect_uri is identical to the one you used"
        raise GraphError(100, said, 36008)
    return _handed_out(state.issue(code.person, ends=state.clock() + SHORT_LIFE), SHORT_LIFE)


def _handed_out(token: Token, lives: float) -> Answer:
    return {"access_token": token.token, "token_type": "bearer", "expires_in": int(lives)}


def _me(call: Call) -> Answer:
    token = call.person()
    allowed = call.state.grants[token.person].scopes
    rows = [{"permission": scope, "status": "granted"} for scope in ("public_profile", *allowed)]
    known = {"id": token.person, "permissions": {"data": rows}}
    return {name: known[name] for name in _fields(call) if name in known}


def _accounts(call: Call) -> Answer:
    token, state = call.person(), call.state
    grant = state.grants[token.person]
    seen = [page for page in state.pages.values() if page.id in grant.pages and token.person in page.tasks]
    if "pages_show_list" not in grant.scopes:
        seen = []
    limit = min(int(call.params.get("limit", "25")), 100)
    start = int(call.params.get("after") or 0)
    rows = []
    for page in seen[start : start + limit]:
        # what comes of a token that runs out runs out with it
        lasting = token.ends is not None and token.ends - state.clock() > SHORT_LIFE
        own = state.issue(token.person, page.id, None if lasting else token.ends)
        extra = {"access_token": own.token, "tasks": list(page.tasks[token.person])}
        rows.append(_page(call, page, extra))
    said: dict[str, Any] = {"data": rows}
    if rows:
        said["paging"] = {"cursors": {"before": str(start), "after": str(start + limit)}}
    if start + limit < len(seen):
        said["paging"]["next"] = f"{call.origin}/graph/me/accounts?access_token={token.token}&after={start + limit}"
    return said


def _page(call: Call, page: Page, extra: dict[str, Any]) -> dict[str, Any]:
    known: dict[str, Any] = {
        "id": page.id,
        "name": page.name,
        "picture": {"data": {"url": f"{call.origin}/pictures/{page.id}.svg", "is_silhouette": False}},
        "followers_count": page.followers,
        "fan_count": page.followers - 7,
        **extra,
    }
    asked = {"id", *_fields(call)}
    return {name: value for name, value in known.items() if name in asked}


def _object(call: Call, number: str) -> Answer:
    if number == call.state.app_id and call.shown == f"{call.state.app_id}|{call.state.app_secret}":
        return {"id": number}
    call.state.asked.append(call.params.get("fields", ""))
    page = call.state.pages.get(number)
    if page is not None:
        call.page(number, "pages_read_engagement")
        return _page(call, page, {})
    post = _post(call, number, "pages_read_engagement")
    asked = call.params.get("fields", "")
    said: dict[str, Any] = {"id": post.id}
    if post.shares and "shares" in _fields(call):
        said["shares"] = {"count": post.shares}
    for edge, total in (("reactions", post.likes), ("comments", post.comments)):
        if edge in _fields(call):
            alone = f"{edge}.summary(total_count).limit(0)" in asked and not _shows(call, "chatty")
            said[edge] = {**({"data": []} if alone else _GOSSIP), "summary": {"total_count": total}}
    if _shows(call, "chatty"):
        said |= {"from": {"name": "Dora Smith"}, "message": post.message, "to": _GOSSIP, "likes": _GOSSIP}
    return said


def _shows(call: Call, mode: str) -> bool:
    return call.state.fault is not None and call.state.fault.mode == mode


def _post(call: Call, number: str, *scopes: str) -> Post:
    token = call.token()
    post = call.state.post(number)
    if post is None or token.page != post.page:
        raise GraphError(100, _NO_OBJECT.format(method=call.method.lower(), path=number), 33)
    call.page(post.page, *scopes)
    return post


def _published_posts(call: Call, page: str) -> Answer:
    call.state.asked.append(call.params.get("fields", ""))
    call.page(page, "pages_read_engagement")
    since, limit = float(call.params.get("since", "0")), min(int(call.params.get("limit", "25")), 100)
    start = int(call.params.get("after") or 0)
    found = [post for post in call.state.newest(page) if post.created >= since]
    rows = [_listed(call, post) for post in found[start : start + limit]]
    said: dict[str, Any] = {"data": rows}
    if rows:
        said["paging"] = {"cursors": {"before": str(start), "after": str(start + limit)}}
    if start + limit < len(found):
        said["paging"]["next"] = f"{call.origin}/graph/{page}/published_posts?access_token={call.shown}"
    return said


def _listed(call: Call, post: Post) -> dict[str, Any]:
    when = datetime.fromtimestamp(post.created, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
    known: dict[str, Any] = {"id": post.id, "message": post.message, "created_time": when}
    if post.link:
        known["attachments"] = {"data": [{"unshimmed_url": post.link}]}
    if post.photos and "target{id}" in call.params.get("fields", ""):
        rows = [{"target": {"id": photo}} for photo in post.photos]
        album = {"target": {"id": call.state.app_id}, "subattachments": {"data": rows}}
        known["attachments"] = {"data": rows if len(rows) == 1 else [album]}
    asked = {"id", *_fields(call)} - ({"attachments"} if _shows(call, "unattached") else set())
    return {name: value for name, value in known.items() if name in asked}


def _feed(call: Call, page: str) -> Answer:
    """A repetition of what the Page posted last is refused, and a picture that stands in a post; one that came anew
    is another picture."""
    call.page(page, "pages_manage_posts", "pages_read_engagement")
    message, link = call.params.get("message", ""), call.params.get("link", "")
    photos = [str(one["media_fbid"]) for one in json.loads(call.params.get("attached_media", "[]"))]
    if any(call.state.photos.get(photo, ("",))[0] != page for photo in photos):
        raise GraphError(100, "(#100) Invalid parameter: attached_media")
    if {*photos} & {photo for post in call.state.newest(page) for photo in post.photos}:
        raise GraphError(100, "Invalid parameter: These photos were already posted.", 1366051)
    if not (message or link or photos):
        raise GraphError(100, "(#100) The parameter message is required")
    if link and not re.match(r"https?://[^\s/]+", link):
        raise GraphError(1609005, "(#1609005) Link is invalid")
    last = next(iter(call.state.newest(page)), None)
    if not photos and last is not None and (last.message, last.link, last.photos) == (message, link, ()):
        raise GraphError(506, "Duplicate status message")
    return {"id": call.state.add(page, message, link, photos).id}


def _photos(call: Call, page: str) -> Answer:
    call.page(page, "pages_manage_posts")
    content, kind = call.files.get("source", (b"", ""))
    if not content or kind not in _PICTURES or len(content) > 10 * 1000 * 1000:
        raise GraphError(324, "(#324) Missing or invalid image file")
    if call.params.get("published") != "false":
        raise GraphError(100, "(#100) this stand-in takes unpublished photos only")
    number = call.state.new_id()
    call.state.photos[number] = (page, content, kind, call.params.get("alt_text_custom", ""))
    return {"id": number}


def _delete(call: Call, number: str) -> Answer:
    call.state.remove(_post(call, number, "pages_manage_posts").id)
    return {"success": True}


def _permissions(call: Call, person: str) -> Answer:
    """With the app's own token, or the person's."""
    if call.shown == f"{call.state.app_id}|{call.state.app_secret}":
        call.prove()
    elif call.person().person != person:
        raise GraphError(100, _NO_OBJECT.format(method="delete", path=person), 33)
    if person not in call.state.grants:
        said = f"The user has not authorized application {call.state.app_id}."
        raise GraphError(190, f"Error validating access token: {said}", 458)
    call.state.remove_app(person)
    return {"success": True}


def _batch(call: Call) -> Answer:
    said: list[Any] = []
    for number, one in enumerate(batch_of(call)):
        if number % 2 and _shows(call, "unanswered"):
            said.append(None)
            continue
        try:
            said.append({"code": 200, "body": json.dumps(answer(inner(call, one)))})
        except GraphError as error:
            said.append({"code": error.status, "body": json.dumps(error.body)})
    return said


def _ids(_: Call) -> Answer:
    raise GraphError(100, "(#100) The ids query parameter is no longer supported: use batch requests")


def _fields(call: Call) -> list[str]:
    """The names at the beginning of each field, whatever is asked of it."""
    outer, inner = call.params.get("fields", ""), ""
    while outer != inner:
        inner, outer = outer, re.sub(r"\([^()]*\)|\{[^{}]*\}", "", outer)
    return re.findall(r"(?:^|,)(\w+)", outer)


_CALLS: tuple[tuple[str, str, Callable[..., Answer]], ...] = (
    ("POST", r"oauth/access_token", _exchange),
    ("GET", r"oauth/access_token", _exchange),
    ("POST", r"", _batch),
    ("GET", r"", _ids),
    ("GET", r"me", _me),
    ("GET", r"me/accounts", _accounts),
    ("GET", r"(\d+)/published_posts", _published_posts),
    ("POST", r"(\d+)/feed", _feed),
    ("POST", r"(\d+)/photos", _photos),
    ("DELETE", r"(\d+)/permissions", _permissions),
    ("GET", r"(\d+(?:_\d+)?)", _object),
    ("DELETE", r"(\d+_\d+)", _delete),
)
