"""What members would post, the same on every network where it can be."""

from grapevine.domain.posts import Post, PostKind
from grapevine.networks.base import Draft

LINK = "https://go.example.com/a1b2c3"
DRAFT = Draft(f"We built a thing & it <works> {LINK}", Post(PostKind.LINK, "https://example.com/thing"), LINK)
PIXEL = b"\x89PNG\r\n\x1a\n" + bytes(64)
IMAGE = Draft(
    "Our new office",
    Post(PostKind.IMAGE, "https://example.com/a.png", alt_text="A room"),
    None,
    (PIXEL, "image/png"),
)
CAPTION = f"We built a thing (really) & it #works: {LINK}"
#: one of each kind, for what holds on every network
DRAFTS = {
    "link": Draft(CAPTION, Post(PostKind.LINK, "https://example.com/thing", "A thing"), LINK),
    "article": Draft(CAPTION, Post(PostKind.ARTICLE, "https://example.com/thing", "A thing", "Long read"), LINK),
    "image": IMAGE,
}
