"""Frozen values to JSON and back: short, without nulls, tolerant of fields that a newer version wrote."""

import json
from dataclasses import asdict, fields
from typing import Any, TypeVar

V = TypeVar("V")


def pack(value: Any) -> str:
    """A dataclass as JSON, without what is None, empty or at its default."""
    plain = asdict(value)
    defaults = {field.name: field.default for field in fields(value)}
    kept = {name: one for name, one in plain.items() if one is not None and one != defaults.get(name)}
    return json.dumps(kept, separators=(",", ":"), ensure_ascii=False)


def unpack(kind: type[V], text: str, **also: Any) -> V:
    """The dataclass again; *also* wins over what is stored."""
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type]  # any dataclass
    stored = {name: one for name, one in json.loads(text).items() if name in known}
    return kind(**{**stored, **also})
