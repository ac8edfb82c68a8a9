"""What is wrong with a caption before it is lost: links that are none, links that are short already (rules 3, 8)."""

import re
from dataclasses import dataclass

from grapevine.domain.links import links_in
from grapevine.domain.targets import shortened_already

#: endings that networks make clickable and that are seldom anything else; md, py, js, sh are file names more often
_ENDINGS = (
    "com org net edu gov io dev app co ai de fr es it nl be ch at uk eu us ca au jp cn in br se no fi dk pl cz pt ie"
    " info biz me tv blog shop site online tech cloud page news events jobs careers link ly gg fm so to xyz nz za mx"
).split()
_BARE = re.compile(
    r"(?<![\w@/.:#-])(?:www\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:" + "|".join(_ENDINGS) + r")"
    r"(?![\w-]|\.\w|@)(?::\d+)?(?:/[^\s<>\"“”«»]*)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence, and the caption as it would be with the matter put right (None when only the member can)."""

    text: str
    corrected: str | None = None


def bare_links(caption: str) -> list[tuple[int, int]]:
    """Where addresses without http:// or https:// stand: networks make them clickable, nobody counts them (rule 8)."""
    taken = links_in(caption)
    places = []
    for match in _BARE.finditer(caption):
        start, end = match.start(), match.start() + len(match[0].rstrip(".,;:!?'\"»”’…)"))
        if not any(start < after and before < end for before, after in taken):
            places.append((start, end))
    return places


def with_schemes(caption: str) -> str:
    """The caption with https:// before each bare address."""
    for start, _ in reversed(bare_links(caption)):
        caption = caption[:start] + "https://" + caption[start:]
    return caption


def remarks(caption: str, *, counts_clicks: bool) -> list[Remark]:
    """What a member should know about a caption before it goes out."""
    found = []
    bare = [caption[start:end] for start, end in bare_links(caption)]
    if bare:
        named = ", ".join(bare)
        which = "is not a link to Grapevine: it has" if len(bare) == 1 else "are not links to Grapevine: they have"
        found.append(
            Remark(
                f"{named} {which} no https://. Networks make it clickable, and those clicks would not be counted.",
                with_schemes(caption),
            )
        )
    urls = [caption[start:end] for start, end in links_in(caption)]
    short = [url for url in urls if shortened_already(url)]
    if short:
        found.append(
            Remark(
                f"{', '.join(short)} is a short link already. Better use the address that it leads to: "
                "readers see where it goes, and nothing is counted twice."
            )
        )
    if urls and not counts_clicks:
        found.append(Remark("Clicks are not counted for image and video posts, also not on the link in this caption."))
    return found
