"""X, with OAuth 1.0a in the member's name; the API is version 2 at https://docs.x.com (facts as of November 2026).

A token packs user id, token and token secret as ``id:token:secret``; it does not expire, so there is no refresh.
Reading posts costs the app credits: Grapevine reads counts in batches and looks up posts only to settle a doubt.
"""

import hmac
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import requests
from requests_oauthlib import OAuth1Session
from twitter_text import parse_tweet

from grapevine.domain.accounts import Capabilities, Profile
from grapevine.domain.errors import GrapevineError, NotFound, Reconnect, Refused, TryLater, Unavailable
from grapevine.domain.reactions import Counts
from grapevine.networks.base import NO_ANSWERS, Ask, Authorization, Connected, Draft, Published, Question
from grapevine.networks.http import guarded, json_object, without_effect
from grapevine.networks.x_answers import Duplicate, complain, counted, detail, is_duplicate, profile_in
from grapevine.networks.x_timeline import Timeline

_IMAGE_SIZE = 5 * 1024 * 1024
_CREDITS_AND_RIGHTS = (400, 402, 403, 404)


class X:
    """The client; *api_url* serves ``/oauth/…``, ``/1.1/…`` and ``/2/…``."""

    name = "x"
    title = "X"
    caption_limit = 280
    batch_size = 100
    card_from_link = False  # the card comes from a link in the text
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

    def __init__(self, api_key: str, api_secret: str, api_url: str) -> None:
        self._key = api_key
        self._secret = api_secret
        self._url = api_url.rstrip("/")
        self._site = "https://x.com" if self._url == "https://api.x.com" else self._url

    def __repr__(self) -> str:
        return f"X({self._url!r})"

    def caption_length(self, text: str) -> int:
        """X's weighted length: most scripts count 1, others and emoji 2, a link 23."""
        return int(parse_tweet(text).weightedLength)

    def authorize(
        self,
        redirect_uri: str,
        state: str,
        answers: Mapping[str, str] = NO_ANSWERS,  # noqa: ARG002 – nothing was asked
    ) -> Authorization:
        callback = _with(redirect_uri, state=state)
        with self._session(callback=callback) as session, without_effect():
            answer = session.post(f"{self._url}/oauth/request_token")
            if answer.status_code == 403 and "415" in answer.text:
                raise Refused(
                    f"X does not know this server's callback address. An admin adds {redirect_uri} "
                    "to the app's callback URLs in X's developer console."
                )
            if answer.status_code in (400, 401, 403):
                raise Refused(
                    "X did not accept this server. An admin checks X_API_KEY, X_API_SECRET and the server's clock."
                )
            complain(answer, self._speaks)
            token, secret, confirmed = _fields(answer, "oauth_token", "oauth_token_secret", "oauth_callback_confirmed")
        if confirmed != "true":
            raise Refused("X did not confirm the way back to Grapevine, so nothing was connected.")
        return Authorization(f"{self._url}/oauth/authorize?{urlencode({'oauth_token': token})}", f"{token}:{secret}")

    def connect(
        self,
        redirect_uri: str,  # noqa: ARG002  # the contract has it, OAuth 1 named it in the first step
        query: Mapping[str, str],
        secret: str,
    ) -> Connected:
        if "denied" in query:
            raise Refused("You said no at X, so nothing was connected. You can connect X whenever you like.")
        token, _, token_secret = secret.partition(":")
        verifier = query.get("oauth_verifier", "")
        if not verifier or not hmac.compare_digest(query.get("oauth_token", "").encode(), token.encode()):
            raise Refused("This answer of X belongs to another attempt. Please start connecting X again.")
        with self._session(token, token_secret, verifier=verifier) as session, without_effect():
            answer = session.post(f"{self._url}/oauth/access_token")
            if answer.status_code in (400, 401, 403):
                raise Refused("X no longer accepts this attempt to connect. Please start connecting X again.")
            complain(answer, self._speaks)
            fields = _fields(answer, "oauth_token", "oauth_token_secret", "user_id", "screen_name")
        access, access_secret, uid, screen_name = fields
        packed = f"{uid}:{access}:{access_secret}"
        try:
            return Connected(packed, self.profile(packed), Capabilities())
        except TryLater:  # the dance is over and cannot be repeated; the reach follows with the weekly refresh
            return Connected(packed, Profile(uid, f"@{screen_name}"), Capabilities())
        except Unavailable as error:
            said = Capabilities(reach=False, reach_reason=str(error))
            return Connected(packed, Profile(uid, f"@{screen_name}"), said)

    def profile(self, token: str) -> Profile:
        with self._of(token) as session:
            answer = session.get(
                f"{self._url}/2/users/me", params={"user.fields": "name,username,public_metrics,profile_image_url"}
            )
            if answer.headers.get("x-access-level", "").lower() == "read":
                raise Refused(
                    "The company's X app may only read. An admin sets it to “Read and write” in X's developer console; "
                    "then please connect again."
                )
            if answer.status_code in _CREDITS_AND_RIGHTS:
                raise Unavailable(detail(answer, "X does not show Grapevine your profile"))
            complain(answer, self._speaks)
            return profile_in(json_object(answer, self.title))

    def publish(self, token: str, draft: Draft) -> Published:
        with self._of(token) as session:
            try:
                return self._create(session, draft)
            except Duplicate:
                pass
            # Our short link is in no other post: found there, an earlier attempt of ours got through.
            with suppress(Unavailable):
                if draft.link and (known := self._timeline(session, token).with_link(draft.link)):
                    return self._published(known)
        raise Refused("X says that you have already posted this. Please change the caption a little and share again.")

    def settle(self, token: str, draft: Draft, since: float) -> Published | None:
        """Looks for the post among the member's own; not there, it is posted again, since X refuses a duplicate."""
        with self._of(token) as session:
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
        with self._of(token) as session:
            answer = session.get(
                f"{self._url}/2/tweets", params={"ids": ",".join(ids), "tweet.fields": "public_metrics"}
            )
            if answer.status_code in _CREDITS_AND_RIGHTS:
                reason = detail(answer, "X does not tell Grapevine these numbers")
                return {post: Unavailable(reason) for post in ids}
            complain(answer, self._speaks)
            return counted(json_object(answer, self.title), ids)

    def stale(self, token: str, now: float) -> bool:  # noqa: ARG002  # X's tokens do not expire
        return False

    def refresh(self, token: str) -> tuple[str, float | None] | None:  # noqa: ARG002  # X's tokens do not expire
        return None

    def revoke(self, token: str) -> bool:
        """https://docs.x.com/fundamentals/authentication/api-reference: signed with the very token it ends."""
        try:
            with self._of(token) as session:
                answer = session.post(f"{self._url}/1.1/oauth/invalidate_token.json")
                complain(answer, self._speaks)
                return json_object(answer, self.title).get("access_token") == token.split(":")[1]
        except Reconnect as error:
            return error.revoked  # dead already
        except GrapevineError:
            return False

    def _create(self, session: OAuth1Session, draft: Draft) -> Published:
        text = _text(draft)
        if (length := self.caption_length(text)) > self.caption_limit:
            raise Refused(f"The caption is too long for X: {length} of {self.caption_limit}. Please shorten it.")
        body: dict[str, Any] = {"text": text}
        if draft.media is not None:
            with without_effect():
                body["media"] = {"media_ids": [self._upload(session, *draft.media, draft.post.alt_text)]}
        answer = session.post(f"{self._url}/2/tweets", json=body)
        if is_duplicate(answer):
            raise Duplicate
        if answer.status_code in _CREDITS_AND_RIGHTS:
            raise Refused(detail(answer, "X did not take the post"))
        complain(answer, self._speaks)
        data = json_object(answer, self.title, effect=True).get("data")
        number = data.get("id") if isinstance(data, dict) else None
        if not isinstance(number, str) or not number.isdigit():
            raise TryLater("X took the post and did not say where it is.", uncertain=True)
        return self._published(number)

    def _upload(self, session: OAuth1Session, image: bytes, kind: str, alt_text: str) -> str:
        if len(image) > _IMAGE_SIZE:
            raise Refused("The image is larger than the 5 MB that X takes. Please share a smaller one.")
        answer = session.post(
            f"{self._url}/2/media/upload",
            data={"media_category": "tweet_image"},
            files={"media": ("image", image, kind)},
        )
        if answer.status_code in (*_CREDITS_AND_RIGHTS, 413):
            raise Refused(detail(answer, "X did not take the image"))
        complain(answer, self._speaks)
        data = json_object(answer, self.title).get("data")
        number = data.get("id") if isinstance(data, dict) else None
        if not isinstance(number, str):
            raise TryLater("X did not say what became of the image.")
        if alt_text:
            described = {"id": number, "metadata": {"alt_text": {"text": alt_text[:1000]}}}
            complain(session.post(f"{self._url}/2/media/metadata", json=described), self._speaks)
        return number

    def _published(self, number: str) -> Published:
        return Published(number, f"{self._site}/i/status/{quote(number)}")

    def _timeline(self, session: OAuth1Session, token: str) -> Timeline:
        return Timeline(session, self._url, token.split(":")[0], self._speaks)

    def _session(
        self, token: str = "", secret: str = "", *, callback: str | None = None, verifier: str | None = None
    ) -> OAuth1Session:
        session = OAuth1Session(
            self._key,
            client_secret=self._secret,
            resource_owner_key=token or None,
            resource_owner_secret=secret or None,
            callback_uri=callback,
            verifier=verifier,
        )
        return guarded(session, self.title)

    def _of(self, token: str) -> OAuth1Session:
        parts = token.split(":")
        if len(parts) != 3 or not all(parts):
            raise Reconnect("Grapevine cannot read what it kept for X. Please connect X again.")
        return self._session(parts[1], parts[2])

    def _speaks(self) -> bool:
        """Whether X accepts our own keys and clock; then a 401 without a code is about the member's token."""
        with self._session(callback="oob") as session:
            try:
                return bool(session.post(f"{self._url}/oauth/request_token").status_code in (200, 403))
            except TryLater:
                return False


def _text(draft: Draft) -> str:
    """The caption; what makes X's card, the link or a video's address, is added where the caption lacks it."""
    link = draft.link or ("" if draft.media else draft.post.url)
    if re.search(rf"{re.escape(link)}(?![\w/-])", draft.caption):
        return draft.caption
    return f"{draft.caption}\n\n{link}".strip()


def _with(address: str, **query: str) -> str:
    parts = urlsplit(address)
    pairs = [*parse_qsl(parts.query, keep_blank_values=True), *query.items()]
    return urlunsplit(parts._replace(query=urlencode(pairs)))


def _fields(answer: requests.Response, *names: str) -> list[str]:
    """Those fields of a form-encoded answer; requests-oauthlib's own reading writes secrets to its log."""
    fields = dict(parse_qsl(answer.text.strip()))
    if any(name not in fields for name in names):
        raise TryLater("X answered with something unreadable.")
    return [fields[name] for name in names]
