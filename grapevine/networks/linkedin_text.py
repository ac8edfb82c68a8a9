"""LinkedIn's "little text": a commentary in which reserved characters must be escaped.

An unescaped one does not fail: the post is cut off there, silently, and answered with 201.
https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/little-text-format
"""

import re

# An address is escaped wholly (its # is a fragment). A hashtag (letters and digits, at least one letter) keeps its #.
_PARTS = re.compile(
    r"""(?P<address>https?://\S+)
      | (?<![\w&\#/])\#(?P<tag>[^\W_]*[^\W\d_][^\W_]*)
      | (?P<reserved>[\\|{}@\[\]()<>\#*_~])""",
    re.VERBOSE | re.IGNORECASE,
)
_RESERVED = re.compile(r"[\\|{}@\[\]()<>#*_~]")


def little(text: str) -> str:
    """*text* as commentary: reserved characters escaped, ``#hashtags`` left to work."""
    return _PARTS.sub(_escape, text)


def _escape(part: re.Match[str]) -> str:
    if part["tag"] is not None:
        return part[0]
    return _RESERVED.sub(r"\\\g<0>", part[0])


def length(text: str) -> int:
    """UTF-16 units of the commentary, escapes included.

    LinkedIn does not say whether its 3000 are counted before or after the escapes: this is the safe reading.
    """
    return len(little(text).encode("utf-16-le", "surrogatepass")) // 2
