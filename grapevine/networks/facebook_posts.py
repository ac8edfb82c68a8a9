"""Publishing on one Page and reading what came of it.

https://developers.facebook.com/docs/pages-api/posts and https://developers.facebook.com/docs/graph-api/batch-requests
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import requests

from grapevine.domain.errors import NotFound, Refused, TryLater, Unavailable
from grapevine.domain.reactions import Counts
from grapevine.networks.base import Draft, Picture, Published
from grapevine.networks.facebook_answers import ID, Duplicate, Gone, complain, counts_in, error_in, judge, wait
from grapevine.networks.facebook_graph import TITLE, Graph
from grapevine.networks.facebook_login import next_cursor
from grapevine.networks.http import json_object, without_effect

#: ``limit(0)``: the sums come without the people and the texts that they are made of (rule 18)
_COUNTS = "shares,reactions.summary(total_count).limit(0),comments.summary(total_count).limit(0)"
_PICTURES = ("image/jpeg", "image/png", "image/gif", "image/bmp", "image/tiff")
_PICTURE_SIZE = 10 * 1000 * 1000
_ALT_TEXT = 1000
#: the two clocks may differ
_MARGIN = 120.0
_A_ROUND, _ROUNDS = "100", 4
_LATER = TryLater("Facebook did not tell all the numbers in time.")


class Posts:
    """The posts of the Page *page*, through *graph*, which has its token."""

    def __init__(self, graph: Graph, page: str) -> None:
        self._graph = graph
        self._page = page

    def create(self, draft: Draft) -> Published:
        """Post it; ``Duplicate`` when the Page has it already."""
        fields = {"message": draft.caption}
        if draft.pictures:
            with without_effect():  # a picture that no post shows is seen by nobody
                numbers = [self._upload(picture) for picture in draft.pictures]
            fields["attached_media"] = json.dumps([{"media_fbid": number} for number in numbers])
        else:
            fields["link"] = draft.link or draft.post.url
        answer = self._graph.post(f"{self._page}/feed", **fields)
        complain(answer)
        number = json_object(answer, TITLE, effect=True).get("id")
        if not isinstance(number, str) or not ID.fullmatch(number):
            raise TryLater("Facebook took the post and did not say where it is.", uncertain=True)
        return self._published(number)

    def find(self, draft: Draft, since: float) -> tuple[Published | None, bool]:
        """The post made of *draft* since then, and whether all posts since then were looked at.

        By its short link, which stands in no other post; without one, by its whole text. ``published_posts`` is all
        that the Page published, ``feed`` a choice from it with what visitors wrote.
        https://developers.facebook.com/docs/graph-api/reference/page/published_posts/
        """
        for posts, more in self._rounds(since - _MARGIN):
            for post in posts:
                if _is(draft, post, since - _MARGIN):
                    return self._published(str(post["id"])), True
            if not more:
                return None, True
        return None, False

    def _rounds(self, since: float) -> Iterator[tuple[list[dict[str, Any]], bool]]:
        after: dict[str, str] = {}
        for _ in range(_ROUNDS):
            answer = self._graph.get(
                f"{self._page}/published_posts",
                fields="id,message,created_time,attachments{unshimmed_url}",
                since=str(max(0, int(since))),
                limit=_A_ROUND,
                **after,
            )
            complain(answer)
            said = json_object(answer, TITLE)
            rows = said.get("data")
            if not isinstance(rows, list):
                raise TryLater("Facebook answered with something unreadable.")
            cursor = next_cursor(said)
            yield [row for row in rows if isinstance(row, dict) and ID.fullmatch(str(row.get("id")))], bool(cursor)
            after = {"after": cursor}

    def counts(self, ids: Sequence[str]) -> dict[str, Counts | Unavailable | NotFound]:
        """Each post is a call of its own inside the batch, so that one which is gone does not hide the others.

        What Facebook had no time for it leaves out: that is asked for once more.
        """
        found: dict[str, Counts | Unavailable | NotFound] = {
            number: Unavailable("This is no post of a Page.") for number in ids if not ID.fullmatch(number)
        }
        for _ in range(2):
            if left := [number for number in ids if number not in found]:
                found |= self._batch(left)
        if any(number not in found for number in ids):
            raise _LATER
        return found

    def _batch(self, ids: Sequence[str]) -> dict[str, Counts | Unavailable]:
        version = self._graph.app.version
        calls = [{"method": "GET", "relative_url": f"{version}/{number}?fields={_COUNTS}"} for number in ids]
        with without_effect():
            answer = self._graph.post("", batch=json.dumps(calls), include_headers="false")
            complain(answer)
            said = _list(answer)
            if len(said) != len(ids):
                raise TryLater("Facebook answered with something unreadable.")
            after = wait(answer.headers)
            told = {number: _told(one, after) for number, one in zip(ids, said, strict=True)}
        return {number: one for number, one in told.items() if one is not None}

    def _upload(self, picture: Picture) -> str:
        """https://developers.facebook.com/docs/graph-api/reference/page/photos/"""
        if picture.kind not in _PICTURES:
            raise Refused("Facebook takes pictures as JPEG, PNG, GIF, BMP or TIFF only.")
        if len(picture.content) > _PICTURE_SIZE:
            raise Refused("The image is larger than the 10 MB that Facebook takes. Please share a smaller one.")
        described = {"alt_text_custom": picture.alt_text[:_ALT_TEXT]} if picture.alt_text else {}
        source = ("image", picture.content, picture.kind)
        answer = self._graph.post(f"{self._page}/photos", files={"source": source}, published="false", **described)
        complain(answer)
        number = json_object(answer, TITLE).get("id")
        if not isinstance(number, str) or not ID.fullmatch(number):
            raise TryLater("Facebook did not say what became of the image.")
        return number

    def _published(self, number: str) -> Published:
        return Published(number, f"{self._graph.app.site}/{number}")


def _list(answer: requests.Response) -> list[Any]:
    try:
        said = answer.json()
    except ValueError:
        said = None
    if not isinstance(said, list):
        raise TryLater("Facebook answered with something unreadable.")
    return said


def _told(one: object, after: float) -> Counts | Unavailable | None:
    """One answer of a batch; None where Facebook gave none."""
    if not isinstance(one, dict):
        return None
    try:
        body = json.loads(one["body"])
    except (KeyError, TypeError, ValueError):
        return None
    if error := error_in(body):
        try:
            judge(error, after, effect=False)
        except Gone:
            return Unavailable("Facebook does not show this post any more: it was deleted, or may not be read.")
        except (Refused, Duplicate) as refused:
            return Unavailable(str(refused) or "Facebook did not tell the numbers of this post.")
    return counts_in(body)


def _is(draft: Draft, post: dict[str, Any], since: float) -> bool:
    text = str(post.get("message") or "")
    if draft.link is not None and any(_carries(said, draft.link) for said in (text, *_addresses(post))):
        return True
    # A post of the same words and another short link is another share.
    alone = draft.link is None or "://" not in draft.caption
    return alone and _plain(text) == _plain(draft.caption) and _created(post) >= since


def _addresses(post: dict[str, Any]) -> list[str]:
    attachments = post.get("attachments")
    rows = attachments.get("data") if isinstance(attachments, dict) else None
    known = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return [str(row.get("unshimmed_url") or "") for row in known]


def _carries(text: str, link: str) -> bool:
    return re.search(rf"{re.escape(link.partition('://')[2])}(?![\w/-])", text) is not None


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _created(post: dict[str, Any]) -> float:
    """Epoch seconds; times are written 2026-11-21T23:55:40+0000."""
    try:
        return datetime.strptime(str(post.get("created_time")), "%Y-%m-%dT%H:%M:%S%z").timestamp()
    except ValueError:
        return 0.0
