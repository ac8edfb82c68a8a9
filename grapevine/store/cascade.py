"""A share's visitors as a cascade of intsets, whose nodes hold so few tags that they stay as small as tags can be.

What goes where, ``scripts/click.lua`` decides; here are the nodes' names. Measured: docs/benchmarks.md.
"""

from collections.abc import Iterator

#: a node of the visitors' cascade holds so many tags, and each has four children
CAPACITY = 511
FAN_BITS = 2
#: 511 * (4 ** 8 - 1) / 3 = 11 million visitors of a share before the last level outgrows its intsets
LEVELS = 7


def nodes(root: str, tag: int, levels: int) -> Iterator[str]:
    """A tag's path through the cascade: the lowest bits choose the first child, the next ones its child, …"""
    for level in range(1, levels + 1):
        yield node(root, level, tag)


def node(root: str, level: int, tag: int) -> str:
    if level == 0:
        return root
    bits = FAN_BITS * level
    return f"{root}:{1 << bits | tag & (1 << bits) - 1:x}"
