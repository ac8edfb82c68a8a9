"""Which language a page is in: the one the browser would rather have, of those there are."""

from collections.abc import Collection
from functools import lru_cache

from shortener.texts import TEXTS

_MOST = 256


@lru_cache(1024)
def chosen(accept_language: str) -> str:
    """The best of our languages for an ``Accept-Language`` header (RFC 9110 §12.5.4); English when none fits."""
    return _best(accept_language[:_MOST], TEXTS) or "en"


def _best(accept_language: str, offered: Collection[str]) -> str | None:
    best, best_weight = None, 0.0
    for wish in accept_language.split(","):
        tag, _, rest = wish.partition(";")
        language = tag.strip().lower().partition("-")[0]
        if language in offered and (weight := _weight(rest)) > best_weight:
            best, best_weight = language, weight
    return best


def _weight(parameters: str) -> float:
    name, _, value = parameters.partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return float(value.strip())
    except ValueError:
        return 0.0
