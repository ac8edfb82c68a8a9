"""What a client's call reads beyond what was paid for before it, at a network that charges for reading.

The caller sets a till round the call, also one in another thread (``asyncio.to_thread`` takes it along)::

    with charged(Till(purse, asyncio.get_running_loop(), "the share", now)):
        network.settle(token, draft, since)

The client asks it before it reads; what was not shown is given back, and what may have been is not. Outside of any,
nothing is charged.
"""

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from grapevine.domain.errors import GrapevineError, Unavailable

T = TypeVar("T")

#: seconds for which a request waits for Redis to pay
_PATIENCE = 10.0


class Purse(Protocol):
    """A workspace's money for one network (``store/spending.py``)."""

    async def look(self, what: str, most: int, now: float) -> int: ...

    async def looked(self, what: str, posts: Sequence[str], now: float) -> None: ...

    async def profile(self, account: str, now: float) -> Sequence[str] | None: ...

    async def unprofile(self, paid: Sequence[str], now: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Till:
    """Pays out of *purse*, which lives on *loop*; *what* names that for which posts are looked up."""

    purse: Purse
    loop: asyncio.AbstractEventLoop
    what: str
    now: float

    def ask(self, answer: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(answer, self.loop).result(_PATIENCE)


_current: ContextVar[Till | None] = ContextVar("till", default=None)


@contextmanager
def charged(till: Till | None) -> Iterator[None]:
    """What is called inside pays here."""
    before = _current.set(till)
    try:
        yield
    finally:
        _current.reset(before)


@contextmanager
def posts_shown(title: str, most: int) -> Iterator[list[str]]:
    """Inside, up to *most* posts are looked up, and put on the list; ``Unavailable`` when that cannot be paid."""
    till, shown = _current.get(), list[str]()
    taken = till.ask(till.purse.look(till.what, most, till.now)) if till is not None else 1
    if not taken:
        raise _empty(title)
    try:
        yield shown
    except GrapevineError as error:
        if till is not None and taken == 1 and not error.served:  # else an earlier look may have been answered
            till.ask(till.purse.looked(till.what, [], till.now))
        raise
    if till is not None:
        till.ask(till.purse.looked(till.what, shown, till.now))


@contextmanager
def profile_shown(title: str, account: str) -> Iterator[None]:
    """Inside, the profile of *account* is read; ``Unavailable`` when that cannot be paid."""
    till = _current.get()
    paid = till.ask(till.purse.profile(account, till.now)) if till is not None else []
    if paid is None:
        raise _empty(title)
    try:
        yield
    except GrapevineError as error:
        if till is not None and not error.served:
            till.ask(till.purse.unprofile(paid, till.now))
        raise


def _empty(title: str) -> Unavailable:
    return Unavailable(f"this month's {title} budget is used up.")
