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

from grapevine.domain.errors import NotFound, Refused, Throttled, TryLater, Unavailable, Unfit
from grapevine.domain.pictures import Takes
from grapevine.domain.reactions import Counts
from grapevine.networks.base import Draft, Picture, Published
from grapevine.networks.facebook_answers import ID, Duplicate, Gone, complain, counts_in, error_in, judge, wait
from grapevine.networks.facebook_graph import TITLE, Graph
from grapevine.networks.facebook_login import next_cursor
from grapevine.networks.http import json_object, json_of, without_effect

#: ``limit(0)``: the sums come without the people and the texts that they are made of (rule 18)
_COUNTS = "shares,reactions.summary(total_count).limit(0),comments.summary(total_count).limit(0)"
PICTURES = Takes(("image/jpeg", "image/png", "image/gif"), 10_000_000)
_ALT_TEXT = 1000
_ADDRESSES = "unshimmed_url"
_PICTURES_TOO = "target{id},subattachments{target{id}}"
#: the two clocks may differ
_MARGIN = 120.0
_A_ROUND, _ROUNDS = "100", 4
_NOT_NOW = "Facebook cannot tell the numbers of this post at the moment."
_LATER = TryLater("Facebook did not tell all the numbers in time.")


class Posts:
    """The posts of the Page *page*, through *graph*, which has its token."""

    def __init__(self, graph: Graph, page: str) -> None:
        self._graph = graph
        self._page = page

    def upload(self, draft: Draft) -> str:
        """The draft's pictures, as ``Draft.prepared`` keeps them; empty when it has none."""
        with without_effect():  # a picture that no post shows is seen by nobody
            numbers = [self._uploaded(picture) for picture in draft.pictures]
        return json.dumps(numbers) if numbers else ""

    def create(self, draft: Draft) -> Published:
        """Post it; ``Duplicate`` when the Page has it already."""
        fields = {"message": draft.caption}
        if draft.pictures:
            numbers = json.loads(draft.prepared or self.upload(draft))
            fields["attached_media"] = json.dumps([{"media_fbid": number} for number in numbers])
        else:
            fields["link"] = draft.link or draft.post.url
        answer = self._graph.post(f"{self._page}/feed", **fields)
        complain(answer)
        number = json_object(answer, TITLE, effect=True).get("id")
        if not isinstance(number, str) or not ID.fullmatch(number):
            raise TryLater("Facebook took the post and did not say where it is.", uncertain=True)
        return self._published(number)

    def find(self, draft: Draft, since: float, *, out: bool = False) -> tuple[Published | None, bool]:
        """The post made of *draft* since then, and whether all posts since then were looked at.

        By its short link or its pictures, which stand in no other post; without these, or when Facebook has said that
        it is *out* and does not show what is attached, by its whole text.
        ``published_posts`` is all that the Page published, ``feed`` a choice from it with what visitors wrote.
        https://developers.facebook.com/docs/graph-api/reference/page/published_posts/
        """
        shown = _PICTURES_TOO if draft.prepared else _ADDRESSES
        marked, alike = draft.link is not None or bool(draft.prepared), None
        for posts, more in self._rounds(f"id,message,created_time,attachments{{{shown}}}", since - _MARGIN):
            for post in posts:
                attached = _rows(post.get("attachments"))
                if marked and _is(draft, post, attached):
                    return self._published(str(post["id"])), True
                words = (not marked or (out and not attached)) and _alike(draft, post, since - _MARGIN)
                alike = alike or (self._published(str(post["id"])) if words else None)
            if not more:
                return alike, True
        return alike, False

    def _rounds(self, fields: str, since: float) -> Iterator[tuple[list[dict[str, Any]], bool]]:
        after: dict[str, str] = {}
        for _ in range(_ROUNDS):
            answer = self._graph.get(
                f"{self._page}/published_posts",
                fields=fields,
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

        What Facebook had no time for it leaves out: that is asked for once more, and so is what it had trouble with,
        which is an outage only if it is all.
        """
        found: dict[str, Counts | Unavailable | NotFound] = {
            number: Unavailable("This is no post of a Page.") for number in ids if not ID.fullmatch(number)
        }
        trouble: dict[str, TryLater] = {}
        for _ in range(2):
            if left := [number for number in ids if number not in found]:
                said = self._batch(left)
                found |= {number: one for number, one in said.items() if not isinstance(one, TryLater)}
                trouble = {number: one for number, one in said.items() if isinstance(one, TryLater)}
        if left := [number for number in ids if number not in found]:
            if len(left) == len(ids) or any(number not in trouble for number in left):
                raise trouble.get(left[0], _LATER)
            found |= {number: Unavailable(_NOT_NOW) for number in left}
        return found

    def _batch(self, ids: Sequence[str]) -> dict[str, Counts | Unavailable | TryLater]:
        version = self._graph.app.version
        calls = [{"method": "GET", "relative_url": f"{version}/{number}?fields={_COUNTS}"} for number in ids]
        with without_effect():
            answer = self._graph.post("", batch=json.dumps(calls), include_headers="false")
            complain(answer)
            said = _list(answer)
            if len(said) != len(ids):
                raise TryLater("Facebook answered with something unreadable.")
            after = wait(answer.headers)
            answers = {number: told(one, after) for number, one in zip(ids, said, strict=True)}
        return {number: one for number, one in answers.items() if one is not None}

    def _uploaded(self, picture: Picture) -> str:
        """https://developers.facebook.com/docs/graph-api/reference/page/photos/"""
        if picture.kind not in PICTURES.kinds:
            raise Refused("Facebook takes pictures as JPEG, PNG or GIF only.")
        if len(picture.content) > PICTURES.size:
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
    said = json_of(answer)
    if not isinstance(said, list):
        raise TryLater("Facebook answered with something unreadable.")
    return said


def told(one: object, after: float) -> Counts | Unavailable | TryLater | None:
    """One answer of a batch; None where Facebook gave none, ``TryLater`` where it had trouble with this post.

    What holds for the others too is raised: a limit, and what is wrong with the token or the app.
    """
    if not isinstance(one, dict):
        return None
    try:
        body = json.loads(one["body"])
    except (KeyError, TypeError, ValueError, RecursionError):
        return None
    if error := error_in(body):
        try:
            judge(error, after, effect=False)
        except Gone:
            return Unavailable("Facebook does not show this post any more: it was deleted, or may not be read.")
        except Duplicate:
            return Unavailable("Facebook did not tell the numbers of this post.")
        except Refused as refused:
            return Unavailable(str(refused))
        except (Throttled, Unfit):
            raise
        except TryLater as trouble:
            return trouble
    return counts_in(body)


def _is(draft: Draft, post: dict[str, Any], attached: list[dict[str, Any]]) -> bool:
    """Whether it has the draft's short link, in its text or as its card's address, or one of its pictures."""
    if draft.link is not None:
        said = [str(post.get("message") or ""), *(str(one.get("unshimmed_url") or "") for one in attached)]
        return any(_carries(one, draft.link) for one in said)
    return bool(_shown(attached) & {*json.loads(draft.prepared)})


def _alike(draft: Draft, post: dict[str, Any], since: float) -> bool:
    return _plain(str(post.get("message") or "")) == _plain(draft.caption) and _created(post) >= since


def _rows(edge: object) -> list[dict[str, Any]]:
    rows = edge.get("data") if isinstance(edge, dict) else None
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _shown(attached: list[dict[str, Any]]) -> set[str]:
    """The numbers of what is attached: a picture, or those of an album."""
    inner = [row for one in attached for row in _rows(one.get("subattachments"))]
    targets = [row.get("target") for row in (*attached, *inner)]
    return {str(target.get("id")) for target in targets if isinstance(target, dict)}


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
