"""The rows of a receipt: each request to a gathering short link lands in exactly one, the first that fits (rule 7)."""

from enum import StrEnum


class Row(StrEnum):
    PREFETCH = "prefetch"
    PREVIEW = "preview"
    BOT = "bot"
    OWN = "own"
    COLLEAGUE = "colleague"
    CAPPED = "capped"
    REPEAT = "repeat"
    UNIQUE = "unique"
