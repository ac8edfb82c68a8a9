"""LinkedIn's OAuth 2: the dance, the refresh, the end.

Facts: the client's credentials travel in the body (HTTP Basic is not accepted), there is no PKCE on the web flow, and
the token answer has no token_type and a comma-separated scope.
https://learn.microsoft.com/en-us/linkedin/shared/authentication/authorization-code-flow
"""

import io
import json
import logging
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import requests
from oauthlib.oauth2 import OAuth2Error
from requests_oauthlib import OAuth2Session

from grapevine.domain.errors import GrapevineError, Reconnect, Refused, TryLater
from grapevine.networks.http import claim_https, complain, guarded, json_object, speak_plainly
from grapevine.networks.linkedin_token import Token

log = logging.getLogger("grapevine.networks.linkedin")

_CANCELLED = {"user_cancelled_login", "user_cancelled_authorize", "access_denied"}
_SPENT = "LinkedIn's one-time code was used up or too old. Please connect LinkedIn once more."
_WRONG_APP = (
    "LinkedIn does not accept this Grapevine's app. The person who runs Grapevine should check LINKEDIN_CLIENT_ID, "
    "LINKEDIN_CLIENT_SECRET and the redirect address in LinkedIn's developer portal."
)


class OAuth:
    """The app at LinkedIn's authorization server."""

    def __init__(self, client_id: str, client_secret: str, scopes: tuple[str, ...], url: str) -> None:
        self._client_id = client_id
        self._client_secret = client_secret
        self._scopes = scopes
        self._url = url.rstrip("/")

    def prompt(self, redirect_uri: str, state: str) -> str:
        """The address of LinkedIn's prompt. Without ``prompt=none``, which breaks every first connection."""
        with self._session(redirect_uri=redirect_uri, scope=list(self._scopes)) as session:
            url, _ = session.authorization_url(claim_https(self._at("authorization")), state=state)
        return self._at("authorization") + str(url).removeprefix(claim_https(self._at("authorization")))

    def exchange(self, redirect_uri: str, query: Mapping[str, str]) -> Token:
        """The token for the callback's code."""
        if error := query.get("error"):
            raise Refused(_declined(error))
        if not (code := query.get("code")):
            raise Refused("LinkedIn sent no permission along. Please connect LinkedIn once more.")
        with self._session(redirect_uri=redirect_uri) as session:
            session.register_compliance_hook("access_token_response", _understood)
            answer = _said(
                lambda: session.fetch_token(
                    claim_https(self._at("accessToken")),
                    code=code,
                    include_client_id=True,
                    client_secret=self._client_secret,
                ),
                Refused(_SPENT),
            )
        return self._token(answer)

    def renew(self, token: Token) -> Token | None:
        """A new access token, or None where LinkedIn gave no refresh token (most apps)."""
        if not token.refresh:
            return None
        with self._session() as session:
            session.register_compliance_hook("refresh_token_response", _renewed)
            try:
                answer = _said(
                    lambda: session.refresh_token(
                        claim_https(self._at("accessToken")),
                        refresh_token=token.refresh,
                        client_id=self._client_id,
                        client_secret=self._client_secret,
                    ),
                    TryLater("LinkedIn answered with something unreadable."),
                )
            except Refused:
                answer = None
        if answer is None:
            raise Reconnect("LinkedIn no longer renews this connection. Please connect LinkedIn again.")
        return self._token(answer, token)

    def end(self, token: Token) -> bool:
        """Whether LinkedIn confirms that the token is dead.

        LinkedIn documents no way to revoke; many projects use this one. So its answer proves nothing: only what the
        documented introspection says afterwards counts.
        """
        fields = {"token": token.access, "client_id": self._client_id, "client_secret": self._client_secret}
        with self._session() as session:
            with suppress(TryLater):  # it may have arrived: what follows tells
                session.post(claim_https(self._at("revoke")), data=fields)
            try:
                answer = session.post(claim_https(self._at("introspectToken")), data=fields)
                complain(answer, "LinkedIn")
                said = json_object(answer, "LinkedIn")
            except GrapevineError:
                return False
        return said.get("active") is False or said.get("status") in ("revoked", "expired")

    def _at(self, name: str) -> str:
        return f"{self._url}/oauth/v2/{name}"

    def _session(self, **options: Any) -> OAuth2Session:
        session = guarded(OAuth2Session(self._client_id, **options), "LinkedIn")
        speak_plainly(session, "LinkedIn", self._url)
        return session

    def _token(self, answer: Mapping[str, Any], before: Token | None = None) -> Token:
        scope = answer.get("scope") or (before.scope if before else self._scopes)
        lifetime, now = answer.get("expires_in"), time.time()
        return Token(
            str(answer["access_token"]),
            tuple(scope.split() if isinstance(scope, str) else map(str, scope)),
            now + float(lifetime) if lifetime else None,
            str(answer.get("refresh_token") or (before.refresh if before else "")),
            before.person if before else "",
            now,
        )


def _said(ask: Any, unreadable: GrapevineError) -> Mapping[str, Any]:
    """The token answer; oauthlib's complaints, which quote the server, are turned into ours.

    *unreadable* is raised for an answer without a token, or with anything of a wrong type.
    """
    try:
        answer: Mapping[str, Any] = ask()
    except (OAuth2Error, ValueError, TypeError, AttributeError, OverflowError):
        answer = {}
    if not answer.get("access_token"):
        raise unreadable
    return answer


def _renewed(answer: requests.Response) -> requests.Response:
    """Compliance hook: only a refusal of the refresh token itself ends a connection, in LinkedIn's own words for it.

    A wrong client secret, a page of a proxy and anything new are somebody else's to mend: that is waited for.
    """
    if answer.status_code in (400, 401, 403):
        refused = json_object(answer, "LinkedIn")
        error, about = str(refused.get("error", "")), str(refused.get("error_description", ""))
        if "client" in f"{error} {about}":
            log.warning("LinkedIn does not accept LINKEDIN_CLIENT_ID and LINKEDIN_CLIENT_SECRET.")
        if error != "invalid_grant" and not (error == "invalid_request" and "grant" in about):
            raise TryLater("LinkedIn does not renew connections at the moment.")
    return _understood(answer)


def _understood(answer: requests.Response) -> requests.Response:
    """Compliance hook: errors are ours, the scope is separated by blanks, the token has a type."""
    if answer.status_code in (400, 401, 403):
        said = json_object(answer, "LinkedIn")
        about = f"{said.get('error', '')} {said.get('error_description', '')}"
        wrong = "client" in about or ("redirect_uri" in about and "expired" not in about)
        raise Refused(_WRONG_APP if wrong else _SPENT)
    complain(answer, "LinkedIn")
    token = json_object(answer, "LinkedIn")
    token.setdefault("token_type", "Bearer")
    if scope := str(token.pop("scope", None) or ""):  # left out, what was asked for is what was granted
        token["scope"] = scope.replace(",", " ")
    understood = requests.Response()
    understood.status_code, understood.encoding = answer.status_code, "utf-8"
    understood.raw = io.BytesIO(json.dumps(token).encode())
    return understood


def _declined(error: str) -> str:
    if error in _CANCELLED:
        return "You cancelled at LinkedIn, so nothing was connected."
    if error == "unauthorized_scope_error":
        return (
            "LinkedIn does not grant this Grapevine's app what it asks for. The person who runs Grapevine should "
            "compare LINKEDIN_SCOPES with the app's products in LinkedIn's developer portal."
        )
    return "LinkedIn did not finish the connection. Please connect LinkedIn once more."
