"""Servers that a member names: only public addresses are spoken to, so that nobody can look into this network.

The name is resolved once, and the connection goes to the very address that was checked. Through a proxy it is the proxy
that resolves: there a name is refused only when this machine knows it as a private one.
"""

import ipaddress
import socket
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.connection import create_connection

from grapevine.domain.errors import Refused

#: IPv6 addresses that stand for an IPv4 one: https://www.rfc-editor.org/rfc/rfc6052
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Whether it is an address on the open internet: not private, loopback, link-local, multicast, or standing for one.

    https://www.iana.org/assignments/iana-ipv4-special-registry
    """
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if ip in _TRANSLATED:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if ip.is_site_local:  # by an older name what fc00::/7 is now
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def check_name(host: str) -> None:
    """``Refused`` when every address of *host* that this machine knows is a private one; one unknown here passes."""
    try:
        _public(host, 443)
    except OSError:
        return


def _public(host: str, port: int | None) -> list[str]:
    found = dict.fromkeys(str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    public = [address for address in found if is_public(address)]
    if not public:
        raise Refused(f"{host} is inside a private network. Grapevine speaks to servers on the open internet only.")
    return public


class _ToPublicAddress(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        try:
            addresses = _public(self.host.strip("[]"), self.port)
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        fault: OSError | None = None
        for address in addresses:
            try:
                return create_connection(
                    (address, self.port or self.default_port),
                    self.timeout,
                    source_address=self.source_address,
                    socket_options=self.socket_options,
                )
            except OSError as error:
                fault = error
        if isinstance(fault, TimeoutError):
            raise ConnectTimeoutError(self, "The connection timed out.") from fault
        raise NewConnectionError(self, "The connection could not be made.") from fault


class _HTTP(_ToPublicAddress, HTTPConnection): ...


class _HTTPS(_ToPublicAddress, HTTPSConnection): ...


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _HTTP


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _HTTPS


#: for ``urllib3.PoolManager.pool_classes_by_scheme``
PUBLIC_ONLY: dict[str, Any] = {"http": _HTTPPool, "https": _HTTPSPool}
