"""Facebook Login, from the prompt to the tokens of a person's Pages.

https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow and
https://developers.facebook.com/docs/facebook-login/guides/access-tokens/get-long-lived
"""

import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from grapevine.domain.accounts import Capabilities
from grapevine.domain.errors import GrapevineError, Reconnect, Refused, TryLater
from grapevine.networks.base import Connected
from grapevine.networks.facebook_answers import ID, complain, error_in, profile_in, reason
from grapevine.networks.facebook_graph import TITLE, App, Graph
from grapevine.networks.facebook_token import Token
from grapevine.networks.http import json_object, json_of, without_effect

LIST, POST, READ = SCOPES = ("pages_show_list", "pages_manage_posts", "pages_read_engagement")
PAGE_FIELDS = "id,name,picture{url},followers_count,fan_count"
_MAY_POST = {"CREATE_CONTENT", "MANAGE", "PROFILE_PLUS_CREATE_CONTENT", "PROFILE_PLUS_FULL_CONTROL"}
_A_ROUND, _ROUNDS = "100", 5
_PAUSE = 0.5
_NO_PAGE = (
    "Facebook named no Page on which you may create content, and Grapevine cannot post on personal profiles. If you "
    "look after a Page, connect again and choose it at Facebook (“Edit settings” there, if you chose before); else ask "
    "somebody who manages the Page for the task “Content”."
)
_NOT_ALLOWED = (
    "You did not allow Grapevine to {what}, so nothing was connected. Please connect again and leave every permission "
    "switched on."
)
_NO_NUMBERS = (
    "You did not allow Facebook to tell Grapevine the numbers of your Page. Connect it again and leave every "
    "permission switched on."
)


def prompt(app: App, redirect_uri: str, state: str) -> str:
    """The address of Facebook's prompt; "rerequest" asks again for what was declined before."""
    asked = {"client_id": app.id, "redirect_uri": redirect_uri, "state": state, "response_type": "code"}
    query = urlencode({**asked, "scope": ",".join(SCOPES), "auth_type": "rerequest"})
    return f"{app.site}/{app.version}/dialog/oauth?{query}"


def pages(app: App, redirect_uri: str, query: Mapping[str, str]) -> list[Connected]:
    """Every Page on which the person of the callback may post, by name; at least one, else ``Refused``."""
    if query.get("error") == "access_denied":
        raise Refused("You said no at Facebook, so nothing was connected. You can connect Facebook whenever you like.")
    if "error" in query or not (code := query.get("code")):
        raise Refused("Facebook sent no permission along. Please connect Facebook once more.")
    short = _exchanged(app, code=code, redirect_uri=redirect_uri)
    # Only what comes of a long-lived token does not run out.
    access = _exchanged(app, grant_type="fb_exchange_token", fb_exchange_token=short)
    with Graph(app, access) as graph:
        try:
            return _found(graph)
        except TryLater:  # the dance cannot be repeated, so it is worth a second try
            time.sleep(_PAUSE)
            return _found(graph)
        except Reconnect as error:
            raise Refused(str(error)) from None


def _exchanged(app: App, **given: str) -> str:
    """A user token for a code or for another token, by POST: neither stands in an address."""
    with Graph(app) as graph, without_effect():
        answer = graph.post("oauth/access_token", client_id=app.id, client_secret=app.secret, **given)
        error = error_in(json_of(answer))
        if error.get("code") in (100, 190) and "client" not in reason(error):
            raise Refused("Facebook says that its one-time code was used up or too old. Please connect once more.")
        try:
            complain(answer)
        except (Reconnect, Refused) as said:
            raise Refused(f"{said} Nothing was connected.") from None
        access = json_object(answer, TITLE).get("access_token")
    if not isinstance(access, str) or not access:
        raise Refused("Facebook sent no permission along. Please connect Facebook once more.")
    return access


def _found(graph: Graph) -> list[Connected]:
    answer = graph.get("me", fields="id,permissions")
    complain(answer)
    me = json_object(answer, TITLE)
    person, granted = me.get("id"), _granted(me.get("permissions"))
    if not isinstance(person, str) or not ID.fullmatch(person):
        raise TryLater("Facebook answered with something unreadable.")
    for scope, what in ((LIST, "see your Pages"), (POST, "post on your Page")):
        if scope not in granted:
            raise Refused(_NOT_ALLOWED.format(what=what))
    tells = READ in granted
    no = "" if tells else _NO_NUMBERS
    may = Capabilities(count=tells, reach=tells, count_reason=no, reach_reason=no)
    found = [_connected(page, person, may) for page in _listed(graph) if _usable(page)]
    if not found:
        raise Refused(_NO_PAGE)
    return sorted(found, key=lambda one: (one.profile.name.casefold(), one.profile.uid))


def _granted(edge: object) -> set[str]:
    rows = edge.get("data") if isinstance(edge, dict) else None
    known = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return {str(row.get("permission")) for row in known if row.get("status") == "granted"}


def _listed(graph: Graph) -> Iterator[dict[str, Any]]:
    """https://developers.facebook.com/docs/graph-api/reference/user/accounts, page after page."""
    after: dict[str, str] = {}
    for _ in range(_ROUNDS):
        answer = graph.get("me/accounts", fields=f"{PAGE_FIELDS},access_token,tasks", limit=_A_ROUND, **after)
        complain(answer)
        said = json_object(answer, TITLE)
        rows = said.get("data")
        if not isinstance(rows, list):
            raise TryLater("Facebook answered with something unreadable.")
        yield from (row for row in rows if isinstance(row, dict))
        if not (cursor := next_cursor(said)):
            return
        after = {"after": cursor}


def next_cursor(said: Mapping[str, Any]) -> str:
    """Where the list goes on; empty at its end. The address that Facebook offers for it has the token in it."""
    paging = said.get("paging")
    cursors = paging.get("cursors") if isinstance(paging, dict) and "next" in paging else None
    after = cursors.get("after") if isinstance(cursors, dict) else None
    return after if isinstance(after, str) else ""


def _usable(page: Mapping[str, Any]) -> bool:
    tasks, access = page.get("tasks"), page.get("access_token")
    may = isinstance(tasks, list) and any(isinstance(task, str) and task in _MAY_POST for task in tasks)
    return may and isinstance(access, str) and bool(access)


def _connected(page: Mapping[str, Any], person: str, may: Capabilities) -> Connected:
    profile = profile_in(page)
    return Connected(Token(profile.uid, str(page["access_token"]), person).pack(), profile, may)


def end(app: App, person: str) -> bool:
    """Take back all that *person* allowed: https://developers.facebook.com/docs/graph-api/reference/user/permissions

    Facebook knows one permission a person, not one a Page. The app's own token may end it.
    """
    try:
        with Graph(app, app.token) as graph:
            answer = graph.delete(f"{person}/permissions")
            complain(answer)
            said = json_of(answer)
            return said is True or (isinstance(said, dict) and said.get("success") is True)
    except Reconnect as error:
        return error.revoked  # dead already
    except GrapevineError:
        return False
