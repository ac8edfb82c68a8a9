"""Where pictures are opened: a process for each, which holds no key and no token, and has little memory and time.

Run with ``-m``: what the network takes comes as JSON, the picture on standard input; on standard output a line of JSON
says its content type or why it does not fit, and the picture follows. The only place that imports Pillow.
"""

import io
import json
import struct
import sys
import warnings
import zlib
from collections.abc import Iterator
from contextlib import suppress
from enum import StrEnum
from typing import Any

from PIL import Image

from grapevine.domain.pictures import MOST_PIXELS, Takes
from workers.metadata import without_metadata

#: bytes; seconds of processor
MEMORY, SECONDS = 1 << 30, 20
#: pixels of the long side below which nobody would know a picture again
SMALLEST = 400
#: pixels of the long side that are plenty on a phone
_ENOUGH = 1000
_FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
_JPEG, _PNG = "image/jpeg", "image/png"
_QUALITIES = (90, 80, 70)
_STEP = 0.75
_PROFILES = {"L": b"GRAY", "RGB": b"RGB ", "RGBA": b"RGB "}
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Why(StrEnum):
    """Why a picture does not fit."""

    DAMAGED = "damaged"
    HUGE = "huge"
    MOVES = "moves"
    SMALL = "small"


class Lost(StrEnum):
    """What a picture had to lose, where anybody would see it."""

    NOTHING = ""
    SIZE = "size"
    TRANSPARENCY = "transparency"


class UnfitError(Exception):
    """*why* it does not fit."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


def fitted(content: bytes, takes: Takes, *, private: bool) -> tuple[bytes, str, Lost]:
    """The picture as the network takes it, and its content type; ``UnfitError``. The same picture gives the same bytes.

    One that is taken as it is stays so, byte for byte; a *private* one without its metadata.
    """
    try:
        image = _opened(content)
        kind, moves = _kind(image), _moves(image)
        if kind in takes.kinds and image.width * image.height <= takes.pixels:
            as_it_is = _bare(content, kind, image, moves=moves) if private else content
            if as_it_is and len(as_it_is) <= takes.size:
                image.draft(None, (1, 1))  # to the end, but at an eighth of a JPEG's size
                image.load()
                return as_it_is, kind, Lost.NOTHING
        if moves:
            raise UnfitError(Why.MOVES)
        return _made(content, takes)
    except (OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, EOFError, struct.error, zlib.error):
        raise UnfitError(Why.DAMAGED) from None  # all that Pillow's decoders are known to raise
    except (MemoryError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise UnfitError(Why.HUGE) from None


def _opened(content: bytes) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of metadata that is odd, which stays behind
        image = Image.open(io.BytesIO(content), formats=_FORMATS)
    if image.width * image.height > MOST_PIXELS:
        raise UnfitError(Why.HUGE)
    return image


def _kind(image: Image.Image) -> str:
    """A JPEG with further pictures behind it, as phones make them, is a JPEG."""
    return _JPEG if image.format == "MPO" else Image.MIME[str(image.format)]


def _moves(image: Image.Image) -> bool:
    return image.format != "MPO" and bool(getattr(image, "is_animated", False))


def _bare(content: bytes, kind: str, image: Image.Image, *, moves: bool) -> bytes:
    """Without metadata; empty where that would lay the picture on its side, or cannot be done."""
    if not moves and _turn(image) is not None:
        return b""
    try:
        return without_metadata(content, kind)
    except ValueError:
        if moves:
            raise UnfitError(Why.DAMAGED) from None
        return b""


def _turn(image: Image.Image) -> Image.Transpose | None:
    """How the camera was held, as far as it says so in a way that can be read."""
    with suppress(OSError, SyntaxError, ValueError, TypeError, KeyError, struct.error):
        return _TURNS.get(image.getexif().get(_ORIENTATION, 1))
    return None


def _made(content: bytes, takes: Takes) -> tuple[bytes, str, Lost]:
    image = _opened(content)
    whole, lost = max(image.size), Lost.NOTHING
    turn, drawn = _turn(image), image.format in ("PNG", "GIF")  # letters and lines, whose colours JPEG would smear
    scale = min(1.0, takes.side / max(image.size), (takes.pixels / (image.width * image.height)) ** 0.5)
    target = _scaled(image.size, scale)
    image.draft(None, target)
    image = _plain(image)
    if image.size != target:
        image = image.resize(target, Image.Resampling.LANCZOS)
    if turn is not None:
        image = image.transpose(turn)
    if image.mode == "RGBA" and _PNG in takes.kinds:
        for smaller in _smaller(image, max(image.size) // 2):
            if len(png := _saved(smaller, "PNG")) <= takes.size:
                return png, _PNG, lost
    if image.mode == "RGBA":
        image, lost = _on_white(image), Lost.TRANSPARENCY
    for smaller in _smaller(image, SMALLEST):
        for quality in _QUALITIES:
            jpeg = _saved(smaller, "JPEG", quality=quality, optimize=True, subsampling=0 if drawn else 2)
            if len(jpeg) <= takes.size:
                small = max(smaller.size) < min(_ENOUGH, whole // 2)
                return jpeg, _JPEG, lost or (Lost.SIZE if small else lost)
    raise UnfitError(Why.SMALL)


def _plain(image: Image.Image) -> Image.Image:
    """Grey, in colour, or in colour and with transparency: 8 bits each, and nothing else but its profile."""
    if image.has_transparency_data:
        plain = image.convert("RGBA")
        if plain.getchannel("A").getextrema() == (255, 255):
            plain = plain.convert("RGB")
    elif image.mode.startswith("I"):  # 16 bits of grey, of which convert() alone would keep the darkest
        plain = image.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    elif image.mode in ("1", "L"):
        plain = image.convert("L")
    else:
        plain = image.convert("RGB")
    profile = image.info.get("icc_profile") or b""
    plain.info = {"icc_profile": profile} if profile[16:20] == _PROFILES[plain.mode] else {}
    return plain


def _on_white(image: Image.Image) -> Image.Image:
    white = Image.new("RGBA", image.size, "white")
    white.alpha_composite(image)
    flat = white.convert("RGB")
    flat.info = dict(image.info)
    return flat


def _smaller(image: Image.Image, least: int) -> Iterator[Image.Image]:
    """The picture, and then smaller ones of it, whose long side is no shorter than *least*."""
    yield image
    scale = _STEP
    while max(image.size) * scale >= least:
        small = image.resize(_scaled(image.size, scale), Image.Resampling.LANCZOS)
        small.info = dict(image.info)
        yield small
        scale *= _STEP


def _scaled(size: tuple[int, int], scale: float) -> tuple[int, int]:
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    """With its profile and without anything else that Pillow knows of it."""
    made = io.BytesIO()
    image.save(made, kind, icc_profile=image.info.get("icc_profile"), **options)
    return made.getvalue()


def _bounded() -> None:
    """As far as the system lets a process bind itself; the caller's patience ends in any case."""
    try:
        import resource
    except ImportError:
        return
    for what, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_CORE, 0)):
        with suppress(OSError, ValueError):
            resource.setrlimit(what, (most, most))


def main() -> None:
    _bounded()
    asked = json.loads(sys.argv[1])
    takes = Takes(tuple(asked["kinds"]), asked["size"], asked["pixels"], asked["side"])
    try:
        content, kind, lost = fitted(sys.stdin.buffer.read(), takes, private=asked["private"])
    except UnfitError as error:
        content, said = b"", {"why": error.why.value}
    else:
        said = {"kind": kind, "lost": lost.value}
    sys.stdout.buffer.write(json.dumps(said).encode() + b"\n" + content)


if __name__ == "__main__":
    main()
