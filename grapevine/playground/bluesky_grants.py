"""What the stand-in's authorization server remembers: what apps asked for, what people granted, what was used up.

Names and lifetimes are the reference server's: packages/oauth/oauth-provider/src/oauth-constants.ts.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlencode

from grapevine.playground.bluesky_refusal import BackToClient, invalid_grant, invalid_request

#: seconds: access token, pushed request, code, nonce, and a code challenge until it may come again
TOKEN_LIFE, REQUEST_LIFE, CODE_LIFE, NONCE_LIFE, CHALLENGE_LIFE = 3600, 300, 300, 180, 95040
#: seconds of a session and of a refresh token, of a confidential client and of a public one
SESSION_LIFE = {True: 2 * 365.25 * 86400, False: 14 * 86400.0}
REFRESH_LIFE = {True: 365.25 * 86400 / 4, False: 14 * 86400.0}
_URN = "urn:ietf:params:oauth:request_uri:"


@dataclass(frozen=True, slots=True)
class ClientAuth:
    """How a client proved who it is: "none", or "private_key_jwt" with this key."""

    method: str = "none"
    kid: str = ""
    alg: str = ""
    jkt: str = ""

    @property
    def confidential(self) -> bool:
        return self.method != "none"


@dataclass(slots=True)
class Asked:
    """A pushed request; *did* and *code* once a person said yes."""

    id: str
    client_id: str
    client_name: str
    auth: ClientAuth
    parameters: dict[str, str]
    issuer: str
    ends: float
    did: str = ""
    code: str = field(default="", repr=False)

    def back(self, **said: str) -> str:
        """The address at the client to which the person is sent."""
        same = {"state": self.parameters["state"]} if "state" in self.parameters else {}
        where, answer = self.parameters["redirect_uri"], urlencode({"iss": self.issuer, **same, **said})
        if self.parameters.get("response_mode") == "fragment":
            return f"{where}#{answer}"
        return f"{where}{'&' if '?' in where else '?'}{answer}"


@dataclass(slots=True)
class Grant:
    """A session: *id* is its access token's, *refresh* good once, *used* are those that were."""

    id: str
    did: str
    client_id: str
    client_name: str
    auth: ClientAuth
    parameters: dict[str, str]
    code: str = field(repr=False)
    created: float
    updated: float
    ends: float
    refresh: str = field(default="", repr=False)
    used: list[str] = field(default_factory=list, repr=False)

    @property
    def scopes(self) -> list[str]:
        return self.parameters["scope"].split()


class Grants:
    """*clock* gives epoch seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.asked: dict[str, Asked] = {}
        self.granted: dict[str, Grant] = {}
        self._seen: dict[tuple[str, str], float] = {}
        #: the one nonce that is good while every request gets a new one
        self.only_nonce = ""

    # -- requests

    def ask(self, asked: Asked) -> str:
        """Its request_uri."""
        self.asked[asked.id] = asked
        return _URN + asked.id

    def find(self, request_uri: str, client_id: str | None = None) -> Asked:
        """The request that waits for a person, for five more minutes from now; else `Denied`, and it is gone."""
        asked = self.asked.get(request_uri.removeprefix(_URN))
        if asked is None or not request_uri.startswith(_URN):
            raise invalid_request("Unknown request_uri")
        wrong = ""
        if asked.code:
            wrong = "This request was already authorized"
        elif asked.ends < self._clock():
            wrong = "This request has expired"
        elif client_id is not None and asked.client_id != client_id:
            wrong = "This request was initiated for another client"
        if wrong:
            del self.asked[asked.id]
            raise Denied(wrong, asked)
        asked.ends = self._clock() + REQUEST_LIFE
        return asked

    def authorize(self, request_uri: str, did: str) -> str:
        """The person of *did* says yes: the address, with a code, to which the browser is sent."""
        asked = self.find(request_uri)
        asked.did, asked.code, asked.ends = did, f"cod-{secrets.token_hex(32)}", self._clock() + CODE_LIFE
        return asked.back(code=asked.code)

    def deny(self, request_uri: str, error: str, why: str) -> str:
        """The answer is no: the address to which the browser is sent."""
        asked = self.find(request_uri)
        del self.asked[asked.id]
        return asked.back(error=error, error_description=why)

    def consume(self, code: str) -> Asked:
        """What the code stands for, once; again, and the session that came of it is gone as well."""
        asked = next((one for one in self.asked.values() if one.code and one.code == code), None)
        if asked is None:
            for grant in [one for one in self.granted.values() if one.code == code]:
                del self.granted[grant.id]
            raise invalid_grant("Invalid code")
        del self.asked[asked.id]
        if asked.ends < self._clock():
            raise invalid_grant("This code has expired")
        return asked

    # -- sessions

    def rotate(self, grant: Grant, auth: ClientAuth, *, refreshing: bool = True) -> None:
        """A new access token and, if the client may refresh, a new refresh token; the old ones are dead at once."""
        now = self._clock()
        lifetime = min(TOKEN_LIFE, grant.created + SESSION_LIFE[auth.confidential] - now)
        if lifetime <= 0.25:
            raise invalid_grant("Session expired")
        self.granted.pop(grant.id, None)
        if grant.refresh:
            grant.used.append(grant.refresh)
        grant.auth = auth  # a client that was public may have got a key, which it is to keep
        grant.id, grant.updated, grant.ends = f"tok-{secrets.token_hex(16)}", now, now + lifetime
        grant.refresh = f"ref-{secrets.token_hex(32)}" if refreshing else ""
        self.granted[grant.id] = grant

    def refreshed_by(self, token: str) -> Grant:
        """The session of a refresh token that is new; one that was used ends its session."""
        grant = self.owning(token)
        if grant is None:
            raise invalid_grant("Invalid refresh token")
        if grant.refresh != token:
            del self.granted[grant.id]
            raise invalid_grant("Refresh token replayed")
        return grant

    def owning(self, refresh_token: str) -> Grant | None:
        return next((one for one in self.granted.values() if refresh_token in (one.refresh, *one.used)), None)

    def end(self, grant: Grant) -> None:
        self.granted.pop(grant.id, None)

    def sessions_of(self, did: str) -> list[Grant]:
        return [one for one in self.granted.values() if one.did == did]

    def revoke(self, did: str, client_id: str) -> None:
        """The person ends every session of an app."""
        for grant in [one for one in self.sessions_of(did) if one.client_id == client_id]:
            self.end(grant)

    # -- what comes once

    def unique(self, kind: str, value: str, seconds: float) -> bool:
        """Whether nobody has shown this yet, or the last time is longer ago than it is kept."""
        now = self._clock()
        self._seen = {key: until for key, until in self._seen.items() if until >= now}
        before = self._seen.get((kind, value))
        self._seen[kind, value] = now + seconds
        return before is None

    def nonces(self, key: bytes) -> tuple[str, str, str]:
        """Those before, of now and next: each minute has its own, and the next one is handed out."""
        minute = int(self._clock() / (NONCE_LIFE / 3))
        before, now, after = (_nonce(key, minute + step) for step in (-1, 0, 1))
        return before, now, after

    # -- a restart

    def remember(self) -> dict[str, Any]:
        return {
            "asked": [asdict(one) for one in self.asked.values()],
            "granted": [asdict(one) for one in self.granted.values()],
        }

    def recall(self, remembered: dict[str, Any]) -> None:
        self.asked = {
            one["id"]: Asked(**{**one, "auth": ClientAuth(**one["auth"])}) for one in remembered.get("asked", ())
        }
        self.granted = {
            one["id"]: Grant(**{**one, "auth": ClientAuth(**one["auth"])}) for one in remembered.get("granted", ())
        }


class Denied(BackToClient):
    """access_denied, to be said at *asked*'s client."""

    def __init__(self, description: str, asked: Asked) -> None:
        super().__init__(description, "access_denied")
        self.asked = asked

    @property
    def where(self) -> str:
        return self.asked.back(error=self.error, error_description=self.description)


def _nonce(key: bytes, minute: int) -> str:
    return hmac.digest(key, minute.to_bytes(8), hashlib.sha256).hex()
