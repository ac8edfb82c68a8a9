"""The composer: a modal that is a pure function of what has been filled in so far."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.blocks import (
    Block,
    actions,
    button,
    context,
    escaped,
    option,
    plain,
    section,
    select,
    shortened,
    text_input,
)
from bot.slack_text import with_emoji
from grapevine.domain.posts import PostKind
from grapevine.domain.shares import MY_LINK

CALLBACK = "compose"
#: a modal holds 3,000 characters of metadata and of one input
INPUT_LIMIT = 3000

MORE = "more:0"
_TITLE, _DESCRIPTION = 200, 300

#: what the form remembers that no box holds
_KEPT = ("offer", "revision", "seen", "utm_offered", "looked")

_KINDS = {
    PostKind.LINK: "Link",
    PostKind.ARTICLE: "Article",
    PostKind.IMAGE: "Image",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A place to share to: a connected account, or "my link"; *note* says something of the places beside it."""

    network: str
    title: str
    account: str = ""
    limit: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """What has been filled in. *revision* changes when the app itself writes into the caption boxes."""

    kind: PostKind = PostKind.LINK
    url: str = ""
    title: str = ""
    description: str = ""
    more: str = ""  # further images, one a line: address, blank, description
    networks: tuple[str, ...] = ()
    captions: Mapping[str, str] = field(default_factory=dict)
    utm: bool = True
    utm_offered: bool = True  # whether the workspace's admins want UTM tags
    offer: str = ""
    revision: int = 0
    looked: bool = False  # whether the page's own words were put into the boxes about it
    seen: str = ""  # the remarks that were shown: while there are no others, the next submit goes through


@dataclass(frozen=True, slots=True)
class Check:
    """What the composer says of one network's caption: the preview, its length, remarks and if they can be fixed."""

    network: str
    preview: str
    length: int
    remarks: tuple[str, ...] = ()
    fixable: bool = False


def view(
    form: Form,
    choices: Sequence[Choice],
    suggestions: Sequence[str] = (),
    checks: Sequence[Check] = (),
    note: str = "",
) -> Block:
    """The modal. *suggestions* are the offer's captions; *checks* are shown after a preview, or to remark something.

    *note* says on top what became of pressing Share.
    """
    blocks: list[Block] = [_url(form), _kind(form), *_about(form), _where(form, choices)]
    blocks += [context(choice.note) for choice in choices if choice.note]
    if note:  # first, since on a phone the rest stands further down than one sees
        blocks.insert(0, section(f":warning: {note}"))
    if suggestions:
        blocks.append(_suggestions(suggestions))
    by_network = {check.network: check for check in checks}
    for choice in choices:
        if choice.network in form.networks and choice.network != MY_LINK:
            blocks.append(_caption(form, choice))
            if choice.network in by_network:
                blocks += _said(choice, by_network[choice.network])
    blocks += _utm(form)
    blocks.append(actions("check", button("Preview and check", "compose:check")))
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "title": plain("Share a post"),
        "submit": plain("Share anyway" if form.seen else "Share"),
        "close": plain("Cancel"),
        "private_metadata": json.dumps({name: getattr(form, name) for name in _KEPT}),
        "blocks": blocks,
    }


def remarked(checks: Sequence[Check]) -> str:
    """What the remarks of all captions come to, to know them again; empty when there are none."""
    said = [[check.network, *check.remarks] for check in checks if check.remarks]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16] if said else ""


def read(payload: Mapping[str, Any]) -> Form:
    """What a person has filled in so far, from Slack's view payload."""
    kept = json.loads(payload.get("private_metadata") or "{}")
    answers: dict[str, Any] = {}
    captions: dict[str, str] = {}
    for block_id, elements in payload["state"]["values"].items():
        for element in elements.values():
            if block_id.startswith("caption:"):
                captions[block_id.split(":")[1]] = with_emoji(element.get("value") or "")
            else:
                answers[block_id.split(":")[0]] = element
    return Form(
        kind=PostKind(((answers.get("kind") or {}).get("selected_option") or {"value": "link"})["value"]),
        url=((answers.get("url") or {}).get("value") or "").strip(),
        title=with_emoji(((answers.get("title") or {}).get("value") or "").strip()),
        description=with_emoji(((answers.get("description") or {}).get("value") or "").strip()),
        more=with_emoji(((answers.get("more") or {}).get("value") or "").strip()),
        networks=tuple(option["value"] for option in (answers.get("networks") or {}).get("selected_options") or ()),
        captions=captions,
        utm=bool((answers.get("utm") or {}).get("selected_options")),
        **{name: kept[name] for name in _KEPT if name in kept},
    )


def done(told: Sequence[str], my_link: str = "") -> Block:
    """What the modal says after the share was made."""
    blocks: list[Block] = [section("\n".join(told))] if told else []
    if my_link:
        blocks.append(section(f"*Your link*, to paste anywhere:\n```{my_link}```"))
    blocks.append(context("You find every share, and what came of it, on Grapevine's Home tab."))
    return {"type": "modal", "title": plain("Share a post"), "close": plain("Done"), "blocks": blocks}


def caption_block(network: str, revision: int) -> str:
    """The block id of one network's caption box: a new revision is a new box, which Slack fills anew."""
    return f"caption:{network}:{revision}"


def with_captions(form: Form, captions: Mapping[str, str]) -> Form:
    """The form with texts of the app's own in the caption boxes."""
    return replace(form, captions={**form.captions, **captions}, revision=form.revision + 1, seen="")


def with_words(form: Form, title: str, description: str) -> Form:
    """The form with the page's own words in new boxes, where the member wrote none."""
    title, description = form.title or title[:_TITLE], form.description or description[:_DESCRIPTION]
    return replace(form, title=title, description=description, looked=True)


def _url(form: Form) -> Block:
    label = "What do you share?" if form.kind.counts_clicks else "Address of the image"
    return text_input(f"url:{form.revision}", label, form.url, longest=2048, placeholder="https://…")


def _kind(form: Form) -> Block:
    options = [option(text, kind.value) for kind, text in _KINDS.items()]
    return {
        "type": "input",
        "block_id": "kind",
        "dispatch_action": True,
        "label": plain("Kind"),
        "element": select("compose:kind", options, form.kind.value),
    }


def _about(form: Form) -> list[Block]:
    """Title and description make the card on networks that fetch none themselves."""
    if not form.kind.counts_clicks:
        label = "Description for people who cannot see it"
        return [
            text_input("title:0", label, form.title, longest=300, hint="Also called alt text.", optional=True),
            text_input(
                MORE,
                "More images",
                form.more,
                longest=INPUT_LIMIT,
                placeholder="https://… What can be seen there",
                hint="One a line: its address, and after a space its description.",
                optional=True,
                multiline=True,
            ),
            context("Clicks are not counted for image posts; likes, comments and reshares are."),
        ]
    hint = "Shown on the card that goes with your post. Left empty, it is the page's own."
    looked = int(form.looked)
    title = text_input(f"title:{looked}", "Title", form.title, longest=_TITLE, hint=hint, optional=True)
    if form.kind is PostKind.LINK:
        return [title]
    about = text_input(f"description:{looked}", "Description", form.description, longest=_DESCRIPTION, optional=True)
    return [title, about]


def _where(form: Form, choices: Sequence[Choice]) -> Block:
    options = []
    for choice in choices:
        said = "A short link to paste anywhere yourself" if choice.network == MY_LINK else f"As {choice.account}"
        options.append({**option(choice.title, choice.network), "description": plain(said[:75])})
    chosen = [one for one in options if one["value"] in form.networks]
    boxes = {
        "type": "checkboxes",
        "action_id": "compose:networks",
        "options": options,
        **({"initial_options": chosen} if chosen else {}),
    }
    return {
        "type": "input",
        "block_id": "networks",
        "dispatch_action": True,
        "label": plain("Where to?"),
        "element": boxes,
    }


def _suggestions(suggestions: Sequence[str]) -> Block:
    options = [option(text, str(number)) for number, text in enumerate(suggestions[:100])]
    return actions("suggestion", select("compose:suggestion", options, placeholder="Use a suggested caption"))


def _caption(form: Form, choice: Choice) -> Block:
    return text_input(
        caption_block(choice.network, form.revision),
        f"Caption on {choice.title}",
        form.captions.get(choice.network, ""),
        longest=INPUT_LIMIT,
        hint=f"Up to {choice.limit:,} characters as {choice.title} counts them. Every link becomes a short one.",
        optional=True,
        multiline=True,
    )


def _said(choice: Choice, check: Check) -> list[Block]:
    over = "" if check.length <= choice.limit else " :warning: too long"
    quoted = "\n".join(f"> {line}" for line in escaped(check.preview).splitlines()) or "> _(no text)_"
    blocks = [
        section(f"{shortened(quoted, 2800)}\n_{check.length:,} of {choice.limit:,} characters on {choice.title}_{over}")
    ]
    if check.remarks:
        text = "\n".join(f":warning: {escaped(remark)}" for remark in check.remarks)
        fix = button("Add https://", f"compose:fix:{choice.network}") if check.fixable else None
        blocks.append(section(text, fix))
    return blocks


def _utm(form: Form) -> list[Block]:
    if not (form.utm_offered and form.kind.counts_clicks):
        return []
    tags = option("Add UTM tags, so that web analytics can tell where visits come from", "utm")
    boxes = {
        "type": "checkboxes",
        "action_id": "value",
        "options": [tags],
        **({"initial_options": [tags]} if form.utm else {}),
    }
    return [
        {"type": "input", "block_id": "utm", "optional": True, "label": plain("Web analytics"), "element": boxes},
    ]
