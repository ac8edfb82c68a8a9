"""Sessions: an app password opens one, each renewal hands out a new pair of tokens, disconnecting ends it.

https://docs.bsky.app/docs/api/com-atproto-server-create-session and its neighbours. An app password is used once and
forgotten. It is for members whose server has no prompt, and installations that no such server can reach:
docs/decisions/0010-bluesky.md.
"""

import re
import time

from grapevine.domain.errors import GrapevineError, NotFound, Reconnect, Refused, Stale, TryLater
from grapevine.networks.bearer import Bearer
from grapevine.networks.bluesky_answers import complain, name
from grapevine.networks.bluesky_identity import Identity
from grapevine.networks.bluesky_questions import PASSWORD
from grapevine.networks.bluesky_token import Token, claims, good_until, title_of
from grapevine.networks.bluesky_xrpc import Server
from grapevine.networks.http import json_object, json_of, without_effect

#: what the server makes: https://github.com/bluesky-social/atproto/blob/main/packages/pds/src/account-manager
_SHAPE = re.compile(r"[a-z0-9]{4}(?:-[a-z0-9]{4}){3}")
_MAIN = "com.atproto.access"
_WHERE = "Bluesky’s Settings → Privacy and security → App passwords"
NOT_AN_APP_PASSWORD = (
    "This is no app password: those look like abcd-efgh-ijkl-mnop. Grapevine never takes your Bluesky password itself. "
    f"Please make an app password at {_WHERE}."
)


def app_password_in(typed: str) -> str:
    """The app password that was *typed*; ``Refused`` for anything that does not look like one."""
    text = typed.strip().lower()
    if not _SHAPE.fullmatch(text):
        raise Refused(NOT_AN_APP_PASSWORD, PASSWORD)
    return text


def begin(identity: Identity, password: str, *, public_only: bool) -> Token:
    """A session of its own for Grapevine; ``Refused`` when the password is wrong, or is not one of an app."""
    title = title_of(identity.pds)
    with Server(identity.pds, title, public_only=public_only) as server, without_effect():
        answer = server.procedure("com.atproto.server.createSession", identifier=identity.did, password=password)
        error = name(answer)
        if error == "AuthFactorTokenRequired":
            raise Refused(NOT_AN_APP_PASSWORD, PASSWORD)
        if answer.status_code == 401 and error == "AuthenticationRequired":
            raise Refused(
                f"{title} does not know this app password for {identity.handle}. Please look for a typing error, or "
                f"make a new one at {_WHERE}.",
                PASSWORD,
            )
        try:
            complain(answer, title)
        except (Reconnect, Stale, NotFound):
            raise Refused(f"{title} lets nobody in to {identity.handle} at the moment.") from None
        token = _token(json_object(answer, title), identity.did, identity.pds, title)
    if claims(token.access).get("scope") == _MAIN:  # the password of the account itself, which has this shape by chance
        end(token, public_only=public_only)
        raise Refused(NOT_AN_APP_PASSWORD, PASSWORD)
    return token


def renew(token: Token, *, public_only: bool) -> Token:
    """The session's next pair of tokens; ``Reconnect`` when it is over.

    The server answers the same refresh token with the same successor for two hours, so a lost answer loses nothing.
    """
    title = token.title
    with Server(token.pds, title, Bearer(token.refresh), public_only=public_only) as server, without_effect():
        answer = server.procedure("com.atproto.server.refreshSession")
        try:
            complain(answer, title)
        except Stale:
            # "Token has been revoked": its end came before its time, with the app password or by the member.
            ends = claims(token.refresh).get("exp")
            early = isinstance(ends, int) and ends > time.time()
            said = "has ended this connection" if early else "let this connection run out"
            raise Reconnect(f"{title} {said}. Please connect Bluesky again.", revoked=early) from None
        except (NotFound, Refused) as error:
            if name(answer) == "InvalidRequest":  # the server knows no such account (any more)
                raise Reconnect(f"{title} does not know this account any more. Please connect Bluesky again.") from None
            # Something else answers there at the moment; the session may well live.
            raise TryLater(str(error)) from None
        return _token(json_object(answer, title), token.did, token.pds, title)


def end(token: Token, *, public_only: bool) -> bool:
    """Whether the server confirms that the session is over, or was before.

    The access token lives on at the server for what is left of its two hours: there is no call that ends it. Nobody
    has it any more once Grapevine's copy is wiped.
    """
    try:
        with Server(token.pds, token.title, Bearer(token.refresh), public_only=public_only) as server:
            answer = server.procedure("com.atproto.server.deleteSession")
            complain(answer, token.title)
            return answer.status_code == 200 and (not answer.content or json_of(answer) == {})  # else a proxy's page
    except Stale:
        return True
    except GrapevineError:
        return False


def _token(said: dict[str, object], did: str, pds: str, title: str) -> Token:
    access, refresh = said.get("accessJwt"), said.get("refreshJwt")
    if said.get("did") != did or not (isinstance(access, str) and isinstance(refresh, str) and access and refresh):
        raise TryLater(f"{title} answered with something unreadable.")
    return Token(did, pds, access, refresh, good_until(access, time.time()))
