"""Answers to clicks, timed, as ``connections`` sends them."""

import logging
import secrets
import time
from collections.abc import Callable

from shortener.asked import Asked
from shortener.metrics import Metrics
from shortener.redirects import Leave, Redirects

log = logging.getLogger(__name__)

#: an error of ours: the number stands in the log with its trace, and no address does
SORRY = "Something went wrong here. Tell the operator this number: {}\n"
#: takes the head of an answer but for its Date, and the body
Send = Callable[[bytes, bytes], None]


class Answers:
    """*telling* are the headers that proxies tell about who asks in, in small letters."""

    def __init__(self, redirects: Redirects, metrics: Metrics, telling: frozenset[bytes]) -> None:
        self._redirects, self._metrics, self.telling = redirects, metrics, telling

    def at_once(self, asked: Asked, slug: str, send: Send) -> bool:
        """*send* the answer when its click is settled; False when something has to be looked up before."""
        try:
            return self._redirects.answer(asked, slug, self._timed(send))
        except Exception:
            name = secrets.token_hex(4)
            log.exception("Error %s", name)
            send(*_trouble(name))
            return True

    async def later(self, asked: Asked, slug: str, send: Send) -> bool:
        """The same after looking it up; False when it takes a page to answer, and nothing is counted then."""
        try:
            return await self._redirects.look_up(asked, slug, self._timed(send))
        except Exception:
            name = secrets.token_hex(4)
            log.exception("Error %s", name)
            send(*_trouble(name))
            return True

    def _timed(self, send: Send) -> Leave:
        began = time.perf_counter()

        def leave(status: int, head: bytes) -> None:
            self._metrics.answered(status, time.perf_counter() - began)
            send(head, b"")

        return leave


def _trouble(name: str) -> tuple[bytes, bytes]:
    text = SORRY.format(name).encode()
    return b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: %d\r\n" % len(text), text
