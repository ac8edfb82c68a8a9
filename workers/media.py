"""The picture of an image post, fetched from its own address: bounded, and never from inside this network."""

from grapevine.domain.errors import Refused
from grapevine.networks.pictures import kind_of
from grapevine.networks.web import TooLarge
from grapevine.networks.web import fetch as fetch_from

_MOST = 10_000_000
_SECONDS = 30.0
_GONE = "The image of this post cannot be had from its address"
_LOOK = "Please open the address in a browser, and share the one at which you see nothing but the image."


async def fetch(url: str, *, allow_private: bool) -> tuple[bytes, str]:
    """Bytes and content type; ``Refused`` with a sentence, or ``TryLater``. *allow_private* is a setting."""
    try:
        found = await fetch_from(url, _GONE, most=_MOST, seconds=_SECONDS, allow_private=allow_private)
    except TooLarge:
        raise Refused("The image is larger than 10 MB. Please share a smaller one.") from None
    except Refused as error:
        raise Refused(f"{error} {_LOOK}") from None
    kind = kind_of(found.content)
    if not kind:
        raise Refused(f"What stands at the image's address is no JPEG, PNG, GIF or WebP ({found.kind}). {_LOOK}")
    return found.content, kind
