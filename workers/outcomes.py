"""What a member is told of a publication: that it is out, that it was refused, or that only they can tell."""

from collections.abc import Collection, Mapping
from types import MappingProxyType

from grapevine.domain.outcomes import outcome, wants_member
from grapevine.domain.shares import Placement, PlacementState, Share, Status
from workers.slack import Block, connects, escaped, link, section

_NO_CLICKS = "Its clicks are not counted; its reactions show on Home."
_ADVICE = "Connect again, then share the post once more. Your numbers stay."
_OUT, _REFUSED, _ASKING = PlacementState.PUBLISHED, PlacementState.REFUSED, PlacementState.ASKING
#: characters of a block, and of a reason in a message about a whole share, which has one for each network: Slack takes
#: 3,000, and some 4,000 of plain text
_A_BLOCK, _A_REASON = 2900, 400


def message(
    share: Share, placement: Placement, status: Status, title: str, connect: str = ""
) -> tuple[str, list[Block]] | None:
    """Of one network: plain text and blocks, or None when there is nothing to say; *title* is the network's.

    *connect* is what a member connects there (``connectable``), empty where that cannot be done any more.
    """
    name = _shortened(share.post.title or share.post.url, 150)
    if status.state is PlacementState.PUBLISHED and status.url:
        text = f"Your post is out on {title}: {status.url}" + (f" {status.reason}" if status.reason else "")
        shown = f"Your post is out on {link(status.url, title)}: *{escaped(name)}*"
        shown += f"\n{escaped(status.reason)}" if status.reason else ""
        return text, [section(f"{shown}\n{_what_follows(share)}")]
    if status.state is PlacementState.REFUSED:
        reason = _shortened(status.reason, 1000)
        text = f"“{name}” did not go out on {title}. {reason}"
        blocks = [section(f"*{escaped(name)}* did not go out on {title}.\n{escaped(reason)}")]
        if status.reconnect and connect:
            _add(blocks, _ADVICE)
            return f"{text} {_ADVICE}", [*blocks, connects({placement.network: connect})]
        return text, blocks
    if status.state is PlacementState.ASKING:
        text = f"Is “{name}” out on {title}? {title} did not answer clearly, and I do not want to post it twice."
        shown = (
            f"{title} did not answer clearly when I posted *{escaped(name)}*, and I do not want to post it twice. "
            f"Please look at your profile on {title}: is it there?"
        )
        return text, [section(shown), _answers(share, placement.network)]
    return None


def summary(
    share: Share,
    statuses: Mapping[str, Status],
    titles: Mapping[str, str],
    apart: Collection[str],
    offers: Mapping[str, str] = MappingProxyType({}),
) -> tuple[str, list[Block]]:
    """Of all networks together, a line each: plain text and blocks.

    *apart*: the networks that have a message of their own, where what needs the member is said and answered. Here such
    questions come last, each with its buttons, after those that connect again what was lost; *offers*: network → what a
    member connects there (``connectable``).
    """
    name, headline = _shortened(share.post.title or share.post.url, 150), _headline(list(statuses.values()))
    texts, blocks = [f"{headline}: {name}"], [section(f"{headline}: *{escaped(name)}*")]
    questions = [one for one, status in statuses.items() if status.state is _ASKING and one not in apart]
    ended = {one: offers[one] for one, status in statuses.items() if status.reconnect and one in {*offers} - {*apart}}
    for network in [*(one for one in statuses if one not in questions), *questions]:
        if network in questions[:1]:
            _connects(texts, blocks, ended)
        title = titles[network]
        mark, said, plain = _line(statuses[network], title, apart=network in apart)
        texts.append(f"{title}: {plain}")
        _add(blocks, f"{mark} *{escaped(title)}* · {said}")
        if network in questions:
            blocks.append(_answers(share, network, title))
    if not questions:
        _connects(texts, blocks, ended)
    if any(status.state is _OUT for status in statuses.values()):
        blocks.append({"type": "context", "elements": [{"type": "mrkdwn", "text": _what_follows(share)}]})
    return "\n".join(texts), blocks


def _connects(texts: list[str], blocks: list[Block], offers: Mapping[str, str]) -> None:
    if offers:
        texts.append(_ADVICE)
        _add(blocks, _ADVICE)
        blocks.append(connects(offers))


def _add(blocks: list[Block], line: str) -> None:
    """To the text that stands last, where it fits in."""
    last = blocks[-1].get("text")
    if last and len(last["text"]) + len(line) < _A_BLOCK:
        last["text"] += f"\n{line}"
    else:
        blocks.append(section(line))


def _headline(statuses: list[Status]) -> str:
    """True of all of them, and no more cheerful than the worst."""
    states = {status.state for status in statuses}
    if not any(map(wants_member, statuses)):
        return "Your share is out" if _OUT in states else "Your share is on its way"
    if _REFUSED not in states:
        return "Your share is out, with a question" if _OUT in states else "A question about your share"
    if _OUT in states:
        return "Your share is out, but not everywhere"
    every = all(map(outcome, statuses)) and _ASKING not in states
    return "Your share did not go out" if every else "Part of your share did not go out"


def _line(status: Status, title: str, *, apart: bool) -> tuple[str, str, str]:
    """A mark, what is said beside it, and the same without markup."""
    if status.state is _OUT and status.url:
        lacks = f". {status.reason}" if status.reason else ""
        return "✓", link(status.url, "your post is out") + escaped(lacks), f"your post is out, {status.url}{lacks}"
    if status.state is _ASKING and not apart:
        said = f"is it out? {title} did not answer clearly, and I do not want to post it twice."
        return "?", escaped(f"{said} Please look at your profile there."), said
    mark, said = {
        _OUT: ("✓", "your post is out" if status.remote else "your post is out, as you told me"),
        _REFUSED: ("✗", f"it did not go out. {_shortened(status.reason, _A_REASON)}"),
        _ASKING: ("?", "is it out? I asked you in another message"),
        PlacementState.CANCELLED: ("–", "cancelled"),
    }.get(status.state, ("…", "still being posted"))
    if status.state is _REFUSED and apart:
        said = "it did not go out; another message says why"
    return mark, escaped(said), said


def _what_follows(share: Share) -> str:
    return "I tell you when people follow it." if share.post.kind.counts_clicks else _NO_CLICKS


def _answers(share: Share, network: str, title: str = "") -> Block:
    """The buttons under a question; *title* where there may be more than one such."""
    value, of = f"{share.member}:{share.id}:{network}", f" on {title}" if title else ""
    yes, no = _button(f"It is out{of}", "settled:yes", value), _button("It is not: post it", "settled:no", value)
    return {"type": "actions", "elements": [yes, no]}


def _button(text: str, action: str, value: str) -> Block:
    return {
        "type": "button",
        "text": {"type": "plain_text", "text": text, "emoji": True},
        "action_id": action,
        "value": value,
    }


def _shortened(text: str, most: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1] + "…"
