"""Whose address stands behind a request. It does not outlive the request."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network
from typing import NamedTuple

from grapevine.domain.visitors import blocks, client, hops, net, within
from shortener.asked import Lines

Networks = Sequence[IPv4Network | IPv6Network]


class Visitor(NamedTuple):
    """*net* stands for the address; *colleague* when it is one of the company's (rule 6)."""

    net: bytes
    colleague: bool


class Visitors:
    """*trusted* proxies are believed about who asked them; the *company*'s addresses are colleagues'."""

    def __init__(self, trusted: Networks, company: Networks, header: str = "") -> None:
        self._trusted, self._company, self._header = blocks(trusted), blocks(company), header
        #: the headers that they tell it in
        self.telling = frozenset(name.lower().encode() for name in (header or "X-Forwarded-For", "Forwarded"))

    def of(self, peer: str, told: Lines) -> Visitor:
        """*told* are the lines of the headers that are ``telling``."""
        said = hops(lambda name: _of(name.lower().encode(), told), self._header) if self._trusted else ()
        address = client(peer, said, self._trusted)
        colleague = bool(self._company) and address is not None and within(address, self._company)
        return Visitor(net(address), colleague)


def _of(wanted: bytes, lines: Lines) -> list[str]:
    return [value.decode("utf-8", "surrogateescape") for name, value in lines if name == wanted]
