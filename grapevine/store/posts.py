"""Posts as they are kept, inside a share or an offer."""

from collections.abc import Mapping
from typing import Any

from grapevine.domain.posts import Image, Post, PostKind
from grapevine.store.records import fill


def post_in(raw: Mapping[str, Any]) -> Post:
    more = tuple(fill(Image, image) for image in raw.get("more", ()))
    return fill(Post, raw, kind=PostKind(raw["kind"]), more=more)
