"""What people write in Slack, as they would have typed it anywhere else: caption texts go to networks as they are.

https://docs.slack.dev/reference/block-kit/blocks/rich-text-block and https://docs.slack.dev/messaging/formatting-message-text
"""

import html
import re
from collections.abc import Mapping
from typing import Any

import emoji

_CODE = re.compile(r"(?<![\w:/]):([a-z0-9_+'-]*[a-z0-9+]):(?::skin-tone-([2-6]):)?(?![\w/])")
_FLAG = re.compile(r"flag-([a-z])([a-z])")
#: what stands around a marker of bold, italic, struck or code text
_MARKED = re.compile(
    r"(?:(?<=^)|(?<=[\s(\[\"'“‘>*_~-]))([*_~`])(?=\S)([^\n]{0,500}?\S)\1(?=$|[\s.,;:!?)\]\"'”’*_~-])", re.MULTILINE
)
_FENCE = re.compile(r"```\n?(.*?)\n?```", re.DOTALL)


def typed(message: Mapping[str, Any]) -> str:
    """A message, without its markup: links are addresses, emoji characters; mentions and a workspace's own emoji go."""
    rich = [block for block in message.get("blocks") or () if block.get("type") == "rich_text"]
    if not rich:
        return plain_text(str(message.get("text") or ""))
    return without_gaps("\n".join(_lines(element) for block in rich for element in block.get("elements") or ()))


def plain_text(text: str) -> str:
    """The same for a text in Slack's markup, as apps write it."""
    text = re.sub(r"<(https?://[^|>]+)(?:\|[^>]*)?>", r"\1", text)
    text = re.sub(r"<(?:mailto|tel):[^|>]+\|([^>]*)>", r"\1", text)
    text = re.sub(r"<!date\^[^|>]*\|([^>]*)>", r"\1", text)
    text = re.sub(r"<[@#!][^>]*>", "", text)
    text = re.sub(r"(?m)^&gt; ?", "", _FENCE.sub(r"\1", text))
    for _ in "*_~`":  # one may stand within another
        text = _MARKED.sub(r"\2", text)
    text = _CODE.sub(lambda code: _sign(code[1], code[2]) or "", text)
    return html.unescape(without_gaps(text))


def with_emoji(text: str) -> str:
    """What was typed into a box: Slack sends ``:tada:`` for an emoji. Codes that only a workspace knows stay."""
    return _CODE.sub(lambda code: _sign(code[1], code[2]) or code[0], text)


def own_emoji(text: str) -> list[str]:
    """The codes in *text* that stand for no character: emoji of the workspace's own, or none at all."""
    return [code[0] for code in _CODE.finditer(text) if not _sign(code[1], code[2])]


def without_gaps(text: str) -> str:
    """The text without the blanks that are left where something was taken out of a line."""
    return re.sub(r"[ \t]+(?=[ \t,.;:!?\n]|$)", "", re.sub(r"(?m)^[ \t]+", "", text)).strip()


def _lines(element: Mapping[str, Any]) -> str:
    """A section, a list, a quotation or a piece of code."""
    inside = element.get("elements") or ()
    if element.get("type") != "rich_text_list":
        return "".join(_piece(one) for one in inside)
    first, ordered = int(element.get("offset") or 0) + 1, element.get("style") == "ordered"
    marks = [f"{number}." if ordered else "•" for number in range(first, first + len(inside))]
    return "\n".join(f"{mark} {_lines(item)}" for mark, item in zip(marks, inside, strict=True))


def _piece(one: Mapping[str, Any]) -> str:
    kind = one.get("type")
    if kind == "text":
        return str(one.get("text") or "")
    if kind == "link":
        url = str(one.get("url") or "")
        return url if url.startswith(("https://", "http://")) else str(one.get("text") or "")
    if kind == "emoji":
        points = str(one.get("unicode") or "")
        if re.fullmatch(r"[0-9a-f]{2,6}(-[0-9a-f]{2,6})*", points):
            return "".join(chr(int(point, 16)) for point in points.split("-") if int(point, 16) < 0x110000)
        return _sign(str(one.get("name") or ""), None) or ""
    return str(one.get("fallback") or "") if kind == "date" else ""


def _sign(name: str, tone: str | None) -> str:
    """The character that Slack's *name* stands for, empty when there is none."""
    if flag := _FLAG.fullmatch(name):
        return "".join(chr(0x1F1E6 + ord(letter) - ord("a")) for letter in flag.groups())
    person = re.sub("^(fe)?male-", lambda sex: "woman_" if sex[1] else "man_", name)
    for known in (name, person.replace("-", "_"), name.removeprefix("large_")):
        sign = emoji.emojize(f":{known}:", language="alias")
        if sign != f":{known}:":
            return sign + (chr(0x1F3FB + int(tone) - 2) if tone else "")
    return ""
