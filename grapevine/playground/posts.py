"""The posts of a stand-in network, newest first, and the people who react to them."""

from typing import Any, ClassVar, Generic, Protocol, TypeVar


class Kept(Protocol):
    """*created* in epoch seconds."""

    @property
    def id(self) -> str: ...

    @property
    def created(self) -> float: ...


P = TypeVar("P", bound=Kept)


class Posts(Generic[P]):
    """What every stand-in does with posts; *counted*: a post's fields for its likes, comments and reshares."""

    counted: ClassVar[tuple[str, str, str]]

    def __init__(self) -> None:
        self._posts: dict[str, P] = {}

    def post(self, post_id: str) -> P | None:
        return self._posts.get(post_id)

    def remove(self, post_id: str) -> None:
        self._posts.pop(post_id, None)

    def newest(self) -> list[P]:
        """Of two that were made in one moment the later one comes first."""
        return sorted(self._posts.values(), key=lambda post: post.created)[::-1]

    def public(self) -> list[P]:
        """Those in the feed, newest first."""
        return self.newest()

    def react(self, post_id: str | None = None, likes: int = 0, comments: int = 0, reshares: int = 0) -> str | None:
        """Let people react to the post (negative: take it back), the newest by default; its id, None without one."""
        post = self.post(post_id) if post_id else next(iter(self.newest()), None)
        if post is None:
            return None
        for name, more in zip(self.counted, (likes, comments, reshares), strict=True):
            setattr(post, name, max(0, getattr(post, name) + more))
        return post.id

    def posts(self) -> list[dict[str, Any]]:
        """What `told` says of every post, newest first."""
        return [self.told(post) for post in self.newest()]

    def told(self, post: Any) -> dict[str, Any]:
        """Its id, text, url, and when it was created, in epoch seconds."""
        return {"id": post.id, "text": post.text, "url": post.url, "created": post.created}
