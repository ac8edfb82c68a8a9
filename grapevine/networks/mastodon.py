"""Mastodon: any server that a member names. Docs: https://docs.joinmastodon.org/ (4.0 to 4.5; forks as far as they go)

Grapevine registers itself at each server, so nobody creates an app. Tokens do not expire; there is no refresh. Counts
are read as anybody may read them, since the permission to read would show Grapevine all that the member sees.
"""

import time
from collections.abc import Mapping, Sequence

from grapevine.domain.accounts import Capabilities, Profile
from grapevine.domain.budgets import Quota
from grapevine.domain.errors import GrapevineError, NotFound, Refused, TryLater, Unavailable
from grapevine.domain.reactions import Counts
from grapevine.networks.base import NO_ANSWERS, Ask, Authorization, Connected, Draft, Published, Question
from grapevine.networks.mastodon_answers import profile_in
from grapevine.networks.mastodon_oauth import OAuth
from grapevine.networks.mastodon_posts import MOST_PICTURES, PICTURES, Line, length
from grapevine.networks.mastodon_server import CAPTION_LIMIT, named
from grapevine.networks.mastodon_token import Token, begun, unpack
from grapevine.settings import NetworkSettings

#: seconds for which a server knows an Idempotency-Key again, less what two clocks may differ by
_KNOWN_AGAIN = 3600.0 - 300.0
_SERVER = "server"


class Mastodon:
    """The ``Network`` protocol for Mastodon.

    *suggested* server stands in the question's field; *patience*: pauses in seconds while a server works on an image.
    """

    name = "mastodon"
    title = "Mastodon"
    caption_limit = CAPTION_LIMIT
    #: DEFAULT_STATUSES_LIMIT of Mastodon: more are refused with 422
    quota: Quota | None = Quota(per_account=300, window=300.0)
    batch_size = 20
    most_pictures = MOST_PICTURES
    pictures = PICTURES
    card_from_link = False  # the server makes the card from the first link in the text
    asks: Sequence[Ask] = (
        Ask(
            "Read your profile (older servers say: see accounts information)",
            "to show your name, picture and number of followers in Grapevine",
        ),
        Ask("Publish posts", "to publish what you choose to share, when you choose to, and nothing else"),
        Ask("Upload media files", "to publish the picture of what you share"),
    )
    revoke_hint = "your server → Preferences → Account → Authorized apps"

    def __init__(
        self,
        suggested: str = "",
        *,
        allow_private: bool = False,
        patience: Sequence[float] = (0.5, 1.0, 2.0, 3.0, 5.0, 5.0, 5.0, 5.0),
    ) -> None:
        self._allow_private = allow_private
        self._oauth = OAuth(allow_private=allow_private)
        self._patience = tuple(patience)
        self.questions: Sequence[Question] = (
            Question(
                _SERVER,
                "Your Mastodon server",
                "The name that stands in your browser when you are there, or your handle.",
                "mastodon.social",
                suggested,
            ),
        )

    def caption_length(self, text: str) -> int:
        return length(text)

    def authorize(self, redirect_uri: str, state: str, answers: Mapping[str, str] = NO_ANSWERS) -> Authorization:
        server = named(answers.get(_SERVER, ""), allow_private=self._allow_private)
        try:
            return self._oauth.prompt(server, redirect_uri, state)
        except TryLater as error:
            if error.after is not None:
                raise
            raise TryLater(
                f"Grapevine cannot reach a Mastodon server at {server.name}. Please look at how it is written, or try "
                "again in a minute."
            ) from None

    def connect(self, redirect_uri: str, query: Mapping[str, str], secret: str) -> Connected:
        token, granted = self._oauth.exchange(begun(secret), redirect_uri, query)
        # Whatever fails now, the token is left alone: a server gives an account one token, which may be in use already.
        capabilities = Capabilities(post=bool({"write", "write:statuses"} & {*granted}))
        return Connected(token.pack(), self._profile(token), capabilities, caption_limit=token.caption_limit)

    def profile(self, token: str) -> Profile:
        with self._line(unpack(token)) as line:
            return profile_in(line.account(), line.server.name)

    def publish(self, token: str, draft: Draft) -> Published:
        with self._line(unpack(token)) as line:
            return line.publish(draft)

    def settle(self, token: str, draft: Draft, since: float) -> Published | None:
        """Within the hour posts again: the server names the post that it made for the same key. Later, None."""
        if time.time() - since >= _KNOWN_AGAIN:
            return None
        try:
            return self.publish(token, draft)
        except Refused:  # of another post now, which says nothing of the first
            return None

    def counts(self, token: str, ids: Sequence[str]) -> dict[str, Counts | Unavailable | NotFound]:
        if len(ids) > self.batch_size:
            raise ValueError(f"at most {self.batch_size} ids")
        if not ids:
            return {}
        with self._line(unpack(token)) as line:
            return line.counts(ids)

    def stale(self, token: str, now: float) -> bool:  # noqa: ARG002  # Mastodon's do not expire
        return False

    def refresh(self, token: str) -> tuple[str, float | None] | None:  # noqa: ARG002  # Mastodon's do not expire
        return None

    def revoke(self, token: str) -> bool:
        """https://docs.joinmastodon.org/methods/oauth/#revoke"""
        try:
            return self._oauth.end(unpack(token))
        except GrapevineError:
            return False

    def _line(self, token: Token) -> Line:
        return Line(token, public_only=not self._allow_private, patience=self._patience)

    def _profile(self, token: Token) -> Profile:
        """The first look at a fresh token's account; the dance cannot be repeated, so it is worth a second try."""
        with self._line(token) as line:
            try:
                return profile_in(line.account(), line.server.name)
            except TryLater:
                time.sleep(min(self._patience, default=0.0))
                return profile_in(line.account(), line.server.name)


def offer(settings: NetworkSettings, *_: object) -> Mastodon | None:
    """Mastodon, which needs no credentials, unless it is switched off."""
    if not settings.mastodon:
        return None
    return Mastodon(settings.mastodon_server, allow_private=settings.allow_private_addresses)
