"""A network's own words for a refusal, as members may read them (rule 21)."""

import re
import unicodedata

_LONGEST = 200
#: "Malformed access token EAAB…", and whatever else repeats what it was sent; an app password of Bluesky's is shorter
_SECRET = re.compile(r"[\w|+/=.~-]{25,}|\b\w{4}(?:-\w{4}){3}\b")


def reason_in(said: object) -> str:
    """On one line, without what may be a secret and without its full stop; empty when nothing was *said*."""
    if not isinstance(said, str):
        return ""
    shown = "".join(sign for sign in " ".join(said.split()) if unicodedata.category(sign) not in ("Cc", "Cs"))
    return _SECRET.sub("…", shown)[:_LONGEST].rstrip(".")
