"""What a picture or a video is by its first bytes, whatever its sender calls it."""

_BEGINNINGS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


def kind_of(content: bytes) -> str:
    """The content type of a JPEG, PNG, GIF or WebP; empty for anything else."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for beginning, kind in _BEGINNINGS if content.startswith(beginning)), "")


def is_heic(content: bytes) -> bool:
    """Whether it is a HEIC, as iPhones keep photos; no network takes one."""
    return content[4:8] == b"ftyp" and content[8:12] in (b"heic", b"heix", b"mif1", b"msf1")


def is_mp4(content: bytes) -> bool:
    """Whether it is a video in the MP4 container; QuickTime's own, which looks much the same, is none."""
    return content[4:8] == b"ftyp" and content[8:10] != b"qt"
