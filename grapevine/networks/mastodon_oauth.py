"""Mastodon's OAuth 2: every server wants to know the app first; then comes the dance, and at last the end.

https://docs.joinmastodon.org/methods/apps/ and https://docs.joinmastodon.org/methods/oauth/
"""

import threading
import time
from collections.abc import Mapping
from typing import Any
from weakref import WeakValueDictionary

import requests
from oauthlib.oauth2 import OAuth2Error, WebApplicationClient
from requests_oauthlib import OAuth2Session

from grapevine.domain.errors import GrapevineError, Refused
from grapevine.networks.base import Authorization
from grapevine.networks.http import claim_https, guarded, json_object, speak_plainly, without_effect
from grapevine.networks.mastodon_answers import complain, reason
from grapevine.networks.mastodon_server import OLD_SCOPES, Server, ask
from grapevine.networks.mastodon_token import App, Begun, Token

#: what people read at their server's prompt
APP_NAME = "Grapevine"
#: seconds; a server forgets an unused app after a day, and lets one address register five in ten minutes
_REMEMBERED = 12 * 3600.0
_SPENT = "says that its one-time code was used up or too old. Please connect Mastodon once more."


class OAuth:
    """The dance with any server. The apps are remembered in memory: every token carries its own app's credentials."""

    def __init__(self, *, allow_private: bool) -> None:
        self._public_only = not allow_private
        self._apps: dict[tuple[Server, str], tuple[float, App]] = {}
        self._lock = threading.Lock()
        self._registering = WeakValueDictionary[tuple[Server, str], threading.Lock]()

    def prompt(self, server: Server, redirect_uri: str, state: str) -> Authorization:
        """The address of the server's own prompt."""
        app = self._app(server, redirect_uri)
        with self._session(server, app, redirect_uri=redirect_uri, scope=list(app.scopes)) as session:
            verifier, challenge = _challenge(app) if app.pkce else ("", {})
            prompt = f"{server.url}/oauth/authorize"
            url, _ = session.authorization_url(claim_https(prompt), state=state, **challenge)
        return Authorization(prompt + str(url).removeprefix(claim_https(prompt)), Begun(app, verifier).pack())

    def exchange(self, begun: Begun, redirect_uri: str, query: Mapping[str, str]) -> tuple[Token, tuple[str, ...]]:
        """The token for the callback's code, and the scopes that were granted."""
        app = begun.app
        name = app.server.title
        if query.get("error") == "access_denied":
            raise Refused(
                f"You said no at {app.server.name}, so nothing was connected. You can connect it whenever you like."
            )
        if "error" in query or not (code := query.get("code")):
            raise Refused(f"{name} sent no permission along. Please connect Mastodon once more.")
        with self._session(app.server, app, redirect_uri=redirect_uri) as session, without_effect():
            session.register_compliance_hook("access_token_response", lambda answer: self._judged(app, answer))
            proof: dict[str, Any] = {"code_verifier": begun.verifier} if begun.verifier else {}
            try:
                answer: Mapping[str, Any] = session.fetch_token(
                    claim_https(f"{app.server.url}/oauth/token"),
                    code=code,
                    include_client_id=True,
                    client_secret=app.client_secret,
                    **proof,
                )
            except (OAuth2Error, ValueError, TypeError, AttributeError, OverflowError):  # its text quotes the server
                answer = {}
        access, scope = answer.get("access_token"), answer.get("scope")
        if not isinstance(access, str) or not access:
            raise Refused(f"{name} {_SPENT}")
        granted = tuple(scope.split() if isinstance(scope, str) else map(str, scope or app.scopes))
        return Token(app.server.url, access, app.client_id, app.client_secret, app.caption_limit), granted

    def end(self, token: Token) -> bool:
        """Whether the server confirms that the token is dead; it says yes to one that was dead already."""
        fields = {"client_id": token.client_id, "client_secret": token.client_secret, "token": token.access}
        server = Server(token.server)
        try:
            with self._session(server) as session:
                answer = session.post(claim_https(f"{server.url}/oauth/revoke"), data=fields)
                complain(answer, server.title)
                return json_object(answer, server.title) == {}
        except GrapevineError:
            return False

    def _app(self, server: Server, redirect_uri: str) -> App:
        """Grapevine at that server; registered anew, once for all who wait, when that is long ago or never was."""
        with self._lock:
            alone = self._registering.setdefault((server, redirect_uri), threading.Lock())
        with alone:
            with self._lock:
                at, known = self._apps.get((server, redirect_uri), (0.0, None))
            if known is not None and time.monotonic() - at < _REMEMBERED:
                return known
            app = self._register(server, redirect_uri)
            with self._lock:
                self._apps[server, redirect_uri] = (time.monotonic(), app)
            return app

    def _register(self, server: Server, redirect_uri: str) -> App:
        with self._session(server) as session, without_effect():
            facts = ask(session, server)
            fields = {"client_name": APP_NAME, "redirect_uris": redirect_uri}
            register = claim_https(f"{server.url}/api/v1/apps")
            scopes = facts.scopes
            answer = session.post(register, data={**fields, "scopes": " ".join(scopes)})
            if answer.status_code == 422 and scopes != OLD_SCOPES:
                scopes = OLD_SCOPES
                answer = session.post(register, data={**fields, "scopes": " ".join(scopes)})
            complain(answer, server.title)
            said = json_object(answer, server.title)
        client_id, secret = said.get("client_id"), said.get("client_secret")
        if not (isinstance(client_id, str) and client_id and isinstance(secret, str) and secret):
            raise Refused(f"{server.title} did not let Grapevine register itself.")
        return App(server, client_id, secret, scopes, facts.pkce, facts.caption_limit)

    def _judged(self, app: App, answer: requests.Response) -> requests.Response:
        """Compliance hook: errors are ours."""
        if answer.status_code in (400, 401, 403) and reason(answer):
            if json_object(answer, app.server.title).get("error") == "invalid_client":  # it has forgotten the app
                with self._lock:
                    self._apps = {key: kept for key, kept in self._apps.items() if kept[1] != app}
            raise Refused(f"{app.server.title} {_SPENT}")
        complain(answer, app.server.title)
        json_object(answer, app.server.title)
        return answer

    def _session(self, server: Server, app: App | None = None, **options: Any) -> OAuth2Session:
        session = OAuth2Session(app.client_id if app else None, **options)
        guarded(session, server.title, public_only=self._public_only)
        if not self._public_only:
            speak_plainly(session, server.title, server.url)
        return session


def _challenge(app: App) -> tuple[str, dict[str, str]]:
    """PKCE's verifier and what is said of it; requests-oauthlib's own does not outlast its session."""
    client = WebApplicationClient(app.client_id)
    verifier: str = client.create_code_verifier(64)
    challenge = client.create_code_challenge(verifier, "S256")
    return verifier, {"code_challenge": challenge, "code_challenge_method": "S256"}
