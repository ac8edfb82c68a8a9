"""TLS that breaks: before a request was sent nothing can have come of it, afterwards something may."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import requests
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from grapevine.domain.errors import TryLater
from grapevine.networks import http
from tests.certificates import certificate_in


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate_in(tmp_path_factory.mktemp("tls"))


@contextmanager
def breaking(certificate: Path) -> Iterator[str]:
    """A server that takes one request whole and then says something that no TLS is."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with suppress(OSError), context.wrap_socket(connection, server_side=True) as secure:
                secure.recv(65536)
                with socket.socket(fileno=secure.detach()) as bare:
                    bare.sendall(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{listening.getsockname()[1]}/posts"
        thread.join(5)


def test_tls_that_breaks_when_the_request_was_sent_leaves_a_doubt(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):  # a machine's own
        monkeypatch.setenv(name, DEFAULT_CA_BUNDLE_PATH)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with (
        breaking(certificate) as url,
        http.guarded(requests.Session(), "Net") as session,
        pytest.raises(TryLater, match="did not answer") as caught,
    ):
        session.post(url, data="a post")
    assert caught.value.uncertain


def test_a_certificate_that_nobody_vouches_for_is_no_doubt(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with (
        breaking(certificate) as url,
        http.guarded(requests.Session(), "Net") as session,
        pytest.raises(TryLater, match="could not be reached") as caught,
    ):
        session.post(url, data="a post")
    assert not caught.value.uncertain
