"""Frozen values to JSON and back: short, without nulls, tolerant of fields that a newer version wrote."""

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any, TypeVar

V = TypeVar("V")


def pack(value: Any, before: str | None = None) -> str:
    """A dataclass as JSON, without what is None, empty or at its default.

    Fields of *before*, the JSON whose place it takes, that this version does not know stay as they are.
    """
    plain = asdict(value)
    unknown = {name: one for name, one in json.loads(before or "{}").items() if name not in plain}
    defaults = {field.name: field.default for field in fields(value)}
    kept = {name: one for name, one in plain.items() if one is not None and one != defaults.get(name)}
    return json.dumps(kept | unknown, separators=(",", ":"), ensure_ascii=False)


def unpack(kind: type[V], text: str, /, **also: Any) -> V:
    """The dataclass again; *also* wins over what is stored."""
    return fill(kind, json.loads(text), **also)


def fill(kind: type[V], stored: Mapping[str, Any], /, **also: Any) -> V:
    """The dataclass that *stored* describes, as far as this version knows its fields; *also* wins."""
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type]  # any dataclass
    return kind(**{**{name: one for name, one in stored.items() if name in known}, **also})
