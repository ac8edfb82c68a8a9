"""The front door of the stand-in's Web API: arguments, tokens and scopes, then the method.

https://docs.slack.dev/apis/web-api/
"""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from aiohttp import web

from grapevine.playground.config import JSON
from grapevine.playground.workspace import Workspace

REMEMBERED = 1000
TokenKind = Literal["bot", "app", "none"]


class SlackError(Exception):
    """What Slack answers instead of ok: an error's name, and sentences with a JSON pointer each."""

    def __init__(self, error: str, messages: list[str] | None = None, **more: Any) -> None:
        super().__init__(error)
        self.error = error
        self.messages = messages or []
        self.more = more

    def body(self) -> JSON:
        body: JSON = {"ok": False, "error": self.error, **self.more}
        if self.messages:
            body["response_metadata"] = {"messages": self.messages}
        return body


class Arguments:
    """A call's arguments, wherever they came from: query, form or JSON."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self.given = {key: value for key, value in given.items() if value is not None}

    def text(self, name: str) -> str:
        value = self.maybe_text(name)
        if not value:
            raise _missing(name)
        return value

    def maybe_text(self, name: str) -> str:
        value = self.given.get(name, "")
        if not isinstance(value, str | int | float):
            raise SlackError("invalid_arguments", [f"[ERROR] must be a string [json-pointer:/{name}]"])
        return str(value)

    def flag(self, name: str) -> bool:
        return str(self.given.get(name, "")).lower() in ("true", "1")

    def data(self, name: str, error: str = "invalid_arguments") -> Any:
        """A structured argument, which a form carries as a string of JSON; None when it is not given."""
        value = self.given.get(name)
        if isinstance(value, str):
            if not value:
                return None
            try:
                return json.loads(value)
            except ValueError:
                raise SlackError(error, [f"[ERROR] must be valid JSON [json-pointer:/{name}]"]) from None
        return value


def _missing(name: str) -> SlackError:
    return SlackError("invalid_arguments", [f"[ERROR] missing required field: {name} [json-pointer:/{name}]"])


Handler = Callable[[Workspace, Arguments], JSON]


@dataclass(frozen=True)
class Method:
    """*scopes*: one of them is enough; none means any token of the kind will do, if it needs one at all."""

    handler: Handler
    scopes: tuple[str, ...] = ()
    kind: TokenKind = "bot"


class WebApi:
    def __init__(self, workspace: Workspace, methods: Mapping[str, Method]) -> None:
        self.workspace = workspace
        self.methods = methods

    def routes(self) -> list[web.AbstractRouteDef]:
        return [web.route("*", "/slack/api/{method}", self.serve)]

    async def serve(self, request: web.Request) -> web.Response:
        name = request.match_info["method"]
        headers = {"X-Slack-Req-Id": "playground"}
        try:
            arguments, token = await _read(request)
            method = self.methods.get(name)
            if method is None:
                raise SlackError("unknown_method", req_method=name)
            granted = self._granted(method, token)
            headers["X-OAuth-Scopes"] = ",".join(granted)
            headers["X-Accepted-OAuth-Scopes"] = ",".join(method.scopes)
            if method.scopes and not set(method.scopes) & set(granted):
                raise SlackError("missing_scope", needed=",".join(method.scopes), provided=",".join(granted))
            told = {key: value for key, value in arguments.given.items() if key != "client_secret"}
            self.workspace.calls.append((name, told))
            del self.workspace.calls[:-REMEMBERED]
            mishap = self._mishap(name)
            if isinstance(mishap, int):
                headers["Retry-After"] = str(mishap)
                return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)
            if mishap:
                raise SlackError(mishap)
            body: JSON = {"ok": True, **method.handler(self.workspace, arguments)}
        except SlackError as error:
            body = error.body()
        return web.json_response(body, headers=headers)

    def _granted(self, method: Method, token: str) -> tuple[str, ...]:
        config = self.workspace.config
        if method.kind == "none":
            return ()
        if not token:
            raise SlackError("not_authed")
        kinds: dict[str, TokenKind] = {config.bot_token: "bot", config.app_token: "app"}
        kind = kinds.get(token)
        if kind is None:
            raise SlackError("invalid_auth")
        if kind != method.kind:
            raise SlackError("not_allowed_token_type")
        return config.manifest.scopes if kind == "bot" else ("connections:write",)

    def _mishap(self, name: str) -> str | int | None:
        waiting = self.workspace.mishaps.get(name)
        return waiting.pop(0) if waiting else None


def _basic(credentials: str) -> JSON:
    try:
        name, _, secret = base64.b64decode(credentials, validate=True).decode().partition(":")
    except ValueError:
        raise SlackError("invalid_auth") from None
    return {"client_id": name, "client_secret": secret}


async def _read(request: web.Request) -> tuple[Arguments, str]:
    """The arguments and the token: in the Authorization header or in a form, never in JSON or the address."""
    given: JSON = {key: value for key, value in request.query.items() if key != "token"}
    if request.method == "POST" and request.can_read_body:
        if request.content_type == "application/json":
            try:
                body = json.loads(await request.text())
            except ValueError:
                raise SlackError("invalid_json") from None
            if not isinstance(body, dict):
                raise SlackError("json_not_object")
            given |= body
            given.pop("token", None)
        elif request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
            given |= dict(await request.post())
        else:
            raise SlackError("invalid_post_type")
    token = str(given.pop("token", ""))
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        given |= _basic(credentials)
    return Arguments(given), credentials.strip() if scheme.lower() == "bearer" else token
