"""Reactions: likes, comments and reshares, and the window in which they are gathered."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counts:
    """What a network tells of one placement; counts only, never who or what (rule 18)."""

    likes: int
    comments: int
    reshares: int

    @property
    def total(self) -> int:
        return self.likes + self.comments + self.reshares

    def rises_over(self, before: "Counts | None") -> bool:
        """A new reaction is a rise of any of the three since the last read (rule 13); the first read compares with 0."""
        old = before or Counts(0, 0, 0)
        return self.likes > old.likes or self.comments > old.comments or self.reshares > old.reshares
