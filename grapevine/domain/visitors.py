"""Who a visitor is: a network address, a family of browsers and a language, hashed with a key (rules 1 and 24)."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from ipaddress import IPv4Network, IPv6Network
from socket import AF_INET, AF_INET6, inet_pton

from grapevine.domain.agents import MOST

#: 4 or 16 bytes, as packets carry them: the standard library's address objects take ten times as long
Address = bytes
#: size in bytes, bits that are not compared, the others' value
Block = tuple[int, int, int]

_MAPPED = b"\0" * 10 + b"\xff\xff"
_LANGUAGE = re.compile(r"[ \t]*([A-Za-z]{2,8})(?![A-Za-z])")
#: two bytes; of a part no more is read than MOST characters of a user agent, four bytes each
_LENGTHS = [length.to_bytes(2, "big") for length in range(4 * MOST + 1)]
_FOR = re.compile(r'(?:^|;)[ \t]*for[ \t]*=[ \t]*("[^"]*"|[^;]*)', re.IGNORECASE)


def address_of(text: str) -> Address | None:
    """An address as proxies write it, with or without a port; IPv4-mapped IPv6 is folded. None when it is none."""
    return _packed(text) or _packed(_bare(text))


def _bare(text: str) -> str:
    said = text.strip().strip('"').strip()
    if said.startswith("["):
        said = said[1:].partition("]")[0]
    elif said.count(":") == 1:
        said = said.partition(":")[0]
    return said.partition("%")[0]


def _packed(text: str) -> Address | None:
    try:
        if ":" not in text:
            return inet_pton(AF_INET, text)
        address = inet_pton(AF_INET6, text)
    except (OSError, ValueError):
        return None
    return address[12:] if address.startswith(_MAPPED) else address


def blocks(networks: Iterable[IPv4Network | IPv6Network]) -> tuple[Block, ...]:
    """Networks as ``within`` wants them."""
    return tuple(
        (network.max_prefixlen // 8, bits, int(network.network_address) >> bits)
        for network in networks
        for bits in (network.max_prefixlen - network.prefixlen,)
    )


def within(address: Address, networks: Sequence[Block]) -> bool:
    size, number = len(address), int.from_bytes(address, "big")
    # a list, since any() of a generator takes twice as long
    return bool([True for own, bits, value in networks if size == own and number >> bits == value])


def client(peer: str, hops: Sequence[str], trusted: Sequence[Block]) -> Address | None:
    """Who asked: walking from the *peer* back through *hops* (leftmost first) as far as each teller is *trusted*.

    A hop that is no address ("unknown", an invention) ends the walk at the one who told it.
    """
    known = address_of(peer)
    if not trusted:
        return known
    for hop in reversed(hops):
        if known is None or not within(known, trusted):
            break
        told = address_of(hop)
        if told is None:
            break
        known = told
    return known


def hops(lines: Callable[[str], Sequence[str]], header: str = "") -> list[str]:
    """What proxies told, leftmost first; *lines* gives the lines of a header, which may stand there more than once.

    Proxies append to one header and hand on the others as the client forged them: so one is believed, the one named
    *header*, else X-Forwarded-For, else, if that is absent, Forwarded (RFC 7239).
    """
    name = header or "X-Forwarded-For"
    told = lines(name)
    if not told and not header:
        name = "Forwarded"
        told = lines(name)
    elements = [element for line in told for element in line.split(",")]
    return list(_fors(elements)) if name.lower() == "forwarded" else elements


def _fors(elements: Iterable[str]) -> Iterator[str]:
    for element in elements:
        found = _FOR.search(element)
        yield found[1] if found else ""


def net(address: Address | None) -> bytes:
    """What stands for an address: an IPv4 address, or the /64 of an IPv6 address, whose rest changes daily."""
    if address is None:
        return b""
    return b"4" + address if len(address) == 4 else b"6" + address[:8]


def language(accept_language: str) -> str:
    """The primary tag of the language that the browser asks for first; empty when it says none."""
    found = _LANGUAGE.match(accept_language)
    return found[1].lower() if found else ""


def share_key(secret: str, salt: str) -> bytes:
    """The key of one share's tags: nobody without the secret makes them, and nobody at all once the salt is gone."""
    master = hashlib.blake2b(secret.encode(), digest_size=64).digest()
    return hashlib.blake2b(salt.encode(), key=master, digest_size=32, person=b"share").digest()


def visitor_tag(key: bytes, net: bytes, family: str, language: str) -> int:
    """The visitor of one share, a signed 64-bit number."""
    return _tag(key, b"visitor", net, family.encode(errors="surrogateescape"), language.encode())


def source_tag(key: bytes, net: bytes) -> int:
    """The address alone, for the cap of rule 6; a signed 64-bit number."""
    return _tag(key, b"source", net)


def fingerprint(secret: str) -> str:
    """What tells a secret from another one without telling it; slow on purpose, so that a weak one is not guessed."""
    return hashlib.scrypt(secret.encode(), salt=b"grapevine visitors", n=2**14, r=8, p=1, dklen=8).hex()


def _tag(key: bytes, person: bytes, *parts: bytes) -> int:
    # each part with its length before it: no two visitors spell the same
    spelled = b"".join([_LENGTHS[len(part)] + part for part in parts])
    digest = hashlib.blake2b(spelled, key=key, digest_size=8, person=person).digest()
    return int.from_bytes(digest, "big", signed=True)
