"""Pages and pictures that a member names: fetched within bounds, and never from inside this network.

A name is resolved once, and the connection goes to an address that was checked; each redirect is looked at as the first
address was. No cookie is kept, and who asks is said.
"""

import asyncio
import socket
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any
from urllib.request import getproxies

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from grapevine.domain.errors import Refused, TryLater
from grapevine.networks.guard import check_name, is_public

_AGENT = "Grapevine/0.1 (fetches the cards and pictures of posts that people share)"
_MOVED = (301, 302, 303, 307, 308)
_HOPS = 5


@dataclass(frozen=True, slots=True)
class Fetched:
    """What stood at *url*, where the redirects ended; *said* is its Content-Type header as it came."""

    url: str
    said: str
    content: bytes = field(repr=False)
    whole: bool = True

    @property
    def kind(self) -> str:
        return self.said.partition(";")[0].strip().lower()


class TooLarge(Refused):
    """What stands there is larger than was asked for."""


async def fetch(
    url: str,
    what: str,
    *,
    most: int,
    seconds: float,
    kinds: Collection[str] = (),
    allow_private: bool,
    cut: bool = False,
) -> Fetched:
    """At most *most* bytes within *seconds*, redirects included; *what* begins the sentence of an error.

    Of a larger one its beginning where *cut*, else ``TooLarge``. Other content types than *kinds*, if any are given,
    and whatever will not be there later are ``Refused``; trouble that may pass is ``TryLater``.
    """
    headers = {"User-Agent": _AGENT, "Accept-Encoding": "identity", "Accept": ", ".join(kinds) or "*/*"}
    try:
        connector = aiohttp.TCPConnector(resolver=_Checked(allow_private), use_dns_cache=False)
        async with (
            asyncio.timeout(seconds),
            aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=5),
                trust_env=True,
            ) as session,
        ):
            place = _web(URL(url))
            for _ in range(_HOPS + 1):
                if not allow_private:
                    await _check(place)
                async with session.get(place, allow_redirects=False) as answer:
                    moved = answer.headers.get("Location") if answer.status in _MOVED else None
                    if moved is None:
                        return await _read(answer, what, most, kinds, cut=cut)
                    place = _web(answer.url.join(URL(moved)))
            raise Refused(f"{what}: it leads from place to place.")
    except (aiohttp.InvalidURL, ValueError):
        raise Refused(f"{what}: it is no address.") from None
    except (aiohttp.ClientError, TimeoutError, OSError):
        raise TryLater(f"{what} at the moment.") from None


async def _read(answer: aiohttp.ClientResponse, what: str, most: int, kinds: Collection[str], *, cut: bool) -> Fetched:
    if answer.status >= 500 or answer.status in (408, 429):
        raise TryLater(f"{what} at the moment (status {answer.status}).")
    if answer.status != 200:
        raise Refused(f"{what} (status {answer.status}).")
    said = answer.headers.get("Content-Type", "")
    if kinds and Fetched("", said, b"").kind not in kinds:
        raise Refused(f"{what}: it is something else ({answer.content_type}).")
    content = bytearray()
    while len(content) <= most and (chunk := await answer.content.read(min(65536, most + 1 - len(content)))):
        content += chunk
    if len(content) > most and not cut:
        raise TooLarge(f"{what}: it is larger than {most // 1_000_000} MB.")
    return Fetched(str(answer.url), said, bytes(content[:most]), len(content) <= most)


def _web(place: URL) -> URL:
    if place.scheme not in ("http", "https") or not place.host:
        raise ValueError
    return place


async def _check(place: URL) -> None:
    """Numbers are no names, so the resolver is not asked about them, nor about what goes through a proxy."""
    await asyncio.to_thread(check_name, place.host or "")


class _Checked(AbstractResolver):
    """Asked about what is connected to: where that is a proxy, it is the operator's choice and may be inside."""

    def __init__(self, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._proxies = {URL(proxy).host for scheme, proxy in getproxies().items() if scheme in ("http", "https")}
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found: list[Any] = await self._resolver.resolve(host, port, family)
        anywhere = self._allow_private or host in self._proxies
        allowed = [one for one in found if anywhere or is_public(one["host"])]
        if not allowed:
            raise OSError(None, "no public address")
        return allowed

    async def close(self) -> None:
        await self._resolver.close()
