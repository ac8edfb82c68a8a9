"""What a request tells about who asks, as it came."""

from collections.abc import Iterable
from typing import NamedTuple

from grapevine.domain.agents import MOST
from grapevine.domain.clicks import HEADERS

#: names in small letters
Lines = tuple[tuple[bytes, bytes], ...]

#: what browsers say of themselves, and how many bytes of it are looked at
SAID = {
    b"user-agent": 4 * MOST,
    **{name.lower().encode(): 64 for name in ("Accept-Language", *HEADERS)},
}


class Asked(NamedTuple):
    """*query* as it was sent, *peer* the other end of the connection; what browsers *said*, what proxies *told*."""

    method: str
    query: str
    peer: str
    said: Lines
    told: Lines


def sorted_out(lines: Iterable[tuple[bytes, bytes]], telling: frozenset[bytes]) -> tuple[Lines, Lines]:
    """The lines of a head that browsers say, and those that proxies tell (*telling* are their names)."""
    small = [(name.lower(), value) for name, value in lines]
    said = tuple([(name, value.strip()[: SAID[name]]) for name, value in small if name in SAID])
    return said, tuple([(name, value) for name, value in small if name in telling])
