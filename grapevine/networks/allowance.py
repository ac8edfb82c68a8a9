"""How many requests a call of a network's client may make: asked for one by one, before each goes out.

The caller sets it round a call, also one in another thread (``asyncio.to_thread`` takes it along)::

    with allowed(Allowance(granted=3, more=ask)) as allowance:
        counts = network.counts(token, ids)
    unused = allowance.granted
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from grapevine.domain.errors import TryLater


class OutOfCalls(TryLater):
    """The budget holds no more calls, or the network wants to be left alone; nothing was sent."""


class Allowance:
    """*granted* requests at once, and *more* as long as that says yes; none while *rests* does.

    *extras*: what is nice to know may be asked for too. *mend*: what the network said is wrong with the company's app.
    """

    def __init__(
        self,
        granted: int = 0,
        more: Callable[[], bool] | None = None,
        rests: Callable[[], bool] | None = None,
        *,
        extras: bool = True,
    ) -> None:
        self.granted = granted
        self.extras = extras
        self.made = 0
        self.mend = ""
        self._more = more
        self._rests = rests

    def spend(self) -> bool:
        """Whether one more request may go out."""
        if self._rests is not None and self._rests():
            return False
        if self.granted > 0:
            self.granted -= 1
        elif self._more is None or not self._more():
            return False
        self.made += 1
        return True


_current: ContextVar[Allowance | None] = ContextVar("allowance", default=None)


@contextmanager
def allowed(allowance: Allowance) -> Iterator[Allowance]:
    """What is called inside has this allowance; outside of any, there is no bound."""
    before = _current.set(allowance)
    try:
        yield allowance
    finally:
        _current.reset(before)


def spend(title: str) -> None:
    """One request goes out now; ``OutOfCalls`` when it must not. *title* is the network's."""
    allowance = _current.get()
    if allowance is not None and not allowance.spend():
        raise OutOfCalls(f"Grapevine's calls to {title} are used up for now.")


def wants(mend: str) -> None:
    """The network does not take the company's app; *mend* is a sentence for who runs Grapevine."""
    allowance = _current.get()
    if allowance is not None:
        allowance.mend = mend


def extras() -> bool:
    """Whether what is nice to know may be asked for too."""
    allowance = _current.get()
    return allowance is None or allowance.extras
