"""What networks tell of other people, and of the member more than was asked for (rule 18)."""

from collections.abc import Iterable
from typing import Any

from tests.networks.wire import Fault, both, spoilt, stuffed

_SHE = {"name": "Zdenka Quux", "email": "zdenka@quux.example", "username": "zdenkaq", "text": "Lovely, says Zdenka"}
#: beside what is asked for, in every object of every answer
STUFFING: dict[str, Any] = {
    "account": _SHE,
    "author": _SHE,
    "actor": _SHE,
    "from": _SHE,
    "user": _SHE,
    "viewer": _SHE,
    "includes": {"users": [_SHE]},
    "likes": [_SHE],
    "favourited_by": [_SHE],
    "comments": [_SHE],
    "replies": [_SHE],
    "data": [_SHE],
    "email": "member@quux.example",
    "phone": "+46 70 123 45 67",
    "birthdate": "1990-05-01",
    "headline": "Zdenka's headline",
}
MARKS = ("Zdenka", "Quux", "zdenka", "quux", "Lovely", "+46 70", "1990-05")
STUFFED = stuffed(STUFFING)


def marks_in(*told: object) -> list[str]:
    """What of the stuffing is in something that was told, or in what an error is chained to."""
    said: list[str] = []
    for one in told:
        said += [str(one), repr(one)]
        while isinstance(one, BaseException) and (one := one.__cause__ or one.__context__) is not None:
            said += [str(one), repr(one)]
    return sorted({mark for mark in MARKS if any(mark in text for text in said)})


def spoilt_and_stuffed(said: Any) -> Iterable[Fault]:
    """Each place of an answer like *said* in turn is something else, with the stuffing around it."""
    return (both(STUFFED, fault) for fault in spoilt(said))
