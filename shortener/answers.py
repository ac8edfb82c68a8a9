"""Answers to clicks, timed, as ``connections`` sends them."""

import logging
import secrets
import time
from collections.abc import Callable

from shortener.asked import Asked
from shortener.metrics import Metrics
from shortener.redirects import Answer, Redirects

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
        began = time.perf_counter()
        try:
            answer = self._redirects.answer(asked, slug)
        except Exception:
            name = secrets.token_hex(4)
            log.exception("Error %s", name)
            send(*_trouble(name))
            return True
        if answer is not None:
            self._send(answer, began, send)
        return answer is not None

    async def later(self, asked: Asked, slug: str, send: Send) -> bool:
        """The same after looking it up; False when it takes a page to answer, and nothing is counted then."""
        began = time.perf_counter()
        try:
            answer = await self._redirects.look_up(asked, slug)
        except Exception:
            name = secrets.token_hex(4)
            log.exception("Error %s", name)
            send(*_trouble(name))
            return True
        if answer is not None:
            self._send(answer, began, send)
        return answer is not None

    def _send(self, answer: Answer, began: float, send: Send) -> None:
        status, head, settled = answer

        def leave(_: object = None) -> None:
            self._metrics.answered(status, time.perf_counter() - began)
            send(head, b"")

        if settled is None:
            leave()
        else:
            settled.add_done_callback(leave)


def _trouble(name: str) -> tuple[bytes, bytes]:
    text = SORRY.format(name).encode()
    return b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: %d\r\n" % len(text), text
