"""The composer: a modal that is a pure function of what has been filled in so far."""

import json
from collections.abc import Sequence

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
from bot.form import DESCRIPTION, FILES, FILM, KEPT, MORE, TITLE, Check, Choice, Form, caption_block
from grapevine.domain.posts import PostKind
from grapevine.domain.shares import MY_LINK

CALLBACK = "compose"
_ADDRESSES = {
    PostKind.IMAGE: "Address of the picture, if it has one",
    PostKind.VIDEO: "Address of the video, if it has one",
}
#: a modal holds 3,000 characters of metadata and of one input
INPUT_LIMIT = 3000

#: Slack's most: https://docs.slack.dev/reference/block-kit/block-elements/file-input-element
MOST_FILES = 10
_PICTURES, _VIDEOS = ("jpg", "jpeg", "png", "gif", "webp"), ("mp4",)
_ABOUT_PICTURES = (
    "From this device, shown in this order. They are made smaller where a network needs that, and no network is told "
    "where and when a photo was taken."
)

_KINDS = {
    PostKind.LINK: "Link",
    PostKind.ARTICLE: "Article",
    PostKind.IMAGE: "Image",
    PostKind.VIDEO: "Video",
}


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
    kind = _kind(form, choices)
    if form.kind is PostKind.VIDEO:
        choices = [choice for choice in choices if choice.films] or choices
    blocks: list[Block] = [_url(form), kind, *_about(form), _where(form, choices)]
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
    fill = [button("Fill empty captions", "compose:fill")] if len(set(form.networks) - {MY_LINK}) > 1 else []
    blocks.append(actions("check", button("Preview and check", "compose:check"), *fill))
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "title": plain("Share a post"),
        "submit": plain("Share anyway" if form.seen else "Share"),
        "close": plain("Cancel"),
        "private_metadata": json.dumps({name: getattr(form, name) for name in KEPT}),
        "blocks": blocks,
    }


def done(told: Sequence[str], my_link: str = "") -> Block:
    """What the modal says after the share was made."""
    blocks: list[Block] = [section("\n".join(told))] if told else []
    if my_link:
        blocks.append(section(f"*Your link*, to paste anywhere:\n```{my_link}```"))
    blocks.append(context("You find every share, and what came of it, on Grapevine's Home tab."))
    return {"type": "modal", "title": plain("Share a post"), "close": plain("Done"), "blocks": blocks}


def _url(form: Form) -> Block:
    label = _ADDRESSES.get(form.kind, "What do you share?")
    other = form.kind in _ADDRESSES  # it may come from the member's device
    return text_input(f"url:{form.revision}", label, form.url, longest=2048, placeholder="https://…", optional=other)


def _kind(form: Form, choices: Sequence[Choice]) -> Block:
    """A video only where one of the member's networks takes it."""
    films = form.kind is PostKind.VIDEO or any(choice.films for choice in choices)
    kinds = [kind for kind in _KINDS if films or kind is not PostKind.VIDEO]
    options = [option(_KINDS[kind], kind.value) for kind in kinds]
    return {
        "type": "input",
        "block_id": "kind",
        "dispatch_action": True,
        "label": plain("Kind"),
        "element": select("compose:kind", options, form.kind.value),
    }


def _about(form: Form) -> list[Block]:
    """Title and description make the card on networks that fetch none themselves."""
    if form.kind is PostKind.VIDEO:
        return [
            _files(FILM, "Video", "From this device: an MP4 of at most 100 MB.", _VIDEOS, 1),
            text_input("title:0", "Title", form.title, longest=TITLE, hint="Shown with the video.", optional=True),
            context("Clicks are not counted for video posts; likes, comments and reshares are."),
        ]
    if form.kind is PostKind.IMAGE:
        return [
            _files(FILES, "Pictures", _ABOUT_PICTURES, _PICTURES, MOST_FILES),
            text_input(
                "title:0",
                "Description for people who cannot see it",
                form.title,
                longest=INPUT_LIMIT,
                hint="Also called alt text. Of several pictures: a line for each.",
                optional=True,
                multiline=True,
            ),
            text_input(
                MORE,
                "More pictures by address",
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
    title = text_input(f"title:{form.looks}", "Title", form.title, longest=TITLE, hint=hint, optional=True)
    if form.kind is PostKind.LINK:
        return [title]
    about = text_input(f"description:{form.looks}", "Description", form.description, longest=DESCRIPTION, optional=True)
    return [title, about]


def _files(block_id: str, label: str, hint: str, kinds: Sequence[str], most: int) -> Block:
    chosen = {"type": "file_input", "action_id": "value", "filetypes": list(kinds), "max_files": most}
    about = {"label": plain(label), "hint": plain(hint), "optional": True}
    return {"type": "input", "block_id": block_id, **about, "element": chosen}


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
    links = "Every link becomes a short one." if form.kind.counts_clicks else "Links in it stay as they are."
    return text_input(
        caption_block(choice.network, form.revision),
        f"Caption on {choice.title}",
        form.captions.get(choice.network, ""),
        longest=INPUT_LIMIT,
        hint=f"Up to {choice.limit:,} characters as {choice.title} counts them. {links}",
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
