"""Who stands behind a request: address, family of browsers, language. None of it outlives the request."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network
from typing import NamedTuple

from multidict import MultiMapping

from grapevine.domain.visitors import blocks, client, hops, language, net, source_tag, visitor_tag, within

Networks = Sequence[IPv4Network | IPv6Network]
#: looked up in any case
Headers = MultiMapping[str]


class Visitor(NamedTuple):
    """*net* stands for the address; *colleague* when it is one of the company's (rule 6)."""

    net: bytes
    language: str
    colleague: bool

    def tag(self, key: bytes, family: str) -> int:
        return visitor_tag(key, self.net, family, self.language)

    def source(self, key: bytes) -> int:
        return source_tag(key, self.net)


class Visitors:
    """*trusted* proxies are believed about who asked them; the *company*'s addresses are colleagues'."""

    def __init__(self, trusted: Networks, company: Networks, header: str = "") -> None:
        self._trusted, self._company, self._header = blocks(trusted), blocks(company), header

    @property
    def names(self) -> Sequence[str]:
        """The headers that are looked at."""
        return "Accept-Language", self._header or "X-Forwarded-For", "Forwarded"

    def of(self, peer: str, headers: Headers) -> Visitor:
        told = hops(lambda name: headers.getall(name, ()), self._header) if self._trusted else ()
        address = client(peer, told, self._trusted)
        colleague = bool(self._company) and address is not None and within(address, self._company)
        return Visitor(net(address), language(headers.get("Accept-Language", "")), colleague)
