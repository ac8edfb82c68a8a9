"""When a share closes for clicks (rule 9): its numbers stay, its visitors are forgotten."""


def closes_at(born: float, last: float, window: float, longest: float) -> float:
    """*window* seconds after the last new visitor, at the latest *longest* seconds after it was shared at *born*.

    *last* is when the last new visitor came, 0 when nobody has.
    """
    return min(max(born, last) + window, born + longest)
