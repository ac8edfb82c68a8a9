"""What is made of a picture that a network would not take: real bytes, made and read by Pillow."""

import io
import json
import subprocess
import sys
from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from grapevine.domain.pictures import MOST_PIXELS, Takes
from tests.photos import PROFILE, TRACES, XMP, exif, is_red, moving, noise, photo, saved, shown
from workers import darkroom
from workers.darkroom import Lost, UnfitError, Why, fitted

JPEG, PNG, GIF, WEBP = "image/jpeg", "image/png", "image/gif", "image/webp"
ALL = Takes((JPEG, PNG, GIF, WEBP), 1_000_000)
PLAIN = Takes((JPEG, PNG, GIF), 1_000_000)


def why(content: bytes, takes: Takes, *, private: bool = True) -> Why:
    with pytest.raises(UnfitError) as caught:
        fitted(content, takes, private=private)
    return caught.value.why


def faded(width: int = 600, height: int = 400) -> Image.Image:
    """From nothing at the top to everything at the bottom."""
    image = noise(width, height)
    image.putalpha(Image.linear_gradient("L").resize((width, height)))
    return image


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_what_a_network_takes_stays_byte_for_byte(kind: str) -> None:
    content = saved(noise(64, 48), kind)
    for private in (False, True):
        assert fitted(content, ALL, private=private) == (content, Image.MIME[kind], Lost.NOTHING)


def test_a_large_photo_becomes_a_good_smaller_one() -> None:
    content = photo(3000, 2000)
    assert len(content) > 2 * ALL.size
    made, kind, _ = fitted(content, replace(ALL, side=2000), private=True)
    image = shown(made)
    assert (kind, image.size) == (JPEG, (2000, 1333))
    assert len(made) <= ALL.size
    assert is_red(image, (10, 10))
    assert image.info["icc_profile"] == PROFILE


def test_quality_is_given_up_before_pixels_and_pixels_before_the_picture() -> None:
    content = photo(900, 600)
    sizes = [shown(fitted(content, replace(ALL, size=most), private=True)[0]).width for most in (200_000, 40_000)]
    assert sizes[0] == 900
    assert 400 <= sizes[1] < 900
    assert why(content, replace(ALL, size=4000)) is Why.SMALL


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("takes", [ALL, replace(ALL, size=30_000)])
def test_a_photo_stands_as_it_was_taken(orientation: int, takes: Takes) -> None:
    upright = noise(640, 480, 10.0)
    back = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    lying = upright.transpose(back[orientation]) if orientation in back else upright
    made, _, _ = fitted(saved(lying, "JPEG", exif=exif(orientation)), takes, private=True)
    image = shown(made)
    assert image.width > image.height
    assert is_red(image, (10, 10))
    assert not is_red(image, (image.width - 10, image.height - 10))


def test_transparency_stays_where_the_network_knows_it_and_else_lies_on_white() -> None:
    content = saved(faded(), "WEBP", lossless=True)
    made, kind, _ = fitted(content, PLAIN, private=True)
    assert kind == PNG
    alpha = shown(made).getchannel("A").getextrema()
    assert alpha == (0, 255)
    made, kind, _ = fitted(content, Takes((JPEG,), 1_000_000), private=True)
    assert kind == JPEG
    red, green, blue = shown(made).getpixel((300, 0))  # type: ignore[misc]  # a pixel in colour
    assert min(red, green, blue) > 240


def test_what_a_picture_lost_is_said_where_anybody_would_see_it() -> None:
    whole = photo(1800, 1200)
    lost = [fitted(whole, replace(PLAIN, size=most), private=True)[2] for most in (10**6, 300_000, 60_000)]
    assert lost == [Lost.NOTHING, Lost.NOTHING, Lost.SIZE]
    assert fitted(photo(500, 400), replace(PLAIN, size=100_000), private=True)[2] is Lost.NOTHING
    clear = saved(faded(), "PNG")
    lost = [fitted(clear, replace(PLAIN, size=most), private=True)[2] for most in (10**6, len(clear) - 1, 60_000)]
    assert lost == [Lost.NOTHING, Lost.NOTHING, Lost.TRANSPARENCY]


def test_transparency_gives_way_where_half_the_picture_would_not_do() -> None:
    content = saved(faded(), "PNG")
    assert fitted(content, replace(PLAIN, size=len(content) - 1), private=True)[1] == PNG
    made, kind, _ = fitted(content, replace(PLAIN, size=60_000), private=True)
    assert (kind, shown(made).width) == (JPEG, 600)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "CMYK"])
@pytest.mark.parametrize("private", [False, True])
def test_every_mode_of_colour_arrives_as_a_picture(mode: str, private: bool) -> None:
    grey = Image.linear_gradient("L").resize((500, 500))
    if mode == "I;16":
        image = grey.convert("I").point(lambda value: value * 257).convert("I;16")
    else:
        image = grey.convert("RGB").convert(mode)
    content = saved(image, "JPEG" if mode == "CMYK" else "PNG")
    made, kind, _ = fitted(content, Takes((WEBP, JPEG), 1_000_000, 200_000), private=private)
    shaded = shown(made).convert("L")
    assert kind == JPEG
    assert max(shaded.size) < 500
    shades = [shaded.getpixel((200, y)) for y in (20, 220, 420)]
    if mode not in ("1", "P"):
        assert shades == pytest.approx([11, 126, 240], abs=20)


@pytest.mark.parametrize(("width", "height"), [(30_000, 1), (1, 30_000), (1, 1)])
def test_odd_shapes_do_no_harm(width: int, height: int) -> None:
    content = saved(Image.new("RGB", (width, height), "red"), "PNG")
    made, kind, _ = fitted(content, Takes((JPEG,), 1_000_000), private=True)
    assert kind == JPEG
    assert max(shown(made).size) == min(max(width, height), Takes((), 0).side)


def test_a_small_picture_is_not_refused_for_being_small() -> None:
    made, kind, _ = fitted(saved(noise(32, 32), "WEBP"), PLAIN, private=True)
    assert (kind, shown(made).size) == (JPEG, (32, 32))


def test_more_pixels_than_a_network_shows_are_made_fewer() -> None:
    made, _, _ = fitted(photo(1000, 800), replace(ALL, pixels=200_000), private=True)
    image = shown(made)
    assert 150_000 < image.width * image.height <= 200_500


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_what_moves_is_never_made_to_stand_still(kind: str) -> None:
    content = moving(kind)
    assert fitted(content, ALL, private=True)[0] == content
    assert why(content, replace(ALL, size=len(content) - 1)) is Why.MOVES
    assert why(content, replace(ALL, kinds=(JPEG,))) is Why.MOVES


def test_what_is_damaged_no_picture_or_another_kind_of_one_is_not_guessed_at() -> None:
    content = photo()
    tiff = saved(noise(8, 8), "TIFF")
    for broken in (b"", b"words", content[:1000], content[:-5000], tiff, saved(noise(8, 8), "PNG")[:60]):
        assert why(broken, ALL) is Why.DAMAGED
        assert why(broken, ALL, private=False) is Why.DAMAGED


def test_a_moving_picture_whose_parts_are_out_of_order_is_damaged_and_not_too_large() -> None:
    content = moving()
    strange = content[:-1] + b"\x07" + content[-1:]
    assert why(strange, ALL) is Why.DAMAGED
    assert fitted(strange, ALL, private=False)[0] == strange


@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_nothing_that_a_camera_said_is_in_what_was_made_anew(kind: str, private: bool) -> None:
    about: dict[str, Any] = {"exif": exif(6), "icc_profile": PROFILE}
    if kind == "PNG":
        said = PngInfo()
        said.add_text("Place", "Unter den Linden")
        said.add_itxt("XML:com.adobe.xmp", XMP.decode())
        about["pnginfo"] = said
    else:
        about["xmp"] = XMP
    image = noise(600, 400) if kind == "JPEG" else faded()
    content = saved(image, kind, **about)
    for takes in (Takes((JPEG, PNG), 10**6, 100_000), Takes((JPEG,), 60_000)):
        made, _, _ = fitted(content, takes, private=private)
        assert [trace for trace in TRACES if trace in made] == []
        assert shown(made).info["icc_profile"] == PROFILE
        assert shown(made).height > shown(made).width


def test_a_bomb_is_not_opened() -> None:
    content = saved(Image.new("1", (10_000, MOST_PIXELS // 10_000 + 1)), "PNG")
    assert why(content, ALL) is Why.HUGE


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_whatever_comes_in_a_picture_comes_out_or_one_error(data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from(ODD)))
    for _ in range(data.draw(st.integers(0, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    takes = data.draw(st.sampled_from([ALL, Takes((JPEG,), 3000), Takes((JPEG, PNG), 2000, 500)]))
    cut = bytes(content[: data.draw(st.integers(0, len(content)))])
    try:
        made, kind, _ = fitted(cut, takes, private=data.draw(st.booleans()))
    except UnfitError:
        return
    assert kind in takes.kinds
    assert len(made) <= takes.size
    assert shown(made).size != (0, 0)


ODD = [
    photo(40, 30, orientation=6),
    saved(faded(40, 30), "PNG", exif=exif(8)),
    saved(noise(40, 30).convert("P"), "PNG", transparency=3),
    saved(faded(40, 30), "WEBP", exif=exif(3)),
    moving("GIF", 20, 20),
    moving("WEBP", 20, 20),
    saved(Image.new("I;16", (20, 20), 700), "PNG"),
]


def developed(content: bytes, **asked: Any) -> tuple[dict[str, str], bytes]:
    """By the program itself."""
    words = json.dumps({**asdict(ALL), "private": True, **asked})
    done = subprocess.run(
        [sys.executable, "-m", "workers.darkroom", words], input=content, stdout=subprocess.PIPE, check=True
    )
    said, _, made = done.stdout.partition(b"\n")
    return json.loads(said), made


def test_the_program_says_what_it_made_or_why_not() -> None:
    content = photo()
    assert developed(content) == ({"kind": JPEG, "lost": ""}, fitted(content, ALL, private=True)[0])
    assert developed(b"words") == ({"why": "damaged"}, b"")


def test_what_wants_more_memory_than_there_is_is_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    def greedy(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(darkroom, "_made", greedy)
    assert why(photo(), replace(ALL, size=1)) is Why.HUGE


def test_pictures_are_the_same_to_the_letter_in_every_process() -> None:
    content = photo(900, 700, orientation=6)
    several = {developed(content, size=60_000)[1] for _ in range(2)} | {
        fitted(content, replace(ALL, size=60_000), private=True)[0]
    }
    assert len(several) == 1
    assert Image.open(io.BytesIO(several.pop())).size[0] < 700
