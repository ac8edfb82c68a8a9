"""What has been filled in in the composer, and what is said of it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.slack_text import with_emoji
from grapevine.domain.posts import PostKind

FILES, FILM, MORE = "files:0", "files:1", "more:0"
#: characters
TITLE, DESCRIPTION = 200, 300

#: what the form remembers that no box holds
KEPT = ("offer", "revision", "seen", "utm_offered", "looks", "looked", "words")


@dataclass(frozen=True, slots=True)
class Choice:
    """A place to share to: a connected account, or "my link"; *note* says something of the places beside it."""

    network: str
    title: str
    account: str = ""
    limit: int = 0
    note: str = ""
    films: bool = False  # whether it takes a video


@dataclass(frozen=True, slots=True)
class File:
    """A picture or video that was added from somebody's device: Slack's id of it, its name, and where people see it."""

    id: str
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Form:
    """What has been filled in. *revision* changes when the app itself writes into the caption boxes."""

    kind: PostKind = PostKind.LINK
    url: str = ""
    title: str = ""
    description: str = ""
    files: tuple[File, ...] = ()
    more: str = ""  # further images, one a line: address, blank, description
    networks: tuple[str, ...] = ()
    captions: Mapping[str, str] = field(default_factory=dict)
    utm: bool = True
    utm_offered: bool = True  # whether the workspace's admins want UTM tags
    offer: str = ""
    revision: int = 0
    looks: int = 0  # how often the page's own words were put into the boxes about it
    looked: str = ""  # which page's, and which they were: to know them again, and take them out for another page
    words: tuple[str, ...] = ()
    seen: str = ""  # the remarks that were shown: while there are no others, the next submit goes through


@dataclass(frozen=True, slots=True)
class Check:
    """What the composer says of one network's caption: the preview, its length, remarks and if they can be fixed."""

    network: str
    preview: str
    length: int
    remarks: tuple[str, ...] = ()
    fixable: bool = False


def remarked(checks: Sequence[Check]) -> str:
    """What the remarks of all captions come to, to know them again; empty when there are none."""
    said = [[check.network, *check.remarks] for check in checks if check.remarks]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16] if said else ""


def read(payload: Mapping[str, Any]) -> Form:
    """What a person has filled in so far, from Slack's view payload."""
    kept = json.loads(payload.get("private_metadata") or "{}")
    kept["words"] = tuple(kept.get("words", ()))
    answers: dict[str, Any] = {}
    captions: dict[str, str] = {}
    for block_id, elements in payload["state"]["values"].items():
        for element in elements.values():
            if block_id.startswith("caption:"):
                captions[block_id.split(":")[1]] = with_emoji(element.get("value") or "")
            else:
                answers[block_id.split(":")[0]] = element
    form = Form(
        kind=PostKind(((answers.get("kind") or {}).get("selected_option") or {"value": "link"})["value"]),
        url=((answers.get("url") or {}).get("value") or "").strip(),
        title=with_emoji(((answers.get("title") or {}).get("value") or "").strip()),
        description=with_emoji(((answers.get("description") or {}).get("value") or "").strip()),
        files=tuple(
            File(str(one["id"]), str(one.get("name") or "file"), str(one.get("permalink") or ""))
            for one in (answers.get("files") or {}).get("files") or ()
        ),
        more=with_emoji(((answers.get("more") or {}).get("value") or "").strip()),
        networks=tuple(option["value"] for option in (answers.get("networks") or {}).get("selected_options") or ()),
        captions=captions,
        utm=bool((answers.get("utm") or {}).get("selected_options")),
        **{name: kept[name] for name in KEPT if name in kept},
    )
    return _own(form)


def caption_block(network: str, revision: int) -> str:
    """The block id of one network's caption box: a new revision is a new box, which Slack fills anew."""
    return f"caption:{network}:{revision}"


def with_captions(form: Form, captions: Mapping[str, str]) -> Form:
    """The form with texts of the app's own in the caption boxes."""
    return replace(form, captions={**form.captions, **captions}, revision=form.revision + 1, seen="")


def with_words(form: Form, title: str, description: str) -> Form:
    """The form with the page's own words in new boxes, where the member wrote none."""
    title, description = "" if form.title else title[:TITLE], "" if form.description else description[:DESCRIPTION]
    looked, words = known(form.url), (known(title), known(description))
    filled = replace(form, looks=form.looks + 1, looked=looked, words=words)
    return replace(filled, title=form.title or title, description=form.description or description)


def known(text: str) -> str:
    """A text to know again; empty for an empty one."""
    return hashlib.sha256(text.encode()).hexdigest()[:12] if text else ""


def _own(form: Form) -> Form:
    """Without the words of a page that is no longer the one that is shared."""
    if not form.looked or form.looked == known(form.url):
        return form
    title, description = ("" if known(text) in form.words else text for text in (form.title, form.description))
    return replace(form, title=title, description=description, looks=form.looks + 1, looked="", words=())
