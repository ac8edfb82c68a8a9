"""The picture of an image post, fetched from its own address: bounded, and never from inside this network."""

import ipaddress
import socket
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from grapevine.domain.errors import Refused, TryLater

_MOST = 10 * 1024 * 1024
_KINDS = ("image/jpeg", "image/png", "image/gif", "image/webp")
_TIMEOUT = aiohttp.ClientTimeout(total=30, sock_connect=5)
_GONE = "The image of this post cannot be had from its address"
_LOOK = "Please open the address in a browser, and share the one at which you see nothing but the image."


async def fetch(url: str, *, allow_private: bool, hops: int = 5) -> tuple[bytes, str]:
    """Bytes and content type; ``Refused`` with a sentence, or ``TryLater``. *allow_private* is a setting.

    At most *hops* redirects are followed, each as carefully as the address itself.
    """
    connector = aiohttp.TCPConnector(resolver=_PublicOnly(allow_private), use_dns_cache=False)
    try:
        async with (
            aiohttp.ClientSession(connector=connector, timeout=_TIMEOUT, trust_env=True) as session,
            session.get(_allowed(url, allow_private), allow_redirects=False) as answer,
        ):
            if answer.status in (301, 302, 303, 307, 308) and (moved := answer.headers.get("Location")):
                if not hops:
                    raise Refused(f"{_GONE}: it leads from place to place. {_LOOK}")
                target = str(answer.url.join(URL(moved)))
                return await fetch(target, allow_private=allow_private, hops=hops - 1)
            if answer.status >= 500 or answer.status == 429:
                raise TryLater(f"{_GONE} at the moment (status {answer.status}).")
            if answer.status != 200:
                raise Refused(f"{_GONE} (status {answer.status}). {_LOOK}")
            if answer.content_type not in _KINDS:
                raise Refused(
                    f"What stands at the image's address is no JPEG, PNG, GIF or WebP ({answer.content_type}). {_LOOK}"
                )
            body = await answer.content.read(_MOST + 1)
            while len(body) <= _MOST and not answer.content.at_eof():
                body += await answer.content.read(_MOST + 1 - len(body))
            if len(body) > _MOST:
                raise Refused("The image is larger than 10 MB. Please share a smaller one.")
            return body, answer.content_type
    except (aiohttp.InvalidURL, ValueError) as error:
        raise Refused(f"{_GONE}: it is no address.") from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise TryLater(f"{_GONE} at the moment.") from error


def _allowed(url: str, allow_private: bool) -> str:
    """The resolver is not asked about a host that is a number already."""
    host = URL(url).host or ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return url
    if not allow_private and not address.is_global:
        raise Refused(f"{_GONE}: it is inside a private network.")
    return url


class _PublicOnly(AbstractResolver):
    def __init__(self, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found: list[Any] = await self._resolver.resolve(host, port, family)
        allowed = [one for one in found if self._allow_private or ipaddress.ip_address(one["host"]).is_global]
        if not allowed:
            raise OSError(None, "no public address")
        return allowed

    async def close(self) -> None:
        await self._resolver.close()
