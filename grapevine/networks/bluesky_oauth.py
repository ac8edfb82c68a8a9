"""Bluesky's OAuth: a member's own server asks them on its own page. https://atproto.com/specs/oauth

The request is handed to the server first (PAR), the answer is bound to a key (DPoP), and Grapevine signs as the client
that ``bluesky_client`` describes. The library is requests_oauth2client; the addresses are checked here, since the
member's identity names them.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, NoReturn

from jwskate import Jwk
from requests_oauth2client import AuthorizationRequest, BearerToken, DPoPKey, OAuth2Client

from grapevine.domain.errors import GrapevineError, Reconnect, Refused, TryLater
from grapevine.networks.base import Authorization
from grapevine.networks.bluesky_client import SCOPES, App
from grapevine.networks.bluesky_dpop import key_of
from grapevine.networks.bluesky_identity import Directory, Identity
from grapevine.networks.bluesky_issuer import Issuer, issuer_at, issuer_of
from grapevine.networks.bluesky_line import UNREADABLE, Denied, client_at, line_to
from grapevine.networks.bluesky_token import EARLY, Grant, Token, title_of
from grapevine.networks.http import without_effect

#: seconds: https://atproto.com/specs/oauth#tokens-and-session-lifetime
_SESSION_WITHOUT_KEY = 14 * 86400.0
_UNUSED, _UNUSED_WITHOUT_KEY = 90 * 86400.0, 14 * 86400.0
#: what the reference server says of a permission that merely ran out, or that a lost answer of its own has ended
_RAN_OUT = ("expired", "replayed")
_INSTEAD = "You can use an app password instead, below."


@dataclass(frozen=True, slots=True)
class Begun:
    """A dance that has begun, for the time until the member comes back."""

    did: str
    handle: str
    pds: str
    grant: Grant
    verifier: str = field(repr=False)

    def pack(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def unpack(cls, packed: Mapping[str, Any]) -> "Begun":
        return cls(**{**packed, "grant": Grant(**packed["grant"])})


@dataclass(frozen=True, slots=True)
class OAuth:
    """The dance with any member's server. *keys* are all that a connection may have been made with."""

    app: App | None
    keys: tuple[Jwk, ...] = field(repr=False)
    directory: Directory

    def prompt(self, identity: Identity, redirect_uri: str, state: str) -> Authorization:
        """The address of the prompt at the member's own server; ``Refused`` where it has none, or cannot read us."""
        title = title_of(identity.pds)
        issuer = issuer_of(identity.pds, self.directory)
        grant, key = self._asked_for(issuer, redirect_uri)
        url, verifier = self._push(issuer, grant, key, title, redirect_uri, state, identity.handle)
        return Authorization(url, Begun(identity.did, identity.handle, identity.pds, grant, verifier).pack())

    def knock(self, server: str, redirect_uri: str) -> None:
        """Begin a dance that nobody will finish, to hear whether *server* knows Grapevine; ``Refused`` where not."""
        title = title_of(server)
        issuer = issuer_at(server, title, self.directory)
        self._push(issuer, *self._asked_for(issuer, redirect_uri), title, redirect_uri, "doctor")

    @property
    def _public_only(self) -> bool:
        return not self.directory.allow_private

    def _asked_for(self, issuer: Issuer, redirect_uri: str) -> tuple[Grant, DPoPKey]:
        """A permission as it will be, and the fresh key that it will be bound to."""
        if self.app is None:
            raise Refused("Grapevine has no address that a member's server could reach. Please use an app password.")
        key = DPoPKey.generate()
        proof = {name: str(value) for name, value in key.private_key.items()}
        kid = "" if self.app.here else str(self.app.keys[0].kid)
        return Grant(issuer.url, issuer.token, issuer.revocation, self.app.id(redirect_uri), kid, proof), key

    def _push(
        self,
        issuer: Issuer,
        grant: Grant,
        key: DPoPKey,
        title: str,
        redirect_uri: str,
        state: str,
        handle: str = "",
    ) -> tuple[str, str]:
        """The prompt's address, and the verifier that the code will be good with."""
        with line_to(title, public_only=self._public_only) as session, without_effect():
            client = client_at(session, grant, self.keys, issuer)
            hint: dict[str, Any] = {"login_hint": handle} if handle else {}
            request: AuthorizationRequest = client.authorization_request(
                scope=SCOPES, redirect_uri=redirect_uri, state=state, dpop_key=key, **hint
            )
            try:
                pushed = client.pushed_authorization_request(request)
            except Denied as denied:
                self._unwelcome(title, denied)
            except UNREADABLE:
                raise TryLater(f"{title} answered with something unreadable.") from None
        if not isinstance(pushed.request_uri, str):
            raise TryLater(f"{title} answered with something unreadable.")
        return pushed.uri, request.code_verifier or ""

    def exchange(self, begun: Begun, redirect_uri: str, query: Mapping[str, str]) -> Token:
        """The token for the callback's code; ``Refused`` when the member or the server said no."""
        title = title_of(begun.pds)
        if query.get("error") == "access_denied":
            place = title.replace("Your", "your")
            raise Refused(f"You said no at {place}, so nothing was connected. You can connect it whenever you like.")
        if "error" in query or not (code := query.get("code")) or query.get("iss") != begun.grant.issuer:
            raise Refused(f"{title} sent no permission along. Please connect Bluesky once more.")
        with line_to(title, public_only=self._public_only) as session, without_effect():
            client = client_at(session, begun.grant, self.keys)
            try:
                said = client.authorization_code(
                    code,
                    validate=False,
                    dpop_key=key_of(begun.grant.proof),
                    redirect_uri=redirect_uri,
                    code_verifier=begun.verifier,
                )
            except Denied as denied:
                if denied.error in _OURS:
                    self._unwelcome(title, denied)
                raise Refused(
                    f"{title} says that its one-time code was used up or too old. Please connect Bluesky once more."
                ) from None
            except UNREADABLE:
                raise TryLater(f"{title} answered with something unreadable.") from None
        ends = 0.0 if begun.grant.kid else time.time() + _SESSION_WITHOUT_KEY
        token = _token(said, begun.did, begun.pds, replace(begun.grant, ends=ends))
        if _sub(said) != begun.did:
            self.end(token)
            raise Refused(
                f"You signed in with another account than {begun.handle}. Please connect Bluesky once more: with the "
                "handle of the account that you want, or signed in with this one."
            )
        if not (isinstance(said.scope, str) and set(SCOPES) <= set(said.scope.split())):
            self.end(token)
            raise Refused(
                f"{title} did not give the permission to publish posts and pictures. You can use an app password "
                "instead."
            )
        return token

    def renew(self, token: Token, grant: Grant) -> Token:
        """The next pair of tokens; ``Reconnect`` when the permission is over.

        A refresh token is good for one use: when the server's answer to it is lost, the member has to connect again.
        """
        with line_to(token.title, public_only=self._public_only) as session, without_effect():
            client = client_at(session, grant, self.keys)
            try:
                said = _renewed(client, token, grant)
            except Denied as denied:
                self._over(token, grant, denied)
            except UNREADABLE:
                raise TryLater(f"{token.title} answered with something unreadable.") from None
        if _sub(said) != token.did:
            raise TryLater(f"{token.title} answered with something unreadable.")
        return _token(said, token.did, token.pds, grant)

    def end(self, token: Token) -> bool:
        """Whether the permission is surely over, or was before.

        A server says "done" also when it could not read who asks, and did nothing (RFC 7009 leaves no other answer, the
        reference server does so). That the permission is good for no renewal any more is what tells.
        """
        grant = token.grant
        if grant is None:
            return False
        try:
            with line_to(token.title, public_only=self._public_only) as session:
                client = client_at(session, grant, self.keys)
                client.revoke_token(token.refresh, "refresh_token", requests_kwargs={"dpop_key": key_of(grant.proof)})
                _renewed(client, token, grant)
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
        known = self.app is not None and self.app.id("") == grant.client
        if denied.error in _OURS and grant.kid and self.app is not None and not known:
            raise Reconnect(
                f"Grapevine has moved to another address, where {title} does not know it. Please connect Bluesky again."
            ) from None
        # Our own address may be down, or theirs may be: the permission may well live.
        raise TryLater(f"{title} does not renew this connection at the moment{denied.reason}.") from None

    def _unwelcome(self, title: str, denied: Denied) -> NoReturn:
        if denied.error in _OURS and self.app is not None and not self.app.here:
            said = f"could not read who Grapevine is at {self.app.base_url}"
            if denied.error == "invalid_client":
                said = f"does not take the signature of the Grapevine at {self.app.base_url}{denied.reason}"
            raise Refused(
                f"{title} {said}, so it does not ask you. The person who runs Grapevine can look into that with "
                f"`grapevine doctor`. {_INSTEAD}"
            ) from None
        raise Refused(f"{title} does not let Grapevine ask you{denied.reason}. {_INSTEAD}") from None


def _renewed(client: OAuth2Client, token: Token, grant: Grant) -> BearerToken:
    asked = {"grant_type": "refresh_token", "refresh_token": token.refresh}
    return client.token_request(asked, dpop_key=key_of(grant.proof))


def _token(said: BearerToken, did: str, pds: str, grant: Grant) -> Token:
    now, access, refresh = time.time(), said.access_token, said.refresh_token
    if not (isinstance(access, str) and access and isinstance(refresh, str) and refresh):
        raise TryLater(f"{title_of(pds)} answered with something unreadable.")
    left = (said.expires_at.timestamp() - now) if isinstance(said.expires_at, datetime) else 2 * EARLY
    return Token(did, pds, access, refresh, now + max(left - EARLY, 0.0), grant)


def _sub(said: BearerToken) -> object:
    """Whose permission it is."""
    return said.kwargs.get("sub")


#: errors about who Grapevine is
_OURS = (
    "invalid_client",
    "invalid_client_metadata",
    "invalid_client_id",
    "unauthorized_client",
    "invalid_redirect_uri",
)
