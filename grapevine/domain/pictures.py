"""What pictures a network takes."""

from dataclasses import dataclass

#: pixels that are looked at; phones take up to 50 million in one picture
MOST_PIXELS = 50_000_000


@dataclass(frozen=True, slots=True)
class Takes:
    """Content types, the largest *size* in bytes, and the most *pixels* of one picture, where the network says.

    *side*: what has to be made anew is made no wider and no higher than so many pixels; more is shown to nobody there.
    """

    kinds: tuple[str, ...]
    size: int
    pixels: int = MOST_PIXELS
    side: int = 4032
