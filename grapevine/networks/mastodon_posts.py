"""Publishing on Mastodon and reading what came of it, with one member's token.

https://docs.joinmastodon.org/methods/statuses/ and https://docs.joinmastodon.org/methods/media/
"""

import hashlib
import re
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any
from urllib.parse import quote, urlsplit

import regex
import requests
from requests_oauthlib import OAuth2Session

from grapevine.domain.errors import NotFound, Refused, TryLater, Unavailable
from grapevine.domain.links import replace_links
from grapevine.domain.pictures import Takes
from grapevine.domain.reactions import Counts
from grapevine.networks.base import Draft, Published
from grapevine.networks.http import claim_https, guarded, json_object, json_of, speak_plainly, without_effect
from grapevine.networks.mastodon_answers import ID, complain, counts_in
from grapevine.networks.mastodon_server import Server
from grapevine.networks.mastodon_token import Token

#: what servers older than 4.1 took, too; every server makes larger ones smaller
PICTURES = Takes(("image/jpeg", "image/png", "image/gif", "image/webp"), 8_000_000, 16_777_216)
_ALT_TEXT = 1500
#: max_media_attachments of an unchanged server
MOST_PICTURES = 4
#: every link counts as so many characters: ``characters_reserved_per_url``
_LINK = 23
_REMOTE_HANDLE = re.compile(r"(?<![\w/=])@(\w+(?:[\w.-]*\w)?)@[\w.-]*\w")


class Line:
    """Calls to one server with one member's token; a context manager."""

    def __init__(self, token: Token, *, public_only: bool, patience: Sequence[float]) -> None:
        self.token = token
        self.server = Server(token.server)
        self._patience = patience
        session = OAuth2Session(token={"access_token": token.access, "token_type": "Bearer"})
        self._session = guarded(session, self.server.title, public_only=public_only)
        if not public_only:
            speak_plainly(session, self.server.title, self.server.url)

    def __enter__(self) -> "Line":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        return self._session.request(method, claim_https(f"{self.server.url}{path}"), **options)

    def account(self) -> dict[str, Any]:
        """https://docs.joinmastodon.org/methods/accounts/#verify_credentials"""
        answer = self.call("GET", "/api/v1/accounts/verify_credentials")
        complain(answer, self.server.title)
        return json_object(answer, self.server.title)

    def publish(self, draft: Draft) -> Published:
        """Post once an hour at the most: the server knows the draft's key again and names the post that it made."""
        text = text_of(draft)
        if (size := length(text)) > self.token.caption_limit:
            most = self.token.caption_limit
            raise Refused(f"The caption is too long for {self.server.name}: {size} of {most}. Please shorten it.")
        if len(draft.pictures) > MOST_PICTURES:
            raise Refused(f"Mastodon takes {MOST_PICTURES} pictures in one post. Please share fewer.")
        body: dict[str, Any] = {"status": text, "visibility": "public"}
        if draft.pictures:
            with without_effect():  # a picture that no post shows is seen by nobody
                body["media_ids"] = [self._upload(one.content, one.kind, one.alt_text) for one in draft.pictures]
        answer = self.call("POST", "/api/v1/statuses", json=body, headers={"Idempotency-Key": _key(draft, text)})
        complain(answer, self.server.title)
        said = json_object(answer, self.server.title, effect=True)
        number = said.get("id")
        if not isinstance(number, str) or not ID.fullmatch(number):
            raise TryLater(f"{self.server.title} took the post and did not say where it is.", uncertain=True)
        return Published(number, self._address(said, number))

    def counts(self, ids: Sequence[str]) -> dict[str, Counts | Unavailable | NotFound]:
        """All at once (4.3 and newer), else one by one; what a batch leaves out is asked for alone."""
        answer = self._read("/api/v1/statuses", params=[("id[]", number) for number in ids])
        found: dict[str, Any] = {}
        if answer.status_code == 200:
            found = {str(one.get("id")): one for one in self._list(answer) if isinstance(one, dict)}
        elif answer.status_code not in (404, 405, 410):
            return dict.fromkeys(ids, self._closed(answer))
        return {
            number: counts_in(found[number], self.server.title) if number in found else self._one(number)
            for number in ids
        }

    def _one(self, number: str) -> Counts | Unavailable | NotFound:
        answer = self._read(f"/api/v1/statuses/{quote(number, safe='')}")
        if answer.status_code in (404, 410):
            return NotFound(f"The post is no longer on {self.server.name}.")
        if answer.status_code != 200:
            return self._closed(answer)
        return counts_in(json_object(answer, self.server.title), self.server.title)

    def _read(self, path: str, **options: Any) -> requests.Response:
        """A public post: with the token, whose end shows here first; without it, since it may write and not read.

        Ends in an answer for the caller to judge: 200, 401 without the token, 403, 404, 405 or 410.
        """
        answer = self.call("GET", path, **options)
        if open_to_all := answer.status_code == 403:
            answer = self.call("GET", path, withhold_token=True, **options)
            if answer.status_code == 401:
                return answer
        if answer.status_code not in (200, 403, 404, 405, 410):
            complain(answer, self.server.title, at=self.server.name if open_to_all else "")
        return answer

    def _closed(self, answer: requests.Response) -> Unavailable:
        return Unavailable(
            f"{self.server.title} shows the numbers of posts only to apps that may read everything you see there, "
            f"which Grapevine does not ask for (status {answer.status_code})."
        )

    def _list(self, answer: requests.Response) -> list[Any]:
        said = json_of(answer)
        if not isinstance(said, list):
            raise TryLater(f"{self.server.title} answered with something unreadable.")
        return said

    def _upload(self, image: bytes, kind: str, alt_text: str) -> str:
        if kind not in PICTURES.kinds:
            raise Refused("Mastodon takes pictures as JPEG, PNG, GIF or WebP only.")
        described = {"description": alt_text[:_ALT_TEXT]} if alt_text else {}
        answer = self.call("POST", "/api/v2/media", files={"file": ("image", image, kind)}, data=described)
        complain(answer, self.server.title)
        number = json_object(answer, self.server.title).get("id")
        if not isinstance(number, str) or not ID.fullmatch(number):
            raise TryLater(f"{self.server.title} did not say what became of the image.")
        if answer.status_code == 202:
            self._wait_for(number)
        return number

    def _wait_for(self, number: str) -> None:
        """Until the image is processed: 206 means not yet, 200 that it may be posted."""
        for pause in self._patience:
            time.sleep(pause)
            answer = self.call("GET", f"/api/v1/media/{number}")
            complain(answer, self.server.title)
            if answer.status_code == 200:
                return
        raise TryLater(f"{self.server.title} has not finished with the image yet.")

    def _address(self, said: dict[str, Any], number: str) -> str:
        """Where a person sees the post: on the server itself, whatever else the answer claims."""
        url = said.get("url")
        own = isinstance(url, str) and urlsplit(url)[:2] == urlsplit(self.server.url)[:2]
        return str(url) if own else f"{self.server.url}/statuses/{number}"


def text_of(draft: Draft) -> str:
    """The caption; what makes the card, the link or a video's address, is added where the caption lacks it."""
    link = draft.link or ("" if draft.media else draft.post.url)
    if re.search(rf"{re.escape(link)}(?![\w/-])", draft.caption):
        return draft.caption
    return f"{draft.caption}\n\n{link}".strip()


def length(text: str) -> int:
    """Characters as people see them; a link counts 23, and of ``@somebody@elsewhere`` only the first half.

    https://docs.joinmastodon.org/user/posting/#text
    """
    short = _REMOTE_HANDLE.sub(r"@\1", replace_links(text, lambda _: "x" * _LINK))
    return len(regex.findall(r"\X", short))


def _key(draft: Draft, text: str) -> str:
    if draft.key:
        return draft.key
    shown = b"".join(picture.content for picture in draft.pictures)
    return hashlib.sha256(text.encode() + b"\0" + shown).hexdigest()
