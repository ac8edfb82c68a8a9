"""Bluesky's OAuth: a member's own server asks them on its own page. https://atproto.com/specs/oauth

The request is handed to the server first (PAR), the answer is bound to a key (DPoP), and Grapevine signs as the client
that ``bluesky_client`` describes. The library is requests_oauth2client; the addresses are checked here, since the
member's identity names them.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from jwskate import Jwk
from requests_oauth2client import AuthorizationRequest, DPoPKey

from grapevine.domain.errors import Refused, TryLater
from grapevine.networks.base import Authorization
from grapevine.networks.bluesky_client import SCOPES, App
from grapevine.networks.bluesky_dpop import key_of
from grapevine.networks.bluesky_identity import Directory, Identity
from grapevine.networks.bluesky_issuer import Issuer, issuer_at, issuer_of
from grapevine.networks.bluesky_line import UNREADABLE, Denied, client_at, line_to
from grapevine.networks.bluesky_questions import INSTEAD, PASSWORD
from grapevine.networks.bluesky_renewal import Renewals, token_in
from grapevine.networks.bluesky_token import Grant, Token, title_of
from grapevine.networks.http import without_effect
from grapevine.networks.reasons import reason_in

#: seconds: https://atproto.com/specs/oauth#tokens-and-session-lifetime
_SESSION_WITHOUT_KEY = 14 * 86400.0


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
        try:
            url, verifier = self._push(issuer, grant, key, title, redirect_uri, state, identity.handle)
        except Denied as denied:
            said = f"{title} does not let Grapevine ask you{denied.reason}."
            if denied.of_us and self.app is not None and not self.app.here:
                what = "could not read who Grapevine is at"
                if denied.error == "invalid_client":
                    what = "does not take the signature of the Grapevine at"
                said = f"{title} {what} {self.app.base_url}, so it does not ask you."
                said += " The person who runs Grapevine can see why with `grapevine doctor`."
            raise Refused(f"{said} {INSTEAD}", PASSWORD) from None
        return Authorization(url, Begun(identity.did, identity.handle, identity.pds, grant, verifier).pack())

    def knock(self, server: str, redirect_uri: str) -> None:
        """Begin a dance that nobody will finish; ``Refused`` tells the admin why *server* would ask nobody."""
        title = title_of(server)
        issuer = issuer_at(server, title, self.directory)
        grant, key = self._asked_for(issuer, redirect_uri)
        try:
            self._push(issuer, grant, key, title, redirect_uri, "doctor")
        except Denied as denied:
            said = f"{title} does not let Grapevine ask members{denied.reason}."
            if denied.error == "invalid_client":
                said += (
                    " Does BASE_URL lead to this Grapevine, and is the clock of this machine right? A key that was put "
                    "first in ENCRYPTION_KEYS is known there after ten minutes."
                )
            elif denied.of_us:
                said += f" It has to reach {grant.client} from the internet."
            raise Refused(said) from None

    @property
    def _public_only(self) -> bool:
        return not self.directory.allow_private

    def _asked_for(self, issuer: Issuer, redirect_uri: str) -> tuple[Grant, DPoPKey]:
        """A permission as it will be, and the fresh key that it will be bound to."""
        if self.app is None:
            raise Refused(f"Grapevine has no address here that a member's server could reach. {INSTEAD}", PASSWORD)
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
            try:
                request: AuthorizationRequest = client.authorization_request(
                    scope=SCOPES, redirect_uri=redirect_uri, state=state, dpop_key=key, **hint
                )
                pushed = client.pushed_authorization_request(request)
                if not isinstance(pushed.request_uri, str) or not pushed.request_uri:
                    raise TypeError
                # By hand: the library would drop a query that the address has, and reads addresses in a way of its own.
                sign = "&" if "?" in issuer.authorization else "?"
                asked = urlencode({"client_id": grant.client, "request_uri": pushed.request_uri})
            except UNREADABLE:
                raise TryLater(f"{title} answered with something unreadable.") from None
        return f"{issuer.authorization}{sign}{asked}", request.code_verifier or ""

    def exchange(self, begun: Begun, redirect_uri: str, query: Mapping[str, str]) -> Token:
        """The token for the callback's code; ``Refused`` when the member or the server said no."""
        title = title_of(begun.pds)
        code = self._code(title, begun, query)
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
                why = "its one-time code was used up or too old" if denied.error == "invalid_grant" else denied.error
                raise Refused(f"{title} gave no permission: {why}. Please connect Bluesky once more.") from None
            except UNREADABLE:
                raise TryLater(f"{title} answered with something unreadable.") from None
        ends = 0.0 if begun.grant.kid else time.time() + _SESSION_WITHOUT_KEY
        grant = replace(begun.grant, ends=ends)
        token = token_in(said, begun.did, begun.pds, grant)
        if said.kwargs.get("sub") != begun.did:
            self.renewals.end(token, grant)
            raise Refused(
                f"You signed in with another account than {begun.handle}. Please connect Bluesky once more: with the "
                "handle of the account that you want, or signed in with this one."
            )
        if not (isinstance(said.scope, str) and set(SCOPES) <= set(said.scope.split())):
            self.renewals.end(token, grant)
            raise Refused(f"{title} did not give the permission to publish posts and pictures. {INSTEAD}")
        return token

    def _code(self, title: str, begun: Begun, query: Mapping[str, str]) -> str:
        """The code that the member brings from the server that was asked."""
        again = "Please connect Bluesky once more."
        if query.get("iss") != begun.grant.issuer:
            raise Refused(f"{title} sent no permission along. {again}")
        if query.get("error") == "access_denied":
            reason = reason_in(query.get("error_description"))
            if reason and "reject" not in reason.lower():  # a request that was too old, an account that is closed
                raise Refused(f"{title} gave no permission: {reason}. {again}")
            place = title.replace("Your", "your")
            raise Refused(f"You said no at {place}, so nothing was connected. You can connect it whenever you like.")
        if "error" in query or not query.get("code"):
            raise Refused(f"{title} sent no permission along. {again}")
        return query["code"]

    @property
    def renewals(self) -> Renewals:
        return Renewals(self.app, self.keys, self._public_only)
