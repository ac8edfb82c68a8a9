"""The Graph API's way of calling: tokens and their proof, versions, batches, and errors.

https://developers.facebook.com/docs/graph-api/overview
"""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from aiohttp import web

from grapevine.playground.facebook_state import FacebookStandIn, Token

OLDEST, NEWEST = 21, 26
MOST = 50


class GraphError(Exception):
    """An error as Facebook says it; *status* is that of the answer."""

    def __init__(self, code: int, message: str, subcode: int | None = None, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.subcode, self.status = code, subcode, status

    @property
    def body(self) -> dict[str, Any]:
        kind = "GraphMethodException" if self.code == 100 else "OAuthException"
        error: dict[str, Any] = {"message": str(self), "type": kind, "code": self.code}
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        return {"error": {**error, "fbtrace_id": "AbCdEfGhIjKlMnOpQrStUvW"}}


def broken(mode: str) -> GraphError | None:
    """The error that a fault shows."""
    said = {
        "500": GraphError(2, "An unexpected error has occurred. Please retry your request later.", status=500),
        "429": GraphError(32, "(#32) Page request limit reached"),
        "revoked": GraphError(190, "Error validating access token: The user has not authorized application.", 458),
        "expired": GraphError(190, "Error validating access token: Session has expired on Sunday.", 463),
        "checkpoint": GraphError(190, "Error validating access token: You cannot access the app.", 459),
        "role_lost": GraphError(190, "The user must be an administrator, editor, or moderator of the page.", 492),
        "forbidden": GraphError(200, "(#200) Provide valid app ID", status=403),
        "blocked": GraphError(368, "The action attempted has been deemed abusive or is otherwise disallowed"),
        "proof": GraphError(100, "Invalid appsecret_proof provided in the API argument"),
    }
    return said.get(mode)


@dataclass
class Call:
    """One call: what it is for, with which parameters, and whose token it shows. *files*: name -> (bytes, type)."""

    state: FacebookStandIn
    method: str
    path: str
    params: Mapping[str, str]
    origin: str
    shown: str = field(default="", repr=False)
    files: Mapping[str, tuple[bytes, str]] = field(default_factory=dict)

    def token(self) -> Token:
        """The token, known, proven, not run out, and of somebody who still allows the app."""
        known = self.state.tokens.get(self.shown)
        if not self.shown:
            raise GraphError(2500, "An active access token must be used to query information about the current user.")
        if known is None and "|" in self.shown:
            raise GraphError(190, "Invalid OAuth access token signature.")
        if known is None:
            raise GraphError(190, f"Malformed access token {self.shown}")
        self.prove()
        if known.ends is not None and self.state.clock() > known.ends:
            raise GraphError(190, "Error validating access token: Session has expired.", 463)
        grant = self.state.grants.get(known.person)
        if grant is None or (known.page and known.page not in grant.pages):
            said = f"The user has not authorized application {self.state.app_id}."
            raise GraphError(190, f"Error validating access token: {said}", 458)
        return known

    def prove(self) -> None:
        """As with "Require App Secret" switched on."""
        made = hmac.new(self.state.app_secret.encode(), self.shown.encode(), hashlib.sha256).hexdigest()
        given = self.params.get("appsecret_proof")
        if given is None:
            raise GraphError(100, "API calls from the server require an appsecret_proof argument")
        if not hmac.compare_digest(given, made):
            raise GraphError(100, "Invalid appsecret_proof provided in the API argument")

    def person(self) -> Token:
        token = self.token()
        if token.page:
            raise GraphError(190, "This method must be called with a user access token.")
        return token

    def page(self, page: str, *scopes: str) -> Token:
        """The token, if it is that Page's and its person allowed all *scopes* and may still create content."""
        token = self.token()
        allowed = self.state.grants[token.person].scopes
        if token.page != page:
            raise GraphError(200, "(#200) The user hasn't authorized the application to perform this action")
        for scope in scopes:
            if scope not in allowed:
                raise GraphError(10, f"(#10) This endpoint requires the '{scope}' permission.", status=403)
        if "CREATE_CONTENT" not in self.state.pages[page].tasks.get(token.person, ()):
            raise GraphError(190, "The user must be an administrator, editor, or moderator of the page.", 492)
        return token


def spoken(version: str) -> None:
    """Whether that version is served."""
    if not re.fullmatch(r"v\d+\.0", version):
        raise GraphError(2500, "Unknown path components")
    number = int(version[1:].partition(".")[0])
    if not OLDEST <= number <= NEWEST:
        raise GraphError(2635, f"(#2635) You are calling a deprecated version of the API: use v{NEWEST}.0.")


def batch_of(call: Call) -> list[dict[str, Any]]:
    """What a batch asks for: https://developers.facebook.com/docs/graph-api/batch-requests"""
    try:
        calls = json.loads(call.params["batch"])
    except (KeyError, ValueError):
        calls = None
    if not isinstance(calls, list) or not all(isinstance(one, dict) and "relative_url" in one for one in calls):
        raise GraphError(100, "(#100) The parameter batch is required")
    if len(calls) > MOST:
        raise GraphError(100, f"Too many requests in batch message. Maximum batch size is {MOST}")
    call.token()
    return calls


def inner(call: Call, one: Mapping[str, Any]) -> Call:
    """One call of a batch, with the whole one's token."""
    where = urlsplit(str(one["relative_url"]))
    version, _, path = where.path.partition("/")
    spoken(version)
    proof = {"appsecret_proof": call.params.get("appsecret_proof", "")}
    params = dict(parse_qsl(where.query)) | proof
    return Call(call.state, str(one.get("method", "GET")), path, params, call.origin, call.shown)


async def read(state: FacebookStandIn, request: web.Request) -> Call:
    """The call that a request is: parameters from the address or a form, the token from the header or among them."""
    params, files = dict(request.query), dict[str, tuple[bytes, str]]()
    if request.method == "POST":
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                files[name] = (value.file.read(), value.content_type)
            elif isinstance(value, str):
                params[name] = value
    said = request.headers.get("Authorization", "")
    shown = said.removeprefix("Bearer ") if said.startswith("Bearer ") else params.get("access_token", "")
    here = request.app.router["feed"].url_for()
    origin = f"{request.url.origin()}{here.path}".rstrip("/")
    return Call(state, request.method, request.match_info["path"], params, origin, shown, files)
