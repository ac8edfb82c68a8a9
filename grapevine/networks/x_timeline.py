"""The member's own recent posts on X, looked through for one that an uncertain create left there.

X wraps every link in t.co and escapes ``&``, ``<`` and ``>``: posts are compared as the member wrote them.
"""

import html
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from requests_oauthlib import OAuth1Session

from grapevine.domain.errors import Unavailable
from grapevine.networks.base import Draft
from grapevine.networks.charges import posts_shown
from grapevine.networks.http import json_object
from grapevine.networks.x_answers import CREDITS_AND_RIGHTS, complain, detail

#: the two clocks may differ, and X dates a post when it arrives
_MARGIN = 120.0
#: posts that are looked through at a time, since X charges for each that it shows, and how often
_PAGE, _PAGES = 10, 10


@dataclass(frozen=True, slots=True)
class Timeline:
    session: OAuth1Session
    url: str
    uid: str
    keys_accepted: Callable[[], bool]

    def with_link(self, link: str, since: float) -> str | None:
        """The id of the post of since then that carries *link*."""
        return next((p["id"] for p in self._since(since) if _bare(link) in _links(p)), None)

    def find(self, draft: Draft, text: str, since: float) -> str | None:
        """The id of the post made of *draft* since then: by its short link, else by its whole text."""
        for post in self._since(since):
            if _bare(draft.link) in _links(post) if draft.link else _plain(_written(post)) == _plain(text):
                return str(post["id"])
        return None

    def _since(self, since: float) -> Iterator[dict[str, Any]]:
        """The newest first; ``Unavailable`` when X does not show them, or when they cannot be paid."""
        query = {"max_results": str(_PAGE), "tweet.fields": "created_at,entities"}
        if since:
            start = datetime.fromtimestamp(max(0.0, since - _MARGIN), UTC)
            query["start_time"] = start.strftime("%Y-%m-%dT%H:%M:%SZ")
        for _ in range(_PAGES):
            posts, following = self._page(query)
            yield from posts
            if not following:
                return
            query["pagination_token"] = following

    def _page(self, query: dict[str, str]) -> tuple[list[dict[str, Any]], str]:
        """https://docs.x.com/x-api/fundamentals/pagination"""
        with posts_shown("X", _PAGE) as shown:
            answer = self.session.get(f"{self.url}/2/users/{self.uid}/tweets", params=query)
            if answer.status_code in CREDITS_AND_RIGHTS:
                raise Unavailable(detail(answer, "X does not let Grapevine look for the post"))
            complain(answer, self.keys_accepted)
            body = json_object(answer, "X")
            data, meta = body.get("data"), body.get("meta")
            posts = [p for p in data if isinstance(p, dict) and "id" in p] if isinstance(data, list) else []
            shown += [str(post["id"]) for post in posts]
        following = meta.get("next_token") if isinstance(meta, dict) else None
        return posts, following if isinstance(following, str) else ""


def _entities(post: dict[str, Any]) -> list[dict[str, Any]]:
    entities = post.get("entities")
    urls = entities.get("urls") if isinstance(entities, dict) else None
    return [url for url in urls if isinstance(url, dict)] if isinstance(urls, list) else []


def _written(post: dict[str, Any]) -> str:
    """The text with every t.co link replaced by what was written; the link that stands for an image dropped."""
    text = html.unescape(str(post.get("text", "")))
    for url in _entities(post):
        whole = str(url.get("expanded_url") or "")
        media = "media_key" in url or re.search(r"/(?:photo|video)/\d+$", whole)
        text = text.replace(str(url.get("url")), "" if media else whole)
    return text


def _links(post: dict[str, Any]) -> set[str]:
    # X does not wrap what it takes for no link, an address with a private name for instance
    words = re.findall(r"https?://\S+", _written(post))
    return {_bare(link) for link in [*words, *(str(url.get("expanded_url") or "") for url in _entities(post))]}


def _bare(link: str) -> str:
    return re.sub(r"^https?://", "", link).rstrip("/.,;:!?)")


def _plain(text: str) -> str:
    """For comparison: Unicode composed, blanks as one, links without scheme and closing slash."""
    return " ".join(_bare(word) for word in unicodedata.normalize("NFC", text).split())
