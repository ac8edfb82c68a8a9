"""What the world finds at https://*.acme.com, over real TLS: the addresses under which Grapevine presents itself."""

import datetime
import json
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

_NAME = "*.acme.com"


@dataclass
class Acme:
    """*certificate* is the file by which others believe it; *documents* are served by their address, others are 404.

    What comes for a name among *behind* is passed on to its address on this machine, as by a reverse proxy.
    """

    port: int
    certificate: Path
    documents: dict[str, Mapping[str, Any] | None] = field(default_factory=dict)
    behind: dict[str, str] = field(default_factory=dict)


@contextmanager
def acme(folder: Path) -> Iterator[Acme]:
    certificate, key = _certified(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_GET(self) -> None:
            host = self.headers["Host"]
            if host in house.behind:
                self._pass_on(house.behind[host])
                return
            document = house.documents.get(f"https://{host}{self.path}")
            self.send_response(200 if document else 404)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.end_headers()
            self.wfile.write(json.dumps(document).encode())

        def do_POST(self) -> None:
            self._pass_on(house.behind[self.headers["Host"]])

        def _pass_on(self, address: str) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            with closing(HTTPConnection(address, timeout=10)) as line:
                line.request(self.command, self.path, body, dict(self.headers))
                answer = line.getresponse()
                self.send_response_only(answer.status)
                for name, value in answer.getheaders():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.read())

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        # the handshake is left to each request's own thread
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        house = Acme(server.server_port, certificate)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield house
        finally:
            server.shutdown()
            thread.join()


def _certified(folder: Path) -> tuple[Path, Path]:
    """A certificate that vouches for itself, and its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, _NAME)])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(_NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    files = folder / "acme.pem", folder / "acme.key"
    files[0].write_bytes(certificate.public_bytes(pem))
    files[1].write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    return files
