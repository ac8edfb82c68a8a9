"""Bluesky, and any other server of the AT protocol that keeps a member's account. Docs: https://docs.bsky.app/

Connected by OAuth where the member's server can read who Grapevine is (``bluesky_oauth``), else by an app password,
which opens a session (``bluesky_session``); docs/decisions/0010-bluesky.md. Either's access token lives for an hour or
two: ``stale`` says when it is to be renewed, and what ``refresh`` answers must be kept before it is used, since a
refresh token is good for one renewal. Counts and profile are read where anybody may read them, without a token.
"""

import hmac
import json
import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from requests.auth import AuthBase

from grapevine.domain.accounts import Capabilities, Profile
from grapevine.domain.budgets import Quota, Use
from grapevine.domain.errors import (
    GrapevineError,
    NotFound,
    Reconnect,
    Refused,
    Throttled,
    TryLater,
    Unavailable,
)
from grapevine.domain.reactions import Counts
from grapevine.networks import bluesky_questions as questions
from grapevine.networks import bluesky_session as session
from grapevine.networks.base import NO_ANSWERS, Ask, Authorization, Connected, Draft, Published, Question
from grapevine.networks.bearer import Bearer
from grapevine.networks.bluesky_answers import complain, counts_in, name, profile_in
from grapevine.networks.bluesky_blobs import thumb_of, upload
from grapevine.networks.bluesky_client import app_at, keys_of
from grapevine.networks.bluesky_dpop import proving
from grapevine.networks.bluesky_identity import Directory, unreachable
from grapevine.networks.bluesky_oauth import Begun, OAuth
from grapevine.networks.bluesky_posts import LIMIT, MOST_PICTURES, PICTURES, POST, key_of, length, record
from grapevine.networks.bluesky_token import Token, unpack
from grapevine.networks.bluesky_xrpc import Server
from grapevine.networks.http import json_object
from grapevine.settings import NetworkSettings

_APPVIEW = "https://public.api.bsky.app"


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
    pictures = PICTURES
    apart = True

    def __init__(
        self,
        server: str = "https://bsky.social",
        appview: str = _APPVIEW,
        plc: str = "https://plc.directory",
        *,
        allow_private: bool = False,
        base_url: str = "",
        secrets: Sequence[str] = (),
    ) -> None:
        self._directory = Directory(server, plc, allow_private)
        keys = keys_of(secrets)
        self._oauth = OAuth(app_at(base_url, keys), keys, self._directory)
        self._appview = appview
        self._site = "https://bsky.app" if appview == _APPVIEW else appview
        self._public_only = not allow_private

    def caption_length(self, text: str) -> int:
        return length(text)

    @property
    def asks(self) -> Sequence[Ask]:
        return questions.BY_PROMPT if self._oauth.app else questions.BY_PASSWORD

    @property
    def questions(self) -> Sequence[Question]:
        return questions.asked(prompt=self._oauth.app is not None)

    @property
    def revoke_hint(self) -> str:
        return questions.AT_SERVER if self._oauth.app else questions.AT_PASSWORDS

    @property
    def client_document(self) -> Mapping[str, Any] | None:
        """Who Grapevine is to the members' servers, for the address that is its name there."""
        return self._oauth.app.document if self._oauth.app else None

    def knock(self) -> bool:
        """Whether members are asked by their own servers here; ``Refused`` when *server* cannot read who we are."""
        app = self._oauth.app
        if app is not None:
            self._oauth.knock(self._directory.server, app.callback)
        return app is not None

    def authorize(self, redirect_uri: str, state: str, answers: Mapping[str, str] = NO_ANSWERS) -> Authorization:
        """To the prompt of the member's own server; with an app password there is none, and the way leads back."""
        typed = answers.get(questions.PASSWORD, "")
        prompted = self._oauth.app is not None and not typed.strip()
        password = "" if prompted else session.app_password_in(typed)
        try:
            identity = self._directory.find(answers.get(questions.HANDLE, ""))
            if prompted:
                return self._oauth.prompt(identity, redirect_uri, state)
            token = session.begin(identity, password, public_only=self._public_only)
        except TryLater as error:
            raise unreachable(error) from None
        code = secrets.token_urlsafe(32)
        begun = json.dumps({"code": code, "token": token.pack(), "handle": identity.handle})
        return Authorization(f"{redirect_uri}?{urlencode({'code': code, 'state': state})}", begun)

    def connect(
        self,
        redirect_uri: str,
        query: Mapping[str, str],
        secret: str,
    ) -> Connected:
        begun = json.loads(secret)
        if "grant" in begun:
            allowed = Begun.unpack(begun)
            token = self._oauth.exchange(allowed, redirect_uri, query)
            return self._connected(
                token.pack(), Profile(token.did, f"@{allowed.handle}"), (token.grant or allowed.grant).ends
            )
        if not hmac.compare_digest(query.get("code", "").encode(), begun["code"].encode()):
            raise Refused("This answer belongs to another attempt. Please connect Bluesky once more.")
        return self._connected(begun["token"], Profile(unpack(begun["token"]).did, f"@{begun['handle']}"))

    def _connected(self, packed: str, known: Profile, ends: float = 0.0) -> Connected:
        try:
            return Connected(packed, self.profile(packed), Capabilities(), ends or None)
        except TryLater:  # the reach follows with the weekly look
            return Connected(packed, known, Capabilities(), ends or None)
        except Unavailable as error:
            return Connected(packed, known, Capabilities(reach=False, reach_reason=str(error)), ends or None)

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
        with self._own(known, known) as server:
            images = [(upload(server, one.content, one.kind), one.alt_text) for one in draft.pictures]
            thumb = thumb_of(server, draft)
            answer = server.procedure(
                "com.atproto.repo.createRecord",
                repo=known.did,
                collection=POST,
                rkey=key,
                record=record(draft, images, time.time(), thumb),
            )
            if answer.status_code == 500 and self._is_out(known, key):  # so it says that the key is taken
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
        known = unpack(token)
        if known.grant:
            return self._oauth.renewals.renew(known, known.grant).pack(), known.grant.ends or None
        return session.renew(known, public_only=self._public_only).pack(), None

    def revoke(self, token: str) -> bool:
        try:
            known = unpack(token)
            if known.grant:
                return self._oauth.renewals.end(known, known.grant)
            return session.end(known, public_only=self._public_only)
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

    def _is_out(self, known: Token, key: str) -> bool:
        """Whether the post is surely there."""
        try:
            return self._has(known, key)
        except GrapevineError:
            return False

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

    def _own(self, known: Token, caller: Token | None = None) -> Server:
        """The member's server; called by nobody in particular, unless *caller* holds the token."""
        return Server(known.pds, known.title, _auth(caller) if caller else None, public_only=self._public_only)

    def _public(self) -> Server:
        return Server(self._appview, self.title)


def _auth(token: Token) -> AuthBase:
    return proving(token.access, token.grant.proof) if token.grant else Bearer(token.access)


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
        raise Throttled(str(error), error.after, whole_app=True, uses=(Use.READING,)) from None


def offer(settings: NetworkSettings, base_url: str, secrets: Sequence[str]) -> Bluesky | None:
    """Bluesky, which needs no credentials, unless it is switched off."""
    if not settings.bluesky:
        return None
    return Bluesky(
        settings.bluesky_url,
        settings.bluesky_appview_url,
        settings.bluesky_plc_url,
        allow_private=settings.allow_private_addresses,
        base_url=base_url if settings.bluesky_oauth else "",
        secrets=secrets,
    )
