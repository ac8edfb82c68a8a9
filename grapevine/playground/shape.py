"""The parts of which Block Kit checks are made: each looks at one value and notes what Slack would refuse."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Surface = Literal["message", "modal", "home"]


@dataclass
class Findings:
    """What was found in one payload, in Slack's words, and what may occur only once or so often in it."""

    surface: Surface
    refuse_charts: bool = False
    messages: list[str] = field(default_factory=list)
    block_ids: set[str] = field(default_factory=set)
    focused: int = 0
    charts: int = 0
    charts_refused: bool = False

    def note(self, pointer: str, said: str) -> None:
        self.messages.append(f"[ERROR] {said} [json-pointer:{pointer}]")


Check = Callable[[Any, str, Findings], None]


def string(longest: int, shortest: int = 1, pattern: str | None = None) -> Check:
    def check(value: Any, pointer: str, findings: Findings) -> None:
        if not isinstance(value, str):
            findings.note(pointer, "must be a string")
        elif len(value) > longest:
            findings.note(pointer, f"must be less than {longest + 1} characters")
        elif len(value) < shortest:
            findings.note(pointer, f"must be more than {shortest - 1} characters")
        elif pattern and not re.fullmatch(pattern, value):
            findings.note(pointer, f"must match regex pattern: {pattern}")

    return check


def url(longest: int = 3000) -> Check:
    def check(value: Any, pointer: str, findings: Findings) -> None:
        string(longest)(value, pointer, findings)
        if isinstance(value, str) and not re.fullmatch(r"https?://[^\s/$.?#][^\s]*", value, re.IGNORECASE):
            findings.note(pointer, "must be a valid URL")

    return check


def link(longest: int = 3000) -> Check:
    """A button's address, which may be of any scheme."""

    def check(value: Any, pointer: str, findings: Findings) -> None:
        string(longest)(value, pointer, findings)
        if isinstance(value, str) and not re.fullmatch(r"[a-z][a-z0-9+.-]*:[^\s]+", value, re.IGNORECASE):
            findings.note(pointer, "must be a valid URL")

    return check


def boolean(value: Any, pointer: str, findings: Findings) -> None:
    if not isinstance(value, bool):
        findings.note(pointer, "must be a boolean")


def integer(lowest: int, highest: int) -> Check:
    def check(value: Any, pointer: str, findings: Findings) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            findings.note(pointer, "must be an integer")
        elif not lowest <= value <= highest:
            findings.note(pointer, f"must be between {lowest} and {highest}")

    return check


def number(value: Any, pointer: str, findings: Findings) -> None:
    if not isinstance(value, int | float) or isinstance(value, bool) or value != value or abs(value) == float("inf"):
        findings.note(pointer, "must be a number")


def one_of(*allowed: Any) -> Check:
    def check(value: Any, pointer: str, findings: Findings) -> None:
        if value not in allowed:
            findings.note(pointer, f"must be one of: {', '.join(map(str, allowed))}")

    return check


def anything(value: Any, pointer: str, findings: Findings) -> None:
    """Not looked into."""


def array(item: Check, most: int, least: int = 1) -> Check:
    def check(value: Any, pointer: str, findings: Findings) -> None:
        if not isinstance(value, list):
            findings.note(pointer, "must be an array")
            return
        if len(value) > most:
            findings.note(pointer, f"no more than {most} items allowed")
        if len(value) < least:
            findings.note(pointer, f"no fewer than {least} items allowed")
        for index, each in enumerate(value):
            item(each, f"{pointer}/{index}", findings)

    return check


def record(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """An object with these properties and no others; null is no value for any of them."""
    known = {**required, **(optional or {})}

    def check(value: Any, pointer: str, findings: Findings) -> None:
        if not isinstance(value, dict):
            findings.note(pointer, "must provide an object")
            return
        for name in required:
            if name not in value:
                findings.note(pointer, f"missing required field: {name}")
        for name, each in value.items():
            if name not in known:
                findings.note(pointer, f"invalid additional property: {name}")
            else:
                known[name](each, f"{pointer}/{name}", findings)

    return check


def by_type(known: Mapping[str, Check], what: str) -> Check:
    """An object whose ``type`` says which check is its own."""

    def check(value: Any, pointer: str, findings: Findings) -> None:
        if not isinstance(value, dict):
            findings.note(pointer, "must provide an object")
            return
        kind = value.get("type")
        if kind is None:
            findings.note(pointer, "missing required field: type")
        elif not isinstance(kind, str) or kind not in known:
            findings.note(f"{pointer}/type", f"unsupported type of {what}: {kind}")
        else:
            known[kind](value, pointer, findings)

    return check


def all_of(*checks: Check) -> Check:
    """One check after the other, up to the first that finds something: the later ones may rely on the shape."""

    def check(value: Any, pointer: str, findings: Findings) -> None:
        before = len(findings.messages)
        for each in checks:
            each(value, pointer, findings)
            if len(findings.messages) > before:
                return

    return check


def plain(longest: int) -> Check:
    return record({"type": one_of("plain_text"), "text": string(longest)}, {"emoji": boolean})


def mrkdwn(longest: int) -> Check:
    return record({"type": one_of("mrkdwn"), "text": string(longest)}, {"verbatim": boolean})


def text(longest: int) -> Check:
    """A text object of either kind: https://docs.slack.dev/reference/block-kit/composition-objects/text-object"""
    return by_type({"plain_text": plain(longest), "mrkdwn": mrkdwn(longest)}, "text")
