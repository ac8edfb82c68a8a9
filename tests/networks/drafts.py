"""What members would post, the same on every network where it can be."""

from grapevine.domain.posts import Post, PostKind
from grapevine.networks.base import Draft, Picture

LINK = "https://go.example.com/a1b2c3"
DRAFT = Draft(f"We built a thing & it <works> {LINK}", Post(PostKind.LINK, "https://example.com/thing"), LINK)
PIXEL = b"\x89PNG\r\n\x1a\n" + bytes(64)
IMAGE = Draft(
    "Our new office",
    Post(PostKind.IMAGE, "https://example.com/a.png", alt_text="A room"),
    None,
    (PIXEL, "image/png"),
)
IMAGES = Draft(
    "Our new offices",
    IMAGE.post,
    None,
    IMAGE.media,
    more=(Picture(PIXEL + b"2", "image/png", "A desk"), Picture(PIXEL + b"3", "image/png")),
)
MP4 = b"\0\0\0\x18ftypmp42" + bytes(range(256)) * 400
VIDEO = Draft("Watch", Post(PostKind.VIDEO, "https://example.com/a.mp4", "A film"), None, (MP4, "video/mp4"))
CAPTION = f"We built a thing (really) & it #works: {LINK}"
#: one of each kind, for what holds on every network
DRAFTS = {
    "link": Draft(CAPTION, Post(PostKind.LINK, "https://example.com/thing", "A thing"), LINK),
    "article": Draft(CAPTION, Post(PostKind.ARTICLE, "https://example.com/thing", "A thing", "Long read"), LINK),
    "image": IMAGE,
    "images": IMAGES,
}
