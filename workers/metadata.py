"""Pictures without what tells where, when and with what they were taken; not one pixel is touched.

Of each format only what shows the picture is kept (its colours among it), so that what nobody here has heard of goes,
too: JPEG (https://www.w3.org/Graphics/JPEG/itu-t81.pdf), PNG (https://www.w3.org/TR/png-3/#11Ancillary-chunks),
GIF (https://www.w3.org/Graphics/GIF/spec-gif89a.txt), WebP (https://developers.google.com/speed/webp/docs/riff_container).
"""

import re
from collections.abc import Iterator

#: the end of a JPEG's scan: a marker which is neither an escaped 0xFF nor the start of a next stretch of it
_MARKER = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")
_JPEG_KEPT = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
_PNG_KEPT = set(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP mDCV cLLI sBIT bKGD hIST pHYs sPLT acTL fcTL fdAT".split()
)
_GIF_KEPT = (b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012")
_WEBP_KEPT = (b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP")
_WEBP_EXIF_AND_XMP = 0x0C


def without_metadata(content: bytes, kind: str) -> bytes:
    """The same picture; the very same bytes where there is nothing to take out. ``ValueError``: it is not as it ought.

    What stands behind the picture's end goes as well: phones put films and second pictures there.
    """
    parts = {"image/jpeg": _jpeg, "image/png": _png, "image/gif": _gif, "image/webp": _webp}[kind]
    try:
        kept = b"".join(parts(content))
    except IndexError:
        raise ValueError("it ends too early") from None
    if kind == "image/webp":
        return kept[:4] + (len(kept) - 8).to_bytes(4, "little") + kept[8:]
    return kept


def _jpeg(content: bytes) -> Iterator[bytes]:
    yield content[:2]
    at, marker = 2, 0
    while marker != 0xD9:
        found = _MARKER.match(content, at)
        if not found:
            raise ValueError("no marker where there has to be one")
        at, marker = found.end(), content[found.end() - 1]
        if marker == 0xD9:
            yield b"\xff\xd9"
            return
        end = at + int.from_bytes(content[at : at + 2])
        if not at + 2 <= end <= len(content):
            raise ValueError("a segment that ends nowhere")
        if marker == 0xDA:  # what is shown follows its segment, up to the next marker
            scan = _MARKER.search(content, end)
            if not scan:
                raise ValueError("no end")
            end = scan.start()
        wanted = _JPEG_KEPT.get(marker, b"" if marker != 0xFE and not 0xE0 <= marker <= 0xEF else None)
        if wanted is not None and content.startswith(wanted, at + 2):
            yield bytes((0xFF, marker)) + content[at:end]
        at = end


def _png(content: bytes) -> Iterator[bytes]:
    yield content[:8]
    at, name = 8, b""
    while name != b"IEND":
        end = at + 12 + int.from_bytes(content[at : at + 4])
        name = content[at + 4 : at + 8]
        if end > len(content):
            raise ValueError("a chunk that ends nowhere")
        if name in _PNG_KEPT:
            yield content[at:end]
        at = end


def _gif(content: bytes) -> Iterator[bytes]:
    at = 13 + _colours(content[10])
    yield content[:at]
    while content[at : at + 1] not in (b"\x3b", b""):  # some end without saying so
        start, sign = at, content[at]
        if sign == 0x2C:
            at = _blocks(content, at + 11 + _colours(content[at + 9]))
            yield content[start:at]
            continue
        if sign != 0x21:
            raise ValueError("no block where there has to be one")
        at = _blocks(content, at + 2)
        label, name = content[start + 1], content[start + 3 : start + 14]
        if label == 0xF9 or (label == 0xFF and name in _GIF_KEPT):
            yield content[start:at]
    yield b"\x3b"


def _colours(flags: int) -> int:
    """Bytes of a table of colours."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _blocks(content: bytes, at: int) -> int:
    """Where a row of blocks ends, the empty one at its end included."""
    while content[at]:
        at += content[at] + 1
    return at + 1


def _webp(content: bytes) -> Iterator[bytes]:
    yield content[:12]
    at, whole = 12, 8 + int.from_bytes(content[4:8], "little")
    while at + 8 <= whole:
        name, size = content[at : at + 4], int.from_bytes(content[at + 4 : at + 8], "little")
        end = at + 8 + size + size % 2
        if at + 8 + size > len(content):
            raise ValueError("a chunk that ends nowhere")
        if name == b"VP8X":
            flags = content[at + 8] & ~_WEBP_EXIF_AND_XMP
            yield content[at : at + 8] + bytes((flags,)) + content[at + 9 : end]
        elif name in _WEBP_KEPT:
            yield content[at:end]
        at = end
