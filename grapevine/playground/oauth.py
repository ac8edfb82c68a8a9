"""Installing the app in the stand-in workspace: the page with Allow and Cancel, and the exchange of its code.

https://docs.slack.dev/authentication/installing-with-oauth
"""

import html
import secrets
import time
from dataclasses import dataclass
from urllib.parse import urlencode

from aiohttp import web

from grapevine.playground.config import JSON, PlaygroundConfig
from grapevine.playground.people import APP_ID, BOT_USER_ID, TEAM_ID, TEAM_NAME
from grapevine.playground.webapi import Arguments, Method, SlackError
from grapevine.playground.workspace import Workspace

CODE_LIFE = 600.0
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Install {name}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<body style="font-family:system-ui,sans-serif;max-width:32rem;margin:4rem auto;padding:0 1rem;line-height:1.5">
<h1>{name} is requesting permission to access {team}</h1>
<p>It asks for:</p><ul>{scopes}</ul>
<p><a href="{allow}" style="padding:.6rem 1.2rem;background:#007a5a;color:#fff;border-radius:.3rem">Allow</a>
&emsp;<a href="{cancel}">Cancel</a></p>"""


@dataclass
class Code:
    scopes: str
    redirect_uri: str
    issued: float


class Installing:
    """Codes live ten minutes and serve once; every installation gets the one bot token there is."""

    def __init__(self, config: PlaygroundConfig) -> None:
        self.config = config
        self._codes: dict[str, Code] = {}

    def routes(self) -> list[web.AbstractRouteDef]:
        return [web.get("/oauth/v2/authorize", self.authorize)]

    @property
    def methods(self) -> dict[str, Method]:
        return {"oauth.v2.access": Method(self.access, kind="none")}

    async def authorize(self, request: web.Request) -> web.Response:
        """The page that asks an admin; its links lead back to the app as Slack's buttons do."""
        asked = request.query
        redirect_uri, scopes = asked.get("redirect_uri", ""), asked.get("scope", "")
        if asked.get("client_id") != self.config.client_id:
            raise web.HTTPBadRequest(text="invalid_client_id: no app has this client_id.")
        if not redirect_uri.startswith(("https://", "http://127.0.0.1", "http://localhost")):
            raise web.HTTPBadRequest(text="bad_redirect_uri: the redirect_uri does not match.")
        if unknown := sorted(set(scopes.split(",")) - set(self.config.manifest.scopes)):
            raise web.HTTPBadRequest(text=f"invalid_scope: the manifest does not ask for {', '.join(unknown)}.")
        code = f"{secrets.randbelow(10**13)}.{secrets.randbelow(10**13)}.{secrets.token_hex(32)}"
        self._codes[code] = Code(scopes, redirect_uri, time.monotonic())
        state = asked.get("state", "")
        page = _PAGE.format(
            name=html.escape(self.config.manifest.name),
            team=html.escape(TEAM_NAME),
            scopes="".join(f"<li>{html.escape(scope)}</li>" for scope in scopes.split(",")),
            allow=html.escape(f"{redirect_uri}?{urlencode({'code': code, 'state': state})}"),
            cancel=html.escape(f"{redirect_uri}?{urlencode({'error': 'access_denied', 'state': state})}"),
        )
        return web.Response(text=page, content_type="text/html")

    def access(self, workspace: Workspace, arguments: Arguments) -> JSON:
        if arguments.maybe_text("client_id") != self.config.client_id:
            raise SlackError("invalid_client_id")
        if arguments.maybe_text("client_secret") != self.config.client_secret:
            raise SlackError("bad_client_secret")
        code = self._codes.pop(arguments.maybe_text("code"), None)
        if code is None or time.monotonic() - code.issued > CODE_LIFE:
            raise SlackError("invalid_code")
        if arguments.maybe_text("redirect_uri") != code.redirect_uri:
            raise SlackError("bad_redirect_uri")
        installer = next(user.id for user in workspace.users.values() if user.is_owner)
        return {
            "access_token": self.config.bot_token,
            "token_type": "bot",
            "scope": code.scopes,
            "bot_user_id": BOT_USER_ID,
            "app_id": APP_ID,
            "team": {"id": TEAM_ID, "name": TEAM_NAME},
            "enterprise": None,
            "is_enterprise_install": False,
            "authed_user": {"id": installer},
        }
