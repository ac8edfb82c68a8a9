"""How LinkedIn reads "little text": the text readers see, cut off in silence at the first unescaped reserved character.

Written apart from the client, so that the two cannot share a mistake.
"""

RESERVED = frozenset("\\|{}@[]()<>#*_~")


def visible(commentary: str) -> str:
    """What readers see of *commentary*."""
    shown: list[str] = []
    at = 0
    while at < len(commentary):
        character = commentary[at]
        following = commentary[at + 1 : at + 2]
        if character == "\\" and following in RESERVED and following:
            shown.append(following)
            at += 2
        elif character == "#" and _is_tag(commentary, at):
            shown.append(character)
            at += 1
        elif character in RESERVED:
            break
        else:
            shown.append(character)
            at += 1
    return "".join(shown)


def _is_tag(commentary: str, at: int) -> bool:
    """A hashtag begins a word and is made of letters and digits with at least one letter."""
    if at and (commentary[at - 1].isalnum() or commentary[at - 1] in "_#&/"):
        return False
    end = at + 1
    while end < len(commentary) and commentary[end].isalnum():
        end += 1
    return any(character.isalpha() for character in commentary[at + 1 : end])
