"""What a member is told of a publication: that it is out, that it was refused, or that only they can tell."""

from grapevine.domain.shares import Placement, PlacementState, Share, Status
from workers.slack import Block, escaped, link, section

_NO_CLICKS = "Its clicks are not counted; its reactions show on Home."


def message(share: Share, placement: Placement, status: Status, title: str) -> tuple[str, list[Block]] | None:
    """Plain text and blocks, or None when there is nothing to say; *title* is the network's."""
    name = _shortened(share.post.title or share.post.url, 150)
    if status.state is PlacementState.PUBLISHED and status.url:
        text = f"Your post is out on {title}: {status.url}"
        shown = f"Your post is out on {link(status.url, title)}: *{escaped(name)}*"
        next_ = "I tell you when people follow it." if share.post.kind.counts_clicks else _NO_CLICKS
        return text, [section(f"{shown}\n{next_}")]
    if status.state is PlacementState.REFUSED:
        reason = _shortened(status.reason, 1000)
        text = f"“{name}” did not go out on {title}. {reason}"
        return text, [section(f"*{escaped(name)}* did not go out on {title}.\n{escaped(reason)}")]
    if status.state is PlacementState.ASKING:
        text = f"Is “{name}” out on {title}? {title} did not answer clearly, and I do not want to post it twice."
        value = f"{share.member}:{share.id}:{placement.network}"
        yes = _button("It is out", "settled:yes", value)
        no = _button("It is not: post it", "settled:no", value)
        shown = (
            f"{title} did not answer clearly when I posted *{escaped(name)}*, and I do not want to post it twice. "
            f"Please look at your profile on {title}: is it there?"
        )
        return text, [section(shown), {"type": "actions", "elements": [yes, no]}]
    return None


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
