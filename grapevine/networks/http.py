"""The ground every client stands on: bounded, timed requests that end in an answer or in one of our errors.

How to use it::

    session = guarded(OAuth1Session(...), "X")         # or an OAuth2Session, or a plain requests.Session
    answer = session.post(url, json={...})             # raises TryLater itself when no whole answer comes
    if answer.status_code == 403 and ...:              # first the network's own cases
        raise Refused(...)
    complain(answer, "X")                              # then the rest: 401, 404, 429, 5xx, any other refusal
    data = json_object(answer, "X")                    # a JSON object, else TryLater

A guarded session gives every request ``TIMEOUT`` unless it has its own, takes at most ``MAX_BODY`` bytes within
``MAX_SECONDS``, follows no redirect, and honours ``HTTPS_PROXY``, ``NO_PROXY`` and ``SSL_CERT_FILE``. The ``TryLater``
of a request that is no GET is *uncertain* when the request may have arrived; wrap calls without lasting effect (an
upload) in ``without_effect()``. No error, nor what it is chained to, holds an address, header, body or token.
"""

import io
import logging
import os
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC
from email.utils import parsedate_to_datetime
from traceback import walk_tb
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import select_proxy
from urllib3.exceptions import HTTPError, MaxRetryError, NewConnectionError, SSLError

from grapevine.domain.errors import NotFound, Reconnect, Refused, Stale, Throttled, TryLater, Unfit
from grapevine.networks.allowance import spend
from grapevine.networks.base import TIMEOUT
from grapevine.networks.guard import PUBLIC_ONLY, check_name
from grapevine.written import is_loopback

MAX_BODY = 1 << 20
#: for a whole answer: a read timeout alone lets a server send one byte at a time for ever.
MAX_SECONDS = 40.0
#: epoch seconds beyond these are milliseconds: as seconds, the year 5138
_MILLISECONDS = 1e11
#: they write tokens, secrets and whole answers to their debug log.
_TALKATIVE = ("requests_oauthlib", "oauthlib", "urllib3")

S = TypeVar("S", bound=requests.Session)


def guarded(session: S, title: str, *, public_only: bool = False) -> S:
    """The same *session*, kept within bounds; *title* is the network's name in sentences.

    *public_only* is for addresses that a member typed: only public ones are connected to (``guard``).
    """
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    session.mount("http://", _Wire(title, public_only=public_only))
    session.mount("https://", _Wire(title, public_only=public_only))
    return session


def claim_https(url: str) -> str:
    """*url* as oauthlib wants to hear it: a loopback http:// address is given out as https://.

    oauthlib's OAuth 2 refuses http:// unless OAUTHLIB_INSECURE_TRANSPORT is set, which holds for the whole process and
    all addresses. Telling it https:// and undoing that on the wire (``speak_plainly``) is bound to one session and one
    loopback origin.
    """
    return "https" + url[4:] if url.startswith("http://") and is_loopback(url) else url


def speak_plainly(session: requests.Session, title: str, *urls: str) -> None:
    """Undo ``claim_https`` on the wire for those of *urls* that are loopback http:// addresses."""
    for url in urls:
        if claim_https(url) != url:
            session.mount(f"https://{urlsplit(url).netloc}/", _Wire(title, plain=True))


class _Wire(HTTPAdapter):
    def __init__(self, title: str, *, plain: bool = False, public_only: bool = False) -> None:
        self._title = title
        self._plain = plain
        self._public_only = public_only
        super().__init__(max_retries=0)

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        if self._public_only:
            self.poolmanager.pool_classes_by_scheme = PUBLIC_ONLY

    def send(  # type: ignore[override]  # our callers are requests' sessions: always by keyword
        self, request: requests.PreparedRequest, *, timeout: Any = None, **options: Any
    ) -> requests.Response:
        effect = request.method not in ("GET", "HEAD")
        options["stream"] = True
        # as everything else here does; requests itself knows REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE only
        options["verify"] = os.environ.get("SSL_CERT_FILE") or options.get("verify", True)
        if is_loopback(request.url or ""):
            options["proxies"] = None
            if self._plain:
                request = request.copy()
                request.url = "http" + (request.url or "").removeprefix("https")
        elif self._public_only and select_proxy(request.url or "", options.get("proxies")):
            check_name(urlsplit(request.url or "").hostname or "")
        spend(self._title)
        deadline = time.monotonic() + MAX_SECONDS
        fault: Exception | None = None
        try:
            answer = super().send(request, timeout=timeout or TIMEOUT, **options)
            with closing(answer.raw):
                answer.raw = io.BytesIO(_body(answer.raw, deadline))
        except (requests.RequestException, HTTPError, OSError, _TooMuchError) as error:
            fault = error
        if fault is not None:  # raised out here, so that it holds no exception whose text is an address
            sent = not _before_sending(fault)
            said = "did not answer" if sent else "could not be reached"
            reason = f"{self._title} {said}. Grapevine tries again later."
            raise TryLater(reason, uncertain=effect and sent, served=sent)
        if answer.is_redirect:
            raise TryLater(f"{self._title} sent Grapevine to another address.", uncertain=effect)
        return answer


class _TooMuchError(Exception):
    """The answer is larger or slower than any honest one."""


def _body(raw: Any, deadline: float) -> bytes:
    body = bytearray()
    while chunk := raw.read1(65536, decode_content=True):
        body += chunk
        if len(body) > MAX_BODY or time.monotonic() > deadline:
            raise _TooMuchError
    raw.release_conn()
    return bytes(body)


def _before_sending(error: Exception) -> bool:
    if isinstance(error, (requests.ConnectTimeout, requests.exceptions.ProxyError)):
        return True
    cause = error.args[0] if isinstance(error, requests.ConnectionError) and error.args else None
    if not isinstance(cause, MaxRetryError):
        return False
    return isinstance(cause.reason, NewConnectionError) or _of_handshake(cause.reason)


def _of_handshake(error: Exception | None) -> bool:
    """TLS also breaks when all was sent, under the same name: where it was raised tells the two apart."""
    broken = error.args[0] if isinstance(error, SSLError) and error.args else None
    if not isinstance(broken, ssl.SSLError):
        return False
    return any(frame.f_code.co_name == "do_handshake" for frame, _ in walk_tb(broken.__traceback__))


@contextmanager
def without_effect() -> Iterator[None]:
    """Calls whose repetition harms nobody: their ``TryLater`` is never uncertain."""
    try:
        yield
    except (Stale, Throttled, Unfit):
        raise
    except TryLater as error:
        raise TryLater(str(error), error.after, served=error.served) from None


def json_of(answer: requests.Response) -> Any:
    """The answer's JSON; None for what is none, or is nested too deeply to be read."""
    try:
        return answer.json()
    except (ValueError, RecursionError):
        return None


def json_object(answer: requests.Response, title: str, *, effect: bool = False) -> dict[str, Any]:
    """The answer's JSON object; ``TryLater`` for half of one, a page, or anything else (*effect*: uncertain)."""
    data = json_of(answer)
    if not isinstance(data, dict):
        raise TryLater(f"{title} answered with something unreadable.", uncertain=effect, served=True)
    return data


def complain(answer: requests.Response, title: str) -> None:
    """Raise what a status of 300 and above means everywhere; call it after the network's own cases."""
    status = answer.status_code
    if status < 300:
        return
    if status == 401:
        raise Reconnect(f"{title} no longer accepts this connection. Please connect {title} again.")
    if status in (404, 410):
        raise NotFound(f"{title} does not have this (any more).")
    if status == 429:
        raise Throttled(
            f"{title} asks Grapevine to wait before it calls again.", retry_after(answer.headers, time.time())
        )
    if status >= 500 or status in (408, 425):
        effect = answer.request is not None and answer.request.method not in ("GET", "HEAD")
        raise TryLater(
            f"{title} has trouble of its own at the moment (status {status}).",
            retry_after(answer.headers, time.time()),
            uncertain=effect and status >= 500,
            served=status >= 500,
        )
    raise Refused(f"{title} refused this (status {status}).")


def until(reset: str, now: float) -> float | None:
    """Seconds, one at least, until *reset*: epoch seconds, or milliseconds as some say it. None for no number."""
    if not (reset.isascii() and reset.isdigit()):
        return None
    at = float(reset[:20])
    return max(1.0, (at / 1000 if at > _MILLISECONDS else at) - now)


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds of a Retry-After header, which is a number or a date; None without a readable one."""
    said = headers.get("Retry-After", "").strip()
    if said.isascii() and said.isdigit():
        return float(said[:9])
    try:
        at = parsedate_to_datetime(said)
    except ValueError:
        return None
    return max(0.0, (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - now)
