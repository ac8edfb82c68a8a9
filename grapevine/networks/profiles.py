"""What a network says of a member, as far as it is what it should be: nothing else of the answer gets through."""

from typing import TypeGuard

_NAME, _ADDRESS = 200, 2000


def name_in(*said: object) -> str:
    """The first that is a text, in one line; empty when there is none."""
    texts = (" ".join(one.split())[:_NAME] for one in said if isinstance(one, str))
    return next((text for text in texts if text), "")


def is_number(said: object) -> TypeGuard[int]:
    """Whether it is a count of something."""
    return isinstance(said, int) and not isinstance(said, bool) and said >= 0


def number_in(said: object) -> int | None:
    """A count of people, None for anything else."""
    return said if is_number(said) else None


def address_in(said: object) -> str | None:
    """Where a picture is."""
    if isinstance(said, str) and said.startswith(("https://", "http://")) and len(said) <= _ADDRESS:
        return said
    return None
