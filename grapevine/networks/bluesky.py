"""Bluesky, and any other server of the AT protocol that keeps a member's account. Docs: https://docs.bsky.app/

Connected by an app password, which opens a session (docs/decisions/0010-bluesky.md). Its access token lives for two
hours: ``stale`` says when it is to be renewed, and what ``refresh`` answers must be kept before it is used, since a
refresh token is good for one renewal. Counts and profile are read where anybody may read them, without a token.
"""

import hmac
import json
import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from grapevine.domain.accounts import Capabilities, Profile
from grapevine.domain.budgets import Quota
from grapevine.domain.errors import (
    GrapevineError,
    NotFound,
    Reconnect,
    Refused,
    Stale,
    Throttled,
    TryLater,
    Unavailable,
)
from grapevine.domain.reactions import Counts
from grapevine.networks import bluesky_session as session
from grapevine.networks.base import NO_ANSWERS, Ask, Authorization, Connected, Draft, Published, Question
from grapevine.networks.bluesky_answers import complain, counts_in, name, profile_in
from grapevine.networks.bluesky_identity import Directory, unreachable
from grapevine.networks.bluesky_posts import LIMIT, MOST_PICTURES, PICTURE_SIZE, POST, key_of, length, record
from grapevine.networks.bluesky_token import Token, unpack
from grapevine.networks.bluesky_xrpc import Server
from grapevine.networks.http import json_object, without_effect

_APPVIEW = "https://public.api.bsky.app"
_PICTURES = ("image/jpeg", "image/png", "image/gif", "image/webp")
_HANDLE, _PASSWORD = "handle", "password"


class Bluesky:
    """The ``Network`` protocol for Bluesky; *server* resolves handles, *appview* tells what anybody may see."""

    name = "bluesky"
    title = "Bluesky"
    quota: Quota | None = Quota(per_app=3000, window=300.0)  # an address of ours, whoever asks
    caption_limit = LIMIT
    #: 26 are refused: https://docs.bsky.app/docs/api/app-bsky-feed-get-posts
    batch_size = 25
    card_from_link = True
    bare_cards = True
    most_pictures = MOST_PICTURES
    asks: Sequence[Ask] = (
        Ask("Publish posts and pictures", "to publish what you choose to share, when you choose to"),
        Ask(
            "All else that apps may do for you on Bluesky",
            "comes along with every app password, since Bluesky has none that allows less. Grapevine uses none of it; "
            "please leave “Allow access to your direct messages” unticked",
        ),
    )
    questions: Sequence[Question] = (
        Question(_HANDLE, "Your Bluesky handle", "As it stands on your profile.", "bea.bsky.social"),
        Question(
            _PASSWORD,
            "An app password for Grapevine",
            "Not your own password: make one at bsky.app/settings/app-passwords and call it Grapevine. It is used "
            "once, to open a connection, and not kept.",
            "abcd-efgh-ijkl-mnop",
            secret=True,
        ),
    )
    revoke_hint = "Bluesky → Settings → Privacy and security → App passwords"

    def __init__(
        self,
        server: str = "https://bsky.social",
        appview: str = _APPVIEW,
        plc: str = "https://plc.directory",
        *,
        allow_private: bool = False,
    ) -> None:
        self._directory = Directory(server, plc, allow_private)
        self._appview = appview
        self._site = "https://bsky.app" if appview == _APPVIEW else appview
        self._public_only = not allow_private

    def caption_length(self, text: str) -> int:
        return length(text)

    def authorize(self, redirect_uri: str, state: str, answers: Mapping[str, str] = NO_ANSWERS) -> Authorization:
        """Opens the session: there is no prompt to send the member to, so the way leads straight back."""
        password = session.app_password_in(answers.get(_PASSWORD, ""))
        try:
            identity = self._directory.find(answers.get(_HANDLE, ""))
            token = session.begin(identity, password, public_only=self._public_only)
        except TryLater as error:
            raise unreachable(error) from None
        code = secrets.token_urlsafe(32)
        begun = json.dumps({"code": code, "token": token.pack(), "handle": identity.handle})
        return Authorization(f"{redirect_uri}?{urlencode({'code': code, 'state': state})}", begun)

    def connect(
        self,
        redirect_uri: str,  # noqa: ARG002  # the contract has it, and nobody is asked where to come back
        query: Mapping[str, str],
        secret: str,
    ) -> Connected:
        begun = json.loads(secret)
        if not hmac.compare_digest(query.get("code", "").encode(), begun["code"].encode()):
            raise Refused("This answer belongs to another attempt. Please connect Bluesky once more.")
        packed, known = begun["token"], Profile(unpack(begun["token"]).did, f"@{begun['handle']}")
        try:
            return Connected(packed, self.profile(packed), Capabilities())
        except TryLater:  # the reach follows with the weekly look
            return Connected(packed, known, Capabilities())
        except Unavailable as error:
            return Connected(packed, known, Capabilities(reach=False, reach_reason=str(error)))

    def profile(self, token: str) -> Profile:
        did = unpack(token).did
        with self._public() as server:
            answer = server.query("app.bsky.actor.getProfile", ("actor", did))
            if answer.status_code in (400, 403, 404):
                raise Unavailable("Bluesky does not show this account, so it tells no number of followers.")
            _complain(answer, server)
            return profile_in(json_object(answer, self.title), did)

    def publish(self, token: str, draft: Draft) -> Published:
        """A record under a key of our own: whatever happens, there is one post for one draft."""
        known = unpack(token)
        if (size := self.caption_length(draft.caption)) > LIMIT:
            raise Refused(f"The caption is too long for Bluesky: {size} of {LIMIT}. Please shorten it.")
        if len(draft.pictures) > MOST_PICTURES:
            raise Refused(f"Bluesky takes {MOST_PICTURES} pictures in one post. Please share fewer.")
        key = key_of(draft)
        with self._own(known, known.access) as server:
            images = [(_upload(server, one.content, one.kind), one.alt_text) for one in draft.pictures]
            thumb = _thumb(server, draft)
            answer = server.procedure(
                "com.atproto.repo.putRecord",
                repo=known.did,
                collection=POST,
                rkey=key,
                record=record(draft, images, time.time(), thumb),
                swapRecord=None,  # only where there is none yet
            )
            if name(answer) == "InvalidSwap":
                return self._published(known, key)
            complain(answer, server.title)
            json_object(answer, server.title, effect=True)
        return self._published(known, key)

    def settle(self, token: str, draft: Draft, since: float) -> Published | None:  # noqa: ARG002  # the key says it all
        """Looks under the draft's key, and posts there where nothing is: exact, however late."""
        known, key = unpack(token), key_of(draft)
        return self._published(known, key) if self._has(known, key) else self.publish(token, draft)

    def counts(self, token: str, ids: Sequence[str]) -> dict[str, Counts | Unavailable | NotFound]:
        if len(ids) > self.batch_size:
            raise ValueError(f"at most {self.batch_size} ids")
        if not ids:
            return {}
        known = unpack(token)
        with self._public() as server:
            asked = [("uris", _uri(known, key)) for key in ids]
            answer = server.query("app.bsky.feed.getPosts", *asked)
            _complain(answer, server)
            posts = json_object(answer, self.title).get("posts")
        if not isinstance(posts, list):
            raise TryLater("Bluesky answered with something unreadable.")
        found = {str(post.get("uri")): post for post in posts if isinstance(post, dict)}
        named = {key: found.get(_uri(known, key)) for key in ids}
        return {key: counts_in(post) if post else self._absent(known, key) for key, post in named.items()}

    def stale(self, token: str, now: float) -> bool:
        try:
            return unpack(token).until <= now
        except Reconnect:  # the call that it is meant for will say so
            return False

    def refresh(self, token: str) -> tuple[str, float | None] | None:
        """The session's next pair of tokens, to be kept before anything else; a session in use does not run out."""
        return session.renew(unpack(token), public_only=self._public_only).pack(), None

    def revoke(self, token: str) -> bool:
        try:
            return session.end(unpack(token), public_only=self._public_only)
        except GrapevineError:
            return False

    def _absent(self, known: Token, key: str) -> Unavailable | NotFound:
        """A post that the numbers leave out may be deleted, hidden or not seen yet: the member's own server knows."""
        try:
            if self._has(known, key):
                return Unavailable("Bluesky does not show this post at the moment, so it tells no numbers.")
        except GrapevineError:
            return Unavailable("Bluesky did not tell the numbers of this post.")
        return NotFound("The post is no longer on Bluesky.")

    def _has(self, known: Token, key: str) -> bool:
        asked = (("repo", known.did), ("collection", POST), ("rkey", key))
        with self._own(known) as server:
            answer = server.query("com.atproto.repo.getRecord", *asked)
            if name(answer) == "RecordNotFound":
                return False
            try:
                complain(answer, server.title)
            except (Refused, NotFound):  # that it does not say does not mean that nothing is there
                raise TryLater(f"{server.title} does not say whether the post is there.") from None
            return json_object(answer, server.title).get("uri") == _uri(known, key)

    def _published(self, known: Token, key: str) -> Published:
        return Published(key, f"{self._site}/profile/{known.did}/post/{key}")

    def _own(self, known: Token, bearer: str = "") -> Server:
        return Server(known.pds, known.title, bearer, public_only=self._public_only)

    def _public(self) -> Server:
        return Server(self._appview, self.title)


def _uri(known: Token, key: str) -> str:
    return f"at://{known.did}/{POST}/{key}"


def _complain(answer: Any, server: Server) -> None:
    """Nobody is connected by what anybody may read: an answer about tokens there ends no connection.

    And its limit is that of our address, whoever asks.
    """
    try:
        complain(answer, server.title)
    except Reconnect:
        raise TryLater("Bluesky shows nobody its public numbers at the moment.") from None
    except Throttled as error:
        raise Throttled(str(error), error.after, whole_app=True) from None


def _thumb(server: Server, draft: Draft) -> dict[str, Any] | None:
    """The picture of the card, if Bluesky takes it: a card without one is better than no post."""
    if draft.thumbnail is None or len(draft.thumbnail[0]) > PICTURE_SIZE:
        return None
    try:
        return _upload(server, *draft.thumbnail)
    except (Reconnect, Stale):
        raise
    except GrapevineError:
        return None


def _upload(server: Server, image: bytes, kind: str) -> dict[str, Any]:
    if kind not in _PICTURES:
        raise Refused("Bluesky takes pictures as JPEG, PNG, GIF or WebP only.")
    if len(image) > PICTURE_SIZE:
        raise Refused("The image is larger than the 1 MB that Bluesky takes. Please share a smaller one.")
    with without_effect():  # a picture that no post shows is seen by nobody, and thrown away
        answer = server.upload(image, kind)
        complain(answer, server.title)
        blob = json_object(answer, server.title).get("blob")
    if not isinstance(blob, dict):
        raise TryLater(f"{server.title} did not say what became of the image.")
    return blob
