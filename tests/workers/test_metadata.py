"""What a camera writes into a picture is taken out of it, and nothing of what it shows."""

import io
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from tests.photos import CAMERA, PROFILE, TRACES, XMP, exif, moving, noise, photo, saved, shown
from workers.metadata import without_metadata


def png() -> bytes:
    said = PngImagePlugin.PngInfo()
    said.add_text("Author", CAMERA)
    said.add_text("Place", CAMERA * 100, zip=True)
    said.add_itxt("XML:com.adobe.xmp", XMP.decode())
    return saved(noise(64, 48), "PNG", exif=exif(), pnginfo=said, icc_profile=PROFILE, dpi=(72, 72))


def webp(**about: object) -> bytes:
    return saved(noise(64, 48), "WEBP", exif=exif(), xmp=XMP, icc_profile=PROFILE, **about)


def gif() -> bytes:
    first, *more = (noise(64, 48, 10.0 + 20 * number) for number in range(3))
    return saved(first, "GIF", save_all=True, append_images=more, comment=CAMERA.encode(), loop=0, xmp=XMP)


SAID = {
    "image/jpeg": photo(64, 48),
    "image/png": png(),
    "image/webp": webp(),
    "image/gif": gif(),
    "image/webp that moves": webp(save_all=True, append_images=[noise(64, 48, 90.0)]),
}


@pytest.mark.parametrize("kind", SAID)
def test_everything_about_the_picture_goes_and_not_one_pixel(kind: str) -> None:
    content = SAID[kind]
    bare = without_metadata(content, kind.split(" ")[0])
    assert any(trace in content for trace in TRACES)
    assert [trace for trace in TRACES if trace in bare] == []
    before, after = shown(content), shown(bare)
    frames = getattr(before, "n_frames", 1)
    assert getattr(after, "n_frames", 1) == frames
    for number in range(frames):
        before.seek(number)
        after.seek(number)
        assert (after.size, after.convert("RGB").tobytes()) == (before.size, before.convert("RGB").tobytes())
    for about in ("icc_profile", "loop", "duration", "background"):
        assert after.info.get(about) == before.info.get(about), about
    assert dict(after.getexif()) == {}


@pytest.mark.parametrize("kind", SAID)
def test_a_picture_that_says_nothing_stays_as_it_is(kind: str) -> None:
    bare = without_metadata(SAID[kind], kind.split(" ")[0])
    assert without_metadata(bare, kind.split(" ")[0]) == bare


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (saved(noise(64, 48), "JPEG", progressive=True), "image/jpeg"),
        (saved(noise(64, 48), "JPEG", restart_marker_blocks=2), "image/jpeg"),
        (saved(noise(64, 48).convert("CMYK"), "JPEG"), "image/jpeg"),
        (saved(noise(64, 48).convert("P"), "PNG", transparency=0), "image/png"),
        (saved(noise(63, 47), "WEBP", lossless=True), "image/webp"),
        (moving(), "image/gif"),
        (moving("PNG"), "image/png"),
        (moving("WEBP"), "image/webp"),
    ],
)
def test_what_only_shows_a_picture_is_kept_byte_for_byte(content: bytes, kind: str) -> None:
    assert without_metadata(content, kind) == content


def test_what_phones_put_behind_the_end_of_a_photo_goes() -> None:
    plain = saved(noise(64, 48), "JPEG")
    film = b"\0\0\0\x18ftypmp42" + CAMERA.encode()
    assert without_metadata(plain + film, "image/jpeg") == plain
    several = io.BytesIO()
    noise(64, 48).save(several, "MPO", save_all=True, append_images=[noise(64, 48)], exif=exif())
    bare = without_metadata(several.getvalue(), "image/jpeg")
    assert Image.open(several).format == "MPO"
    assert Image.open(io.BytesIO(bare)).format == "JPEG"
    assert b"MPF" not in bare


def test_a_gif_that_does_not_say_that_it_ends_is_one_all_the_same() -> None:
    content = moving()
    assert without_metadata(content[:-1], "image/gif") == content


def test_what_nobody_here_has_heard_of_goes() -> None:
    jpeg, secret = saved(noise(8, 8), "JPEG"), b"\0\x10" + b"where we were."
    odd = jpeg[:2] + b"\xff\xe9" + secret + b"\xff\xff\xfe" + secret + jpeg[2:]
    assert without_metadata(odd, "image/jpeg") == jpeg
    png = saved(noise(8, 8), "PNG")
    chunk = struct.pack(">I", 5) + b"whRe5:4:3" + struct.pack(">I", zlib.crc32(b"whRe5:4:3"))
    assert without_metadata(png[:33] + chunk + png[33:] + b"trailer", "image/png") == png


@pytest.mark.parametrize("kind", SAID)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_broken_picture_ends_in_a_picture_or_in_one_error(kind: str, data: st.DataObject) -> None:
    content = bytearray(SAID[kind][:6000])
    for _ in range(data.draw(st.integers(0, 4))):
        content[data.draw(st.integers(12, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(content[: data.draw(st.integers(14, len(content)))])
    try:
        bare = without_metadata(cut, kind.split(" ")[0])
    except ValueError:
        return
    assert len(bare) <= len(cut) + 1  # the sign of a GIF's end
