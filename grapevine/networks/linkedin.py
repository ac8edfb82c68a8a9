"""LinkedIn: members' own posts. Docs: https://learn.microsoft.com/en-us/linkedin/

Two kinds of app, told apart by the scopes: "Sign In with LinkedIn" + "Share on LinkedIn" (self-serve) may post;
"Community Management API" (vetted, never together with the former) may also read the counts and the reach.
"""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from grapevine.domain.accounts import Capabilities, Profile
from grapevine.domain.budgets import Quota
from grapevine.domain.errors import GrapevineError, NotFound, Reconnect, Refused, TryLater, Unavailable
from grapevine.domain.reactions import Counts
from grapevine.networks import (
    linkedin_counts,
    linkedin_media,
    linkedin_posts,
    linkedin_profile,
    linkedin_scopes,
    linkedin_text,
)
from grapevine.networks.base import NO_ANSWERS, Ask, Authorization, Connected, Draft, Published, Question
from grapevine.networks.linkedin_oauth import OAuth
from grapevine.networks.linkedin_rest import SETTLES, Conversation, UnsettledError
from grapevine.networks.linkedin_token import Token, unpack
from grapevine.networks.linkedin_versions import Versions
from grapevine.settings import NetworkSettings

log = logging.getLogger("grapevine.networks.linkedin")

SHARE_SCOPES = "openid profile w_member_social"
T = TypeVar("T")


class LinkedIn:
    """The ``Network`` protocol for LinkedIn; *patience*: pauses in seconds while a fresh token is not yet honoured.

    *grace*: seconds between the upload of a picture and the post that shows it. *settles*: seconds for which a token
    that LinkedIn calls revoked may be one that it does not honour yet.
    """

    name = "linkedin"
    title = "LinkedIn"
    caption_limit = 3000
    #: LinkedIn's analytics know one post a call, and its development tier forbids batches.
    batch_size = 1
    card_from_link = True
    bare_cards = True
    most_pictures = linkedin_media.MOST_PICTURES
    pictures = linkedin_media.PICTURES
    largest_video = linkedin_media.LARGEST_VIDEO
    questions: Sequence[Question] = ()
    revoke_hint = "LinkedIn → Settings & Privacy → Data privacy → Permitted services"

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        version: str,
        scopes: str,
        auth_url: str,
        api_url: str,
        calls_per_member: int = 100,
        calls_per_app: int = 500,
        *,
        patience: Sequence[float] = (0.5, 1.0, 2.0, 3.0, 4.0),
        grace: float = 1.0,
        settles: float = SETTLES,
    ) -> None:
        self._scopes = tuple((scopes or SHARE_SCOPES).replace(",", " ").split())
        self._oauth = OAuth(client_id, client_secret, self._scopes, auth_url)
        self._versions = Versions(version)
        self._api_url = api_url
        self._site = auth_url
        self._patience = tuple(patience)
        self._grace = grace
        self._settles = settles
        # a day; those of the development tier unless set otherwise, 0: no bound, as the standard tier has none
        # https://learn.microsoft.com/en-us/linkedin/marketing/increasing-access
        self.quota: Quota | None = Quota(
            calls_per_member or None,
            calls_per_app or None,
            calls=linkedin_counts.CALLS,
            extra=linkedin_counts.EXTRA,
        )

    @property
    def configured_version(self) -> str:
        return self._versions.configured

    @property
    def version(self) -> str:
        return self._versions.current

    def take_up(self, version: str) -> None:
        self._versions.take_up(version)

    @property
    def asks(self) -> Sequence[Ask]:
        return linkedin_scopes.asks(self._scopes)

    def caption_length(self, text: str) -> int:
        return linkedin_text.length(text)

    def authorize(
        self,
        redirect_uri: str,
        state: str,
        answers: Mapping[str, str] = NO_ANSWERS,  # noqa: ARG002 – nothing was asked
    ) -> Authorization:
        return Authorization(self._oauth.prompt(redirect_uri, state))

    def connect(self, redirect_uri: str, query: Mapping[str, str], secret: str) -> Connected:  # noqa: ARG002 – no PKCE
        token = self._oauth.exchange(redirect_uri, query)
        profile = self._first_profile(token)
        token = replace(token, person=profile.uid)
        try:
            with self._conversation(token) as line:
                profile = linkedin_profile.with_reach(line, profile)
        except GrapevineError:  # the number is no reason to lose the connection; it is asked for again soon
            log.info("LinkedIn does not tell the reach of a new connection yet")
        can_count = linkedin_counts.SCOPE in token.scope
        capabilities = Capabilities(
            post="w_member_social" in token.scope,
            count=can_count,
            reach=not profile.reach_reason,
            count_reason="" if can_count else linkedin_counts.NOT_GRANTED,
            reach_reason=profile.reach_reason,
        )
        return Connected(token.pack(), profile, capabilities, token.expires_at)

    def profile(self, token: str) -> Profile:
        with self._conversation(unpack(token)) as line:
            return linkedin_profile.with_reach(line, linkedin_profile.read(line))

    def prepare(self, token: str, draft: Draft) -> str:
        with self._conversation(unpack(token)) as line:
            return linkedin_posts.prepare(line, draft, self._grace)

    def publish(self, token: str, draft: Draft) -> Published:
        with self._conversation(unpack(token)) as line:
            return linkedin_posts.publish(line, draft)

    def settle(self, token: str, draft: Draft, since: float) -> Published | None:
        with self._conversation(unpack(token)) as line:
            return linkedin_posts.settle(line, draft, since)

    def counts(self, token: str, ids: Sequence[str]) -> dict[str, Counts | Unavailable | NotFound]:
        with self._conversation(unpack(token)) as line:
            return {**linkedin_counts.read(line, ids)}

    def counts_from(self, token: str, ids: Sequence[str], source: str) -> dict[str, Counts | Unavailable | NotFound]:
        with self._conversation(unpack(token)) as line:
            return {**linkedin_counts.read(line, ids, source)}

    def stale(self, token: str, now: float) -> bool:
        """One that has run out, and can be renewed: an outage at its end is waited for, and no reason to reconnect."""
        known = unpack(token)
        return bool(known.refresh) and known.expires_at is not None and now >= known.expires_at

    def refresh(self, token: str) -> tuple[str, float | None] | None:
        renewed = self._oauth.renew(unpack(token))
        return None if renewed is None else (renewed.pack(), renewed.expires_at)

    def revoke(self, token: str) -> bool:
        try:
            return self._oauth.end(unpack(token))
        except GrapevineError:
            return False

    def _conversation(self, token: Token) -> Conversation:
        return Conversation(token, self._api_url, self._site, self._versions, self._settles)

    def _first_profile(self, token: Token) -> Profile:
        """The profile, patiently: for some seconds LinkedIn may answer a fresh token with 401.

        https://github.com/decioferreira/omniauth-linkedin-oauth2/issues/81
        """
        for pause in self._patience:
            try:
                with self._conversation(token) as line:
                    return linkedin_profile.read(line)
            except (Reconnect, TryLater):
                time.sleep(pause)
        try:
            with self._conversation(token) as line:
                return linkedin_profile.read(line)
        except (Reconnect, UnsettledError):
            raise Refused(
                "LinkedIn does not honour its own permission yet. Please connect LinkedIn again in a minute."
            ) from None


def offer(settings: NetworkSettings, *_: object) -> LinkedIn | None:
    """LinkedIn, where the company's app has credentials."""
    if not (settings.linkedin_client_id and settings.linkedin_client_secret):
        return None
    return LinkedIn(
        settings.linkedin_client_id,
        settings.linkedin_client_secret.get_secret_value(),
        settings.linkedin_version,
        settings.linkedin_scopes,
        settings.linkedin_auth_url,
        settings.linkedin_api_url,
        settings.linkedin_calls_per_member,
        settings.linkedin_calls_per_app,
    )
