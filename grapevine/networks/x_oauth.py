"""OAuth 1.0a with X: the company's app, the dance, sessions in a member's name, and what is wrong with the app.

https://docs.x.com/fundamentals/authentication/oauth-1-0a/obtaining-user-access-tokens
"""

import hmac
import logging
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import requests
from requests_oauthlib import OAuth1Session

from grapevine.domain.errors import Reconnect, Refused, TryLater
from grapevine.networks.allowance import wants
from grapevine.networks.http import guarded, without_effect
from grapevine.networks.x_answers import KEYS, TELL_AN_ADMIN, complain

log = logging.getLogger("grapevine.networks.x")


class Unfit(Refused):
    """X does not take the company's app: members are told whom to tell, the log and the doctor say what to *mend*."""

    def __init__(self, mend: str, *, served: bool = False) -> None:
        super().__init__(f"X does not take this Grapevine's app. {TELL_AN_ADMIN}")
        self.mend = mend
        self.served = served
        log.warning("%s", mend)
        wants(mend)


class App:
    """The company's app at X; *url* serves ``/oauth/…``."""

    def __init__(self, key: str, secret: str, url: str) -> None:
        self._key = key
        self._secret = secret
        self.url = url

    def begin(self, redirect_uri: str, state: str = "") -> tuple[str, str]:
        """A request token and its secret; the member comes back to *redirect_uri* with *state*."""
        callback = _with(redirect_uri, state=state) if state else redirect_uri
        with self.session(callback=callback) as session, without_effect():
            answer = session.post(f"{self.url}/oauth/request_token")
            if answer.status_code == 403 and "415" in answer.text:
                raise Unfit(f"X does not know {redirect_uri}: add it to the app's callback URLs in its console.")
            if answer.status_code in (400, 401, 403):
                raise Unfit(KEYS)
            complain(answer, self.accepted)
            token, secret, confirmed = _fields(answer, "oauth_token", "oauth_token_secret", "oauth_callback_confirmed")
        if confirmed != "true":
            raise Refused("X did not confirm the way back to Grapevine, so nothing was connected.")
        return token, secret

    def finish(self, query: Mapping[str, str], secret: str) -> tuple[str, str]:
        """The member's token (``id:token:secret``) and screen name, for the callback's query."""
        if "denied" in query:
            raise Refused("You said no at X, so nothing was connected. You can connect X whenever you like.")
        token, _, token_secret = secret.partition(":")
        verifier = query.get("oauth_verifier", "")
        if not verifier or not hmac.compare_digest(query.get("oauth_token", "").encode(), token.encode()):
            raise Refused("This answer of X belongs to another attempt. Please start connecting X again.")
        with self.session(token, token_secret, verifier=verifier) as session, without_effect():
            answer = session.post(f"{self.url}/oauth/access_token")
            if answer.status_code in (400, 401, 403):
                raise Refused("X no longer accepts this attempt to connect. Please start connecting X again.")
            complain(answer, self.accepted)
            access, access_secret, uid, name = _fields(
                answer, "oauth_token", "oauth_token_secret", "user_id", "screen_name"
            )
        return f"{uid}:{access}:{access_secret}", name

    def of(self, token: str) -> OAuth1Session:
        """A session in the name of the member who holds *token*."""
        parts = token.split(":")
        if len(parts) != 3 or not all(parts):
            raise Reconnect("Grapevine cannot read what it kept for X. Please connect X again.")
        return self.session(parts[1], parts[2])

    def session(
        self, token: str = "", secret: str = "", *, callback: str | None = None, verifier: str | None = None
    ) -> OAuth1Session:
        session = OAuth1Session(
            self._key,
            client_secret=self._secret,
            resource_owner_key=token or None,
            resource_owner_secret=secret or None,
            callback_uri=callback,
            verifier=verifier,
        )
        return guarded(session, "X")

    def accepted(self) -> bool:
        """Whether X accepts our own keys and clock; then a 401 without a code is about the member's token."""
        with self.session(callback="oob") as session:
            try:
                return bool(session.post(f"{self.url}/oauth/request_token").status_code in (200, 403))
            except TryLater:
                return False


def _with(address: str, **query: str) -> str:
    parts = urlsplit(address)
    pairs = [*parse_qsl(parts.query, keep_blank_values=True), *query.items()]
    return urlunsplit(parts._replace(query=urlencode(pairs)))


def _fields(answer: requests.Response, *names: str) -> list[str]:
    """Those fields of a form-encoded answer; requests-oauthlib's own reading writes secrets to its log."""
    fields = dict(parse_qsl(answer.text.strip()))
    if any(name not in fields for name in names):
        raise TryLater("X answered with something unreadable.")
    return [fields[name] for name in names]
