"""A post: something worth sharing."""

from dataclasses import dataclass
from enum import StrEnum


class PostKind(StrEnum):
    LINK = "link"
    ARTICLE = "article"
    IMAGE = "image"
    VIDEO = "video"

    @property
    def counts_clicks(self) -> bool:
        """Clicks are recorded for link and article posts only (rule 3)."""
        return self in (PostKind.LINK, PostKind.ARTICLE)


@dataclass(frozen=True, slots=True)
class Image:
    """A further image of an image post, and its description for people who cannot see it.

    *file* is Slack's id of one that was uploaded there; *url* is then where people see it in Slack.
    """

    url: str
    alt_text: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """*url* is the address that is shared; for an image or a video post, the media's own address.

    *more* are the further images of an image post, *file* is as an ``Image``'s.
    """

    kind: PostKind
    url: str
    title: str = ""
    description: str = ""
    alt_text: str = ""
    more: tuple[Image, ...] = ()
    file: str = ""

    @property
    def images(self) -> tuple[Image, ...]:
        """All images of an image post."""
        return (Image(self.url, self.alt_text, self.file), *self.more)


@dataclass(frozen=True, slots=True)
class Offer:
    """A post that an admin offers to the members of a workspace; times in epoch seconds."""

    id: str
    post: Post
    captions: tuple[str, ...]
    by: str  # Slack user id
    created: float
    expires: float | None = None

    def open(self, now: float) -> bool:
        return self.expires is None or now < self.expires
