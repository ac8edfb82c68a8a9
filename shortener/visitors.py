"""Who stands behind a request: address, family of browsers, language. None of it outlives the request."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

from aiohttp import web

from grapevine.domain.visitors import blocks, client, hops, language, net, source_tag, visitor_tag, within

Networks = Sequence[IPv4Network | IPv6Network]


@dataclass(frozen=True, slots=True)
class Visitor:
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

    def of(self, request: web.BaseRequest) -> Visitor:
        told = hops(lambda name: request.headers.getall(name, ()), self._header) if self._trusted else ()
        address = client(request.remote or "", told, self._trusted)
        colleague = bool(self._company) and address is not None and within(address, self._company)
        return Visitor(net(address), language(request.headers.get("Accept-Language", "")), colleague)
