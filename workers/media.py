"""Pictures and the video of a post, fetched from their own addresses: bounded, and never from inside this network."""

from grapevine.domain.errors import Refused
from grapevine.networks.pictures import is_heic, is_mp4, kind_of
from grapevine.networks.web import TooLarge
from grapevine.networks.web import fetch as fetch_from

#: bytes
LARGEST, LARGEST_VIDEO = 20_000_000, 100_000_000
_SECONDS, _SECONDS_FOR_VIDEO = 30.0, 120.0
HEIC = (
    "The picture is a HEIC, which networks do not take. Please share it as a JPEG: an iPhone makes them with "
    "Settings → Camera → Formats → Most Compatible."
)
_LOOK = "Please open the address in a browser, and share the one at which you see nothing but the"


async def fetch(url: str, *, allow_private: bool, video: bool = False) -> tuple[bytes, str]:
    """Bytes and content type; ``Refused`` with a sentence, or ``TryLater``. *allow_private* is a setting."""
    what = "video" if video else "image"
    most, seconds = (LARGEST_VIDEO, _SECONDS_FOR_VIDEO) if video else (LARGEST, _SECONDS)
    gone = f"The {what} of this post cannot be had from its address"
    try:
        found = await fetch_from(url, gone, most=most, seconds=seconds, allow_private=allow_private)
    except TooLarge:
        raise Refused(f"The {what} is larger than {most // 1_000_000} MB. Please share a smaller one.") from None
    except Refused as error:
        raise Refused(f"{error} {_LOOK} {what}.") from None
    kind = kind_in(found.content, video=video)
    if not kind and is_heic(found.content):
        raise Refused(HEIC)
    if not kind:
        none = "MP4" if video else "JPEG, PNG, GIF or WebP"
        raise Refused(f"What stands at the {what}'s address is no {none} ({found.kind}). {_LOOK} {what}.")
    return found.content, kind


def kind_in(content: bytes, *, video: bool) -> str:
    """The content type by the first bytes; empty when it is something else."""
    if video:
        return "video/mp4" if is_mp4(content) else ""
    return kind_of(content)
