"""What a page says of itself for a card: title, description, picture. https://ogp.me/

A page is free to lie, to be slow or to be down: there is always a card, if an empty one.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urljoin

from lxml import etree
from w3lib.encoding import html_body_declared_encoding, html_to_unicode, http_content_type_encoding

from grapevine.domain.errors import GrapevineError
from grapevine.networks.pictures import kind_of
from grapevine.networks.web import Fetched, fetch

_PAGE, _PICTURE = 1_000_000, 10_000_000
#: seconds for the page and for its picture
_PATIENCE = 5.0
_TITLE, _DESCRIPTION, _LONGEST = 300, 1000, 5000
_TITLES = ("og:title", "twitter:title")
_DESCRIPTIONS = ("og:description", "twitter:description", "description")
_PICTURES = ("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src")
#: a megabyte of punycode takes ten seconds; the others are no text of a page either
_NO_CHARSETS = {"punycode", "idna", "undefined", "unicode-escape", "raw-unicode-escape"}
_WHAT = "The page cannot be had from its address"


@dataclass(frozen=True, slots=True)
class Card:
    """What is known of a page; *picture* is its address."""

    title: str = ""
    description: str = ""
    picture: str = ""


async def card_of(url: str, *, allow_private: bool, seconds: float = _PATIENCE) -> Card:
    """The page's own words; an empty card when it does not answer in time, or is no page."""
    try:
        page = await fetch(
            url,
            _WHAT,
            most=_PAGE,
            seconds=seconds,
            kinds=("text/html", "application/xhtml+xml"),
            allow_private=allow_private,
            cut=True,
        )
    except GrapevineError:
        return Card()
    return card_in(page)


async def picture_at(url: str, *, allow_private: bool, seconds: float = _PATIENCE) -> tuple[bytes, str] | None:
    """The card's picture and its content type by its own first bytes; None when it cannot be had."""
    try:
        found = await fetch(url, _WHAT, most=_PICTURE, seconds=seconds, allow_private=allow_private)
    except GrapevineError:
        return None
    kind = kind_of(found.content)
    return (found.content, kind) if kind else None


def card_in(page: Fetched) -> Card:
    """What stands in the page: read tag by tag and never built into a tree, whose making a page can draw out."""
    text = _text(page)
    said = _Said()
    parser = etree.HTMLParser(target=said, encoding="utf-8", no_network=True)
    try:
        parser.feed(text.encode(errors="replace"))
        parser.close()
    except etree.LxmlError:  # what was read up to there counts
        pass
    title = _first(said.metas, *_TITLES) or _tidied(said.title)
    description = _first(said.metas, *_DESCRIPTIONS)
    return Card(_cut(title, _TITLE), _cut(description, _DESCRIPTION), _address(page.url, said.metas))


def _text(page: Fetched) -> str:
    """In the charset that the page claims, unless that is one of Python's that no page is written in."""
    claimed = http_content_type_encoding(page.said) or html_body_declared_encoding(page.content)
    if claimed not in _NO_CHARSETS:
        with suppress(LookupError, UnicodeError):
            return html_to_unicode(page.said, page.content)[1]
    return page.content.decode(errors="replace")


class _Said:
    """What lxml tells while it reads: https://lxml.de/parsing.html#the-target-parser-interface"""

    def __init__(self) -> None:
        self.metas: dict[str, str] = {}
        self.title = ""
        self._inside: list[str] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "meta":
            name = (attributes.get("property") or attributes.get("name") or "").strip().lower()
            self.metas[name] = self.metas.get(name) or _tidied(attributes.get("content") or "")
        elif tag in ("title", "svg"):
            self._inside.append(tag)

    def data(self, text: str) -> None:
        if self._inside == ["title"] and len(self.title) < _LONGEST:
            self.title += text

    def end(self, tag: str) -> None:
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def close(self) -> None: ...


def _first(said: Mapping[str, str], *names: str) -> str:
    return next((said[name] for name in names if said.get(name)), "")


def _address(page: str, said: Mapping[str, str]) -> str:
    try:
        address = urljoin(page, _first(said, *_PICTURES) or page)
    except ValueError:
        return ""
    return address if address != page and address.startswith(("http://", "https://")) else ""


def _tidied(text: str) -> str:
    """In one line, without what no reader sees."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text[:_LONGEST]).split())


def _cut(text: str, size: int) -> str:
    return text if len(text) <= size else f"{text[: size - 1].rstrip()}…"
