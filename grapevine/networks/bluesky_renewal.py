"""A permission that a member gave by OAuth, afterwards: its renewal, and its end. https://atproto.com/specs/oauth"""

import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import NoReturn

from jwskate import Jwk
from requests_oauth2client import BearerToken, DPoPKey, OAuth2Client

from grapevine.domain.errors import GrapevineError, NotFound, Reconnect, Refused, TryLater
from grapevine.networks.bluesky_client import App
from grapevine.networks.bluesky_dpop import key_of
from grapevine.networks.bluesky_line import UNREADABLE, Denied, client_at, line_to
from grapevine.networks.bluesky_token import EARLY, Grant, Token, title_of
from grapevine.networks.http import without_effect

#: seconds without use: https://atproto.com/specs/oauth#tokens-and-session-lifetime
_UNUSED, _UNUSED_WITHOUT_KEY = 90 * 86400.0, 14 * 86400.0
#: what the reference server says of a permission that merely ran out, or that a lost answer of its own has ended
_RAN_OUT = ("expired", "replayed")


@dataclass(frozen=True, slots=True)
class Renewals:
    """Grapevine as the permissions were given to it. *keys* are all that one may have been given with."""

    app: App | None
    keys: tuple[Jwk, ...] = field(repr=False)
    public_only: bool

    def renew(self, token: Token, grant: Grant) -> Token:
        """The next pair of tokens; ``Reconnect`` when the permission is over.

        A refresh token is good for one use: when the server's answer to it is lost, the member has to connect again.
        """
        try:
            with line_to(token.title, public_only=self.public_only) as session, without_effect():
                said = _renewed(client_at(session, grant, self.keys), token, key_of(grant.proof))
        except Denied as denied:
            self._over(token, grant, denied)
        except (Refused, NotFound) as error:  # something else answers there at the moment
            raise TryLater(str(error)) from None
        except UNREADABLE:
            raise TryLater(f"{token.title} answered with something unreadable.") from None
        if said.kwargs.get("sub") != token.did:
            raise TryLater(f"{token.title} answered with something unreadable.")
        return token_in(said, token.did, token.pds, grant)

    def end(self, token: Token, grant: Grant) -> bool:
        """Whether the permission is surely over, or was before.

        A server says "done" also when it could not read who asks, and did nothing (RFC 7009 leaves no other answer, the
        reference server does so). That the permission is good for no renewal any more is what tells.
        """
        try:
            with line_to(token.title, public_only=self.public_only) as session:
                client, key = client_at(session, grant, self.keys), key_of(grant.proof)
                client.revoke_token(token.refresh, "refresh_token", requests_kwargs={"dpop_key": key})
                _renewed(client, token, key)
        except Denied as denied:
            return denied.error == "invalid_grant"
        except (GrapevineError, *UNREADABLE):
            pass
        return False

    def _over(self, token: Token, grant: Grant, denied: Denied) -> NoReturn:
        title = token.title
        if denied.error == "invalid_grant":
            unused = _UNUSED if grant.kid else _UNUSED_WITHOUT_KEY
            late = time.time() > min(token.until + unused, grant.ends or float("inf"))
            ran_out = late or any(word in denied.reason.lower() for word in _RAN_OUT)
            said = "let this connection run out" if ran_out else "has ended this connection"
            raise Reconnect(f"{title} {said}. Please connect Bluesky again.", revoked=not ran_out) from None
        # A program that was not told BASE_URL knows nothing of addresses, and must end nobody's connection for it.
        elsewhere = self.app is not None and not self.app.here and self.app.id("") != grant.client
        if denied.of_us and grant.kid and elsewhere:
            raise Reconnect(
                f"Grapevine has moved to another address, where {title} does not know it. Please connect Bluesky again."
            ) from None
        # Our own address may be down, or theirs may be: the permission may well live.
        raise TryLater(f"{title} does not renew this connection at the moment{denied.reason}.") from None


def _renewed(client: OAuth2Client, token: Token, key: DPoPKey) -> BearerToken:
    return client.token_request({"grant_type": "refresh_token", "refresh_token": token.refresh}, dpop_key=key)


def token_in(said: BearerToken, did: str, pds: str, grant: Grant) -> Token:
    """The token in a server's answer; ``TryLater`` when there is none that is bound to Grapevine's key."""
    now, access, refresh, kind = time.time(), said.access_token, said.refresh_token, said.token_type
    whole = all(isinstance(one, str) and one for one in (access, refresh, kind))
    if not whole or refresh is None or kind.lower() != "dpop":
        raise TryLater(f"{title_of(pds)} answered with something unreadable.")
    left = (said.expires_at.timestamp() - now) if isinstance(said.expires_at, datetime) else 2 * EARLY
    return Token(did, pds, access, refresh, now + max(left - EARLY, 0.0), grant)
