"""The rows of a receipt: each request to a gathering short link lands in exactly one, the first that fits (rule 7)."""

from collections.abc import Mapping
from enum import StrEnum


class Row(StrEnum):
    PREFETCH = "prefetch"
    PREVIEW = "preview"
    BOT = "bot"
    OWN = "own"
    COLLEAGUE = "colleague"
    CAPPED = "capped"
    REPEAT = "repeat"
    UNIQUE = "unique"


#: Chromium and Firefox send Sec-Purpose today; older browsers said the same in the other three.
#: https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Purpose
_PURPOSES = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
#: the headers that ``row_of`` looks at
HEADERS = (*_PURPOSES, "Sec-Fetch-Dest")
_SPECULATIVE = ("prefetch", "prerender", "preview", "instant")


def speculative(headers: Mapping[str, str]) -> bool:
    """Whether the browser loads the page before anybody has clicked."""
    for name in _PURPOSES:
        said = headers.get(name)
        if said is not None and any(word in said.lower() for word in _SPECULATIVE):
            return True
    return False


def no_navigation(method: str, headers: Mapping[str, str]) -> bool:
    """Whether the request is something else than a person's way to a page: a probe, an image, a frame, a fetch()."""
    if method != "GET":
        return True
    return headers.get("Sec-Fetch-Dest", "document").strip().lower() not in ("document", "")


def row_of(
    method: str, headers: Mapping[str, str], agent: Row | None, *, own: bool = False, colleague: bool = False
) -> Row | None:
    """The row that a request falls into by itself, the first that fits; *headers* are looked up in any case.

    *agent* is what the user agent alone tells: PREVIEW, BOT or None. None when a visitor may be behind the request:
    whether that one is new, the store knows.
    """
    if speculative(headers):
        return Row.PREFETCH
    if agent is Row.PREVIEW:
        return Row.PREVIEW
    if agent is Row.BOT or no_navigation(method, headers):
        return Row.BOT
    if own:
        return Row.OWN
    return Row.COLLEAGUE if colleague else None
