"""Pictures as people have them: made by Pillow, with noise, so that they are as large as real ones."""

import io
from typing import Any

from PIL import Image, ImageCms

#: where the camera says that it stood, and when: no network is told
GPS = {1: "N", 2: (52.0, 31.0, 12.34), 3: "E", 4: (13.0, 24.0, 17.89), 18: "WGS-84"}
TAKEN = "2026:11:21 23:55:40"
CAMERA = "Beas Telefon"
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF>Unter den Linden 77</rdf:RDF></x:xmpmeta>'
#: what may stand nowhere in what arrives
TRACES = (b"Exif\0", b"Telefon", b"2026:11:21", b"Linden", b"xmpmeta", b"WGS-84")
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def exif(orientation: int = 1) -> bytes:
    """Of a phone: its name, the time, the place, and how it was held."""
    made = Image.Exif()
    made[0x0112], made[0x0110], made[0x0132] = orientation, CAMERA, TAKEN
    made.get_ifd(0x8825).update(GPS)
    made.get_ifd(0x8769)[0x9003] = TAKEN
    return made.tobytes()


def noise(width: int, height: int, strength: float = 40.0) -> Image.Image:
    """In colour; its upper left corner is red, so that one sees which way up it is."""
    grain = Image.effect_noise((width, height), strength)
    slope = Image.linear_gradient("L").resize((width, height))
    image = Image.merge("RGB", (slope, grain, Image.blend(slope, grain, 0.5)))
    image.paste((255, 0, 0), (0, 0, width // 4, height // 4))
    return image


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    made = io.BytesIO()
    image.save(made, kind, **options)
    return made.getvalue()


def photo(width: int = 640, height: int = 480, *, orientation: int = 1, strength: float = 40.0) -> bytes:
    """A JPEG as a phone makes it, with all that it writes into one."""
    about: dict[str, Any] = {"exif": exif(orientation), "icc_profile": PROFILE, "xmp": XMP, "comment": CAMERA}
    return saved(noise(width, height, strength), "JPEG", quality=92, **about)


def moving(kind: str = "GIF", width: int = 64, height: int = 64, frames: int = 3) -> bytes:
    first, *more = (noise(width, height, 10.0 + 20 * number) for number in range(frames))
    return saved(first, kind, save_all=True, append_images=more)


def shown(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def is_red(image: Image.Image, corner: tuple[int, int]) -> bool:
    """Whether the picture's red corner lies there."""
    pixel = image.convert("RGB").getpixel(corner)
    assert isinstance(pixel, tuple)
    return bool(pixel[0] > 200 and pixel[1] < 80 and pixel[2] < 80)
