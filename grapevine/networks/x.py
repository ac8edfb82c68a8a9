"""X, with OAuth 1.0a in the member's name; the API is version 2 at https://docs.x.com (facts as of November 2026).

A token packs user id, token and token secret as ``id:token:secret``; it does not expire, so there is no refresh.
Reading posts costs the app credits: Grapevine reads counts in batches and looks up posts only to settle a doubt.
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import quote, urlencode

from requests_oauthlib import OAuth1Session
from twitter_text import extract_urls, parse_tweet

from grapevine.domain.accounts import Capabilities, Profile
from grapevine.domain.budgets import Quota
from grapevine.domain.errors import GrapevineError, NotFound, Reconnect, Refused, TryLater, Unavailable
from grapevine.domain.links import links_in
from grapevine.domain.money import Prices
from grapevine.domain.reactions import Counts
from grapevine.networks.base import NO_ANSWERS, Ask, Authorization, Connected, Draft, Published, Question
from grapevine.networks.charges import profile_shown
from grapevine.networks.http import json_object
from grapevine.networks.x_answers import (
    CREDITS_AND_RIGHTS,
    Duplicate,
    complain,
    counted,
    detail,
    is_duplicate,
    profile_in,
)
from grapevine.networks.x_media import PICTURES, upload
from grapevine.networks.x_oauth import App, Unfit
from grapevine.networks.x_timeline import Timeline
from grapevine.settings import NetworkSettings

#: looked up on 21 November 2026: https://docs.x.com/x-api/getting-started/pricing
PRICES = Prices(post=150, link_post=2000, read=50, profile=100)


class X:
    """The client; *api_url* serves ``/oauth/…``, ``/1.1/…`` and ``/2/…``."""

    name = "x"
    title = "X"
    caption_limit = 280
    batch_size = 100
    quota: Quota | None = Quota(per_account=5000, window=900.0)
    card_from_link = False  # the card comes from a link in the text
    #: https://docs.x.com/x-api/posts/creation-of-a-post
    most_pictures = 4
    pictures = PICTURES
    asks: Sequence[Ask] = (
        Ask("Post and delete posts for you", "to publish what you choose to share, when you choose to"),
        Ask("See your profile information", "to show your name, picture and number of followers in Grapevine"),
        Ask(
            "See posts",
            "to count the likes, replies and reposts of what you shared. X words this prompt the same for every app: "
            "it also lists following, muting and account settings, which Grapevine never touches",
        ),
    )
    questions: Sequence[Question] = ()
    revoke_hint = "X → Settings and privacy → Security and account access → Apps and sessions → Connected apps"

    def __init__(self, api_key: str, api_secret: str, api_url: str, prices: Prices = PRICES) -> None:
        self.prices = prices
        self._url = api_url.rstrip("/")
        self._app = App(api_key, api_secret, self._url)
        self._site = "https://x.com" if self._url == "https://api.x.com" else self._url

    def __repr__(self) -> str:
        return f"X({self._url!r})"

    def caption_length(self, text: str) -> int:
        """X's weighted length: most scripts count 1, others and emoji 2, a link 23."""
        return int(parse_tweet(text).weightedLength)

    def price(self, draft: Draft) -> int:
        """A link is what we take for one, or X does without a scheme; an image's description costs what a read does."""
        text = _text(draft)
        linked = bool(links_in(text) or extract_urls(text))
        described = sum(1 for picture in draft.pictures if picture.alt_text)
        return (self.prices.link_post if linked else self.prices.post) + described * self.prices.read

    def authorize(
        self,
        redirect_uri: str,
        state: str,
        answers: Mapping[str, str] = NO_ANSWERS,  # noqa: ARG002 – nothing was asked
    ) -> Authorization:
        token, secret = self._app.begin(redirect_uri, state)
        return Authorization(f"{self._url}/oauth/authorize?{urlencode({'oauth_token': token})}", f"{token}:{secret}")

    def connect(
        self,
        redirect_uri: str,  # noqa: ARG002  # the contract has it, OAuth 1 named it in the first step
        query: Mapping[str, str],
        secret: str,
    ) -> Connected:
        packed, screen_name = self._app.finish(query, secret)
        uid = packed.split(":")[0]
        try:
            with profile_shown(self.title, f"{self.name}:{uid}"):
                return Connected(packed, self.profile(packed), Capabilities())
        except TryLater:  # the dance is over and cannot be repeated; the reach follows with the weekly refresh
            return Connected(packed, Profile(uid, f"@{screen_name}"), Capabilities())
        except Unavailable as error:
            said = Capabilities(reach=False, reach_reason=str(error))
            return Connected(packed, Profile(uid, f"@{screen_name}"), said)

    def trouble(self, redirect_uri: str) -> str:
        """What an admin has to mend before X takes this app, empty when it does; ``TryLater`` when X is away."""
        try:
            self._app.begin(redirect_uri)
        except Unfit as error:
            return error.mend
        except Refused as error:
            return str(error)
        return ""

    def profile(self, token: str) -> Profile:
        with self._app.of(token) as session:
            answer = session.get(
                f"{self._url}/2/users/me", params={"user.fields": "name,username,public_metrics,profile_image_url"}
            )
            if answer.headers.get("x-access-level", "").lower() == "read":
                mend = "The X app may only read: set it to “Read and write” in X's developer console."
                raise Unfit(mend, served=answer.ok)
            if answer.status_code in CREDITS_AND_RIGHTS:
                raise Unavailable(detail(answer, "X does not show Grapevine your profile"))
            complain(answer, self._app.accepted)
            return profile_in(json_object(answer, self.title))

    def publish(self, token: str, draft: Draft) -> Published:
        with self._app.of(token) as session:
            try:
                return self._create(session, draft)
            except Duplicate:
                pass
            # Our short link is in no other post: found there, an earlier attempt of ours got through.
            with suppress(Unavailable):
                if draft.link and (known := self._timeline(session, token).with_link(draft.link, draft.at)):
                    return self._published(known)
        raise Refused("X says that you have already posted this. Please change the caption a little and share again.")

    def settle(self, token: str, draft: Draft, since: float) -> Published | None:
        """Looks for the post among the member's own; not there, it is posted again, since X refuses a duplicate."""
        with self._app.of(token) as session:
            timeline = self._timeline(session, token)
            try:
                if found := timeline.find(draft, _text(draft), since):
                    return self._published(found)
            except (Unavailable, Refused, NotFound):
                return None  # without looking, posting again would rest on X's refusal alone
            try:
                return self._create(session, draft)
            except Duplicate:
                pass
            try:  # it is there, and the first look came too early
                found = timeline.find(draft, _text(draft), since)
            except GrapevineError:
                return None
            return self._published(found) if found else None

    def counts(self, token: str, ids: Sequence[str]) -> dict[str, Counts | Unavailable | NotFound]:
        """Likes; replies as comments; reposts and quotes as reshares, since both pass the post on to others."""
        if len(ids) > self.batch_size:
            raise ValueError(f"at most {self.batch_size} ids")
        if not ids:
            return {}
        with self._app.of(token) as session:
            answer = session.get(
                f"{self._url}/2/tweets", params={"ids": ",".join(ids), "tweet.fields": "public_metrics"}
            )
            if answer.status_code in CREDITS_AND_RIGHTS:
                reason = detail(answer, "X does not tell Grapevine these numbers")
                return {post: Unavailable(reason) for post in ids}
            complain(answer, self._app.accepted)
            return counted(json_object(answer, self.title), ids)

    def stale(self, token: str, now: float) -> bool:  # noqa: ARG002  # X's tokens do not expire
        return False

    def refresh(self, token: str) -> tuple[str, float | None] | None:  # noqa: ARG002  # X's tokens do not expire
        return None

    def revoke(self, token: str) -> bool:
        """https://docs.x.com/fundamentals/authentication/api-reference: signed with the very token it ends."""
        try:
            with self._app.of(token) as session:
                answer = session.post(f"{self._url}/1.1/oauth/invalidate_token.json")
                complain(answer, self._app.accepted)
                return json_object(answer, self.title).get("access_token") == token.split(":")[1]
        except Reconnect as error:
            return error.revoked  # dead already
        except GrapevineError:
            return False

    def _create(self, session: OAuth1Session, draft: Draft) -> Published:
        text = _text(draft)
        if (length := self.caption_length(text)) > self.caption_limit:
            raise Refused(f"The caption is too long for X: {length} of {self.caption_limit}. Please shorten it.")
        if len(draft.pictures) > self.most_pictures:
            raise Refused(f"X takes {self.most_pictures} pictures in one post. Please share fewer.")
        body: dict[str, Any] = {"text": text}
        note = ""
        if draft.pictures:
            ids, note = upload(session, self._url, draft.pictures, self._app.accepted)
            body["media"] = {"media_ids": ids}
        answer = session.post(f"{self._url}/2/tweets", json=body)
        if is_duplicate(answer):
            raise Duplicate
        if answer.status_code in CREDITS_AND_RIGHTS:
            raise Refused(detail(answer, "X did not take the post"))
        complain(answer, self._app.accepted)
        data = json_object(answer, self.title, effect=True).get("data")
        number = data.get("id") if isinstance(data, dict) else None
        if not isinstance(number, str) or not number.isdigit():
            raise TryLater("X took the post and did not say where it is.", uncertain=True)
        return self._published(number, note)

    def _published(self, number: str, note: str = "") -> Published:
        return Published(number, f"{self._site}/i/status/{quote(number)}", note)

    def _timeline(self, session: OAuth1Session, token: str) -> Timeline:
        return Timeline(session, self._url, token.split(":")[0], self._app.accepted)


def _text(draft: Draft) -> str:
    """The caption; what makes X's card, the link or a video's address, is added where the caption lacks it."""
    link = draft.link or ("" if draft.media else draft.post.url)
    if re.search(rf"{re.escape(link)}(?![\w/-])", draft.caption):
        return draft.caption
    return f"{draft.caption}\n\n{link}".strip()


def offer(settings: NetworkSettings, *_: object) -> X | None:
    """X, where the company's app has credentials."""
    if not (settings.x_api_key and settings.x_api_secret):
        return None
    return X(settings.x_api_key, settings.x_api_secret.get_secret_value(), settings.x_api_url, settings.x_prices)
