"""Calls to a server that gives permissions, by requests_oauth2client within our own bounds: its errors become ours."""

import time
from collections.abc import Sequence
from typing import Any

import requests
from jwskate import Jwk, Jwt
from requests_oauth2client import OAuth2Client, OAuth2Error, PrivateKeyJwt, PublicApp

from grapevine.domain.errors import Reconnect, TryLater
from grapevine.networks.bluesky_issuer import Issuer
from grapevine.networks.bluesky_token import Grant
from grapevine.networks.http import complain, guarded, json_object, json_of
from grapevine.networks.reasons import reason_in

#: seconds; a signature is good for sixty
_EARLIER = 10
_OF_US = ("invalid_client", "invalid_client_metadata", "invalid_client_id", "invalid_redirect_uri")
#: what the library raises for an answer that is no answer
UNREADABLE = (OAuth2Error, ValueError, TypeError, ArithmeticError)


class Denied(Exception):
    """An error of OAuth's own: its name, and the server's reason for people."""

    def __init__(self, error: str, reason: str) -> None:
        super().__init__(error)
        self.error = error
        self.reason = f": {reason}" if reason else ""

    @property
    def of_us(self) -> bool:
        """Whether it is about who Grapevine is, and not about what it asks for."""
        return self.error in _OF_US


class Signature(PrivateKeyJwt):
    """Grapevine's word for who it is: https://www.rfc-editor.org/rfc/rfc7523#section-3

    Said to be some seconds old: the reference server refuses one that is a second ahead of its own clock.
    """

    def client_assertion(self, audience: str) -> str:
        at = int(time.time()) - _EARLIER
        claims = {"iss": self.client_id, "sub": self.client_id, "aud": audience, "jti": str(self.jti_gen())}
        return str(Jwt.sign({**claims, "iat": at, "exp": at + self.lifetime}, key=self.private_jwk, alg=self.alg))


def line_to(title: str, *, public_only: bool) -> requests.Session:
    """A session for calls to the server that sentences call *title*; ``Denied`` for what it denies in OAuth's words."""
    session = guarded(requests.Session(), title, public_only=public_only)

    def judged(answer: requests.Response, **_: Any) -> requests.Response:
        """The library sees what it may take, and the one error that it answers itself; all others are ours."""
        body = json_of(answer)
        error = body.get("error") if isinstance(body, dict) else None
        if answer.status_code in (400, 401, 403) and isinstance(error, str):
            if error == "use_dpop_nonce":
                return answer
            raise Denied(error, reason_in(body.get("error_description")))
        if answer.status_code in (400, 401, 403, 404):  # no such server wrote this
            raise TryLater(f"{title} answered with something unreadable.")
        complain(answer, title)
        json_object(answer, title)
        return answer

    session.hooks["response"].append(judged)
    return session


def client_at(
    session: requests.Session, grant: Grant, keys: Sequence[Jwk], issuer: Issuer | None = None
) -> OAuth2Client:
    """Grapevine before the server of *grant*; *issuer* where a member is to be asked. ``Reconnect`` without its key."""
    key = next((one for one in keys if grant.kid and one.kid == grant.kid), None)
    if grant.kid and key is None:
        raise Reconnect("Grapevine no longer has the key of this connection. Please connect Bluesky again.")
    # The server's name is whom a signature is for, not the address that it is sent to.
    auth = Signature(grant.client, key, aud=grant.issuer) if key else PublicApp(grant.client)
    return OAuth2Client(
        grant.renewing,
        auth,
        revocation_endpoint=grant.ending,
        authorization_endpoint=issuer.authorization if issuer else None,
        pushed_authorization_request_endpoint=issuer.par if issuer else None,
        session=session,
        dpop_bound_access_tokens=True,
        testing=True,  # whether an address may be spoken to is for bluesky_issuer to say
    )
