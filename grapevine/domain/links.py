"""Short links, and the links that a caption holds."""

import re
from collections.abc import Callable
from dataclasses import dataclass

#: 7 characters without 0 O 1 l I: 57 ** 7 = 1.9e12
ALPHABET = "23456789abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"
SLUG_LENGTH = 7
SLUG = re.compile(r"[A-Za-z0-9_-]{3,40}")
#: paths that the shortener answers itself, and names that would mislead
RESERVED = frozenset(
    "about admin api app assets favicon favicon.ico health healthz help login metrics oauth ready readyz"
    " robots robots.txt security slack static status well-known www".split()
)


@dataclass(frozen=True, slots=True)
class Link:
    """Where a slug leads, and to whom its clicks belong; *member* is empty when it is nobody's (erased, custom).

    *account* is the ``Account.id`` whose state decides whether clicks are gathered, empty for "my link".
    """

    target: str
    member: str = ""
    share: str = ""
    network: str = ""
    account: str = ""


#: trailing punctuation that belongs to the sentence, not to the address
_TRAILING = ".,;:!?'\"»”’…"
_URL = re.compile(r"https?://[^\s<>\"“”«»]+", re.IGNORECASE)


def links_in(text: str) -> list[tuple[int, int]]:
    """Where the http(s) links of a caption stand: start and end of each, in order."""
    places = []
    for match in _URL.finditer(text):
        url = match[0]
        while True:
            bare = url.rstrip(_TRAILING)
            if bare.endswith(")") and bare.count("(") < bare.count(")"):
                bare = bare[:-1]
            if bare.endswith("]") and bare.count("[") < bare.count("]"):
                bare = bare[:-1]
            if bare == url:
                break
            url = bare
        if len(url) > len("https://"):
            places.append((match.start(), match.start() + len(url)))
    return places


def replace_links(text: str, replace: Callable[[str], str]) -> str:
    """The caption with each http(s) link replaced."""
    pieces, at = [], 0
    for start, end in links_in(text):
        pieces += [text[at:start], replace(text[start:end])]
        at = end
    return "".join([*pieces, text[at:]])
