"""Lua scripts, one file each; every key that a script touches is passed in KEYS (design §4)."""

from functools import cache
from importlib.resources import files

from grapevine.store.commands import Client, Script


@cache
def source(name: str) -> str:
    """The text of one script."""
    return (files(__package__) / f"{name}.lua").read_text()


def script(redis: Client, name: str) -> Script:
    """The script bound to a client: sent by its hash, and once more in full when the server has forgotten it."""
    return redis.register_script(source(name))
