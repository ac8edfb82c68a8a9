"""What the networks' servers may do to a request, at the level of sockets."""

import gzip
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
import requests
from requests_oauthlib import OAuth2Session

from grapevine.domain.errors import NotFound, Reconnect, Refused, TryLater
from grapevine.networks import http

OK = b"HTTP/1.1 200 OK\r\n"


@contextmanager
def server(answer: bytes) -> Iterator[str]:
    """A server that says *answer* to one request and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection, suppress(OSError):  # who is sent too much hangs up
                connection.recv(65536)
                connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/path?secret=1"
        thread.join(5)


def ask(answer: bytes, method: str = "POST") -> requests.Response:
    with server(answer) as url, http.guarded(requests.Session(), "Net") as session:
        return session.request(method, url)


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (OK + b"Content-Length: 2\r\n\r\n{}", b"{}"),
        (OK + b"\r\n{}", b"{}"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n", b"{}"),
        (OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"{}"), b"{}"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
    ],
)
def test_a_whole_answer_is_handed_over(answer: bytes, body: bytes) -> None:
    assert ask(answer).content == body


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"nonsense\r\n\r\n",
        OK + b"Content-Length: 20\r\n\r\n{}",
        OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{}",
        OK + b"Content-Encoding: gzip\r\n\r\nnot gzip",
        OK + b"\r\n" + b"a" * (http.MAX_BODY + 1),
        OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"a" * (http.MAX_BODY + 1)),
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
    ],
)
@pytest.mark.parametrize(("method", "uncertain"), [("POST", True), ("DELETE", True), ("GET", False)])
def test_anything_else_is_for_later_and_uncertain_when_it_may_have_had_an_effect(
    answer: bytes, method: str, uncertain: bool
) -> None:
    with pytest.raises(TryLater) as caught:
        ask(answer, method)
    assert caught.value.uncertain is uncertain
    assert "secret" not in str(caught.value)
    assert caught.value.__context__ is None


def test_a_server_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "TIMEOUT", (1.0, 0.1))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        with http.guarded(requests.Session(), "Net") as session, pytest.raises(TryLater) as caught:
            session.post(url)
    assert caught.value.uncertain


def test_an_answer_that_only_trickles_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MAX_SECONDS", -1.0)
    with pytest.raises(TryLater):
        ask(OK + b"Content-Length: 2\r\n\r\n{}")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/", "http://name.invalid/", "https://127.0.0.1:1/"], ids=["refused", "no name", "no TLS"]
)
def test_a_request_that_was_never_sent_is_certain(url: str) -> None:
    with http.guarded(requests.Session(), "Net") as session, pytest.raises(TryLater) as caught:
        session.post(url)
    assert not caught.value.uncertain
    assert "could not be reached" in str(caught.value)


def test_a_server_that_speaks_no_tls_is_certain() -> None:
    with (
        server(b"HTTP/1.1 400 Bad Request\r\n\r\n") as url,
        http.guarded(requests.Session(), "Net") as session,
        pytest.raises(TryLater) as caught,
    ):
        session.post(url.replace("http:", "https:"))
    assert not caught.value.uncertain


def test_calls_without_effect_are_never_uncertain() -> None:
    with pytest.raises(TryLater) as caught, http.without_effect():
        ask(b"")
    assert not caught.value.uncertain


def test_oauth2_reaches_a_plain_address_of_this_machine_and_no_other_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")  # not used for this machine
    monkeypatch.delenv("NO_PROXY", raising=False)
    with server(OK + b"Content-Length: 2\r\n\r\n{}") as url:
        session = http.guarded(OAuth2Session(token={"access_token": "t"}), "Net")
        http.speak_plainly(session, "Net", url, "http://example.com")
        assert session.get(http.claim_https(url)).json() == {}
        session.close()
    assert http.claim_https("http://example.com/") == "http://example.com/"
    assert http.claim_https("https://127.0.0.1/") == "https://127.0.0.1/"


@pytest.mark.parametrize(
    ("status", "error"),
    [(302, Refused), (400, Refused), (401, Reconnect), (403, Refused), (404, NotFound), (410, NotFound)],
)
def test_a_status_means_the_same_everywhere(status: int, error: type[Exception]) -> None:
    with pytest.raises(error):
        http.complain(ask(b"HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n" % status), "Net")


@pytest.mark.parametrize(
    ("status", "method", "uncertain"),
    [(429, "POST", False), (408, "POST", False), (500, "POST", True), (503, "GET", False)],
)
def test_trouble_over_there_is_for_later(status: int, method: str, uncertain: bool) -> None:
    answer = ask(b"HTTP/1.1 %d X\r\nContent-Length: 0\r\nRetry-After: 7\r\n\r\n" % status, method)
    with pytest.raises(TryLater) as caught:
        http.complain(answer, "Net")
    assert caught.value.uncertain is uncertain
    assert caught.value.after == 7


def test_a_good_status_is_no_complaint() -> None:
    http.complain(ask(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"), "Net")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"<html>", b"\xff"])
def test_what_is_no_json_object_is_for_later(body: bytes) -> None:
    answer = ask(OK + b"\r\n" + body)
    with pytest.raises(TryLater) as caught:
        http.json_object(answer, "Net", effect=True)
    assert caught.value.uncertain


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("12", 12.0),
        ("Thu, 01 Jan 1970 00:01:00 GMT", 50.0),
        ("Thu, 01 Jan 1970 00:00:05 -0000", 0.0),
        ("soon", None),
        ("", None),
    ],
)
def test_a_pause_is_a_number_or_a_date(said: str, seconds: float | None) -> None:
    assert http.retry_after({"Retry-After": said}, 10.0) == seconds
