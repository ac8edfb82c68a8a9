"""One share in words: where it is, who clicked in numbers, how long its reactions are gathered (rules 3, 7, 10–15)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.blocks import Block, button, context, escaped, section, shortened
from grapevine.domain.accounts import Account, AccountState
from grapevine.domain.reactions import Reactions
from grapevine.domain.shares import MY_LINK, PlacementState, Receipt, Share, Status

_ON_ITS_WAY = (PlacementState.PENDING, PlacementState.PUBLISHING)


@dataclass(frozen=True, slots=True)
class ShareFacts:
    """A share with everything that is known of it now; *titles* are the networks' names as people read them.

    *waits*: network → until when its checks wait, since it asked to be left alone.
    """

    share: Share
    statuses: Mapping[str, Status]
    receipt: Receipt
    reactions: Mapping[str, Reactions]
    accounts: Mapping[str, Account]
    titles: Mapping[str, str]
    tz: str = "UTC"
    short_url: str = ""
    now: float = 0.0
    waits: Mapping[str, float] = field(default_factory=dict)
    window: float = 14 * 86400  # seconds without a new reaction after which a placement's window closes

    def title_of(self, network: str) -> str:
        return "My link" if network == MY_LINK else self.titles.get(network, network)


def headline(share: Share) -> str:
    """The post's title, or its address without the scheme, as a link to the post itself."""
    text = share.post.title or share.post.url.split("://", 1)[-1]
    return f"<{escaped(share.post.url)}|{escaped(shortened(text, 90)).replace('|', '/')}>"


def moment(now: float, tz: str) -> datetime:
    return datetime.fromtimestamp(now, zone(tz))


def zone(tz: str) -> ZoneInfo:
    """The member's time zone; UTC when Slack names one that this machine does not know."""
    try:
        return ZoneInfo(tz)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def day(now: float, tz: str) -> str:
    then = moment(now, tz)
    return f"{then.day} {then:%b}"


def share_blocks(facts: ShareFacts) -> list[Block]:
    """Two blocks: what the share is with its numbers, and how its reactions are gathered."""
    share = facts.share
    places = " · ".join(_place(facts, one.network) for one in share.placements)
    text = f"*{headline(share)}*\n{day(share.created, facts.tz)} · {places}\n{clicks(facts)}   {reactions(facts)}"
    blocks = [section(text, button("Details", "share:details", share.id))]
    if said := " \n".join(windows(facts)):
        blocks.append(context(said))
    return blocks


def clicks(facts: ShareFacts) -> str:
    if not facts.share.post.kind.counts_clicks:
        return ":busts_in_silhouette: Clicks: not counted"
    unique = facts.receipt.unique
    return f":busts_in_silhouette: *{unique:,}* {'person' if unique == 1 else 'people'} clicked"


def reactions(facts: ShareFacts) -> str:
    """The sum over the placements that tell; "not available" when none does, never 0 in its place (rule 11)."""
    told = [one.counts for one in facts.reactions.values() if one.counts is not None]
    if not told:
        if all(one.network == MY_LINK for one in facts.share.placements):
            return ":speech_balloon: Reactions: not available where you paste a link yourself"
        if any(one.state in _ON_ITS_WAY for one in facts.statuses.values()):
            return ":hourglass: Reactions: not posted yet"
        waiting = any(one.reason == "" and one.closed is None for one in facts.reactions.values())
        return ":hourglass: Reactions: not checked yet" if waiting else ":speech_balloon: Reactions: not available"
    likes, comments = sum(one.likes for one in told), sum(one.comments for one in told)
    known = [one.reshares for one in told if one.reshares is not None]
    reshares, least = sum(known), "at least " if len(known) < len(told) else ""
    total = likes + comments + reshares
    if not total:
        return (
            ":speech_balloon: No likes, no comments; reshares not available"
            if least
            else ":speech_balloon: *0* reactions"
        )
    shown = f"{least}{_n(reshares, 'reshare')}" if known else "reshares not available"
    return (
        f":speech_balloon: {least}*{total:,}* {'reaction' if total == 1 else 'reactions'} "
        f"({_n(likes, 'like')}, {_n(comments, 'comment')}, {shown})"
    )


def windows(facts: ShareFacts) -> list[str]:
    """A line a network: until when its reactions are gathered, or why not (rule 15)."""
    lines = []
    for placement in facts.share.placements:
        network = placement.network
        status, known = facts.statuses.get(network), facts.reactions.get(network)
        name = facts.title_of(network)
        if status is not None and status.state in _ON_ITS_WAY and status.reason:
            # The sentence may end in a promise of its own.
            reason = status.reason.removesuffix(" Grapevine tries again later.")
            then = (
                "Grapevine tries again, for a day at most."
                if status.state is PlacementState.PENDING
                else "Grapevine finds out whether your post is out."
            )
            lines.append(f":hourglass: {name}: {escaped(reason)} {then}")
        elif status is not None and status.state in (PlacementState.REFUSED, PlacementState.ASKING):
            again = f" Connect {name} again, then share the post once more." if status.reconnect else ""
            reason = escaped(status.reason or "please say in Grapevine’s messages whether it is out")
            lines.append(f":warning: {name}: {reason}{again}")
        elif known is not None:
            lines.append(f"{name}: {_window(facts, known, placement.account)}{_waits(facts, network, known)}")
        if known is not None and known.link_clicks is not None and facts.share.post.kind.counts_clicks:
            told = _n(known.link_clicks, "link click")
            lines.append(f"{name} itself says {told}: it counts every click, Grapevine counts people")
    return lines


def _window(facts: ShareFacts, known: Reactions, account_id: str) -> str:
    checked = f" · last checked {_lately(known.checked, facts)}" if known.checked else ""
    if known.closed is not None and known.reason:  # nobody can say whether a reaction came in its last days
        return f"closed {day(known.closed, facts.tz)}; at the end not available: {_why(known)}{checked}"
    if known.closed is not None:
        return f"closed {day(known.closed, facts.tz)}, {_length(facts.window)} without a reaction"
    if known.reason:
        return f"reactions not available: {_why(known)}{checked}"
    account = facts.accounts.get(account_id)
    if account is not None and account.state is not AccountState.CONNECTED:
        until = f" by {day(known.ends, facts.tz)}" if known.ends else ""
        return f"paused; reconnect the account{until} to go on{checked}"
    if known.ends is None:
        return f"gathering{checked}"
    # In a window's last day, and in the demo's short ones, the day alone would say too little.
    soon = f" {_clock(known.ends, facts.tz)}" if known.ends - (known.checked or facts.share.created) < 86400 else ""
    return f"gathering until {day(known.ends, facts.tz)}{soon}{checked}"


def _waits(facts: ShareFacts, network: str, known: Reactions) -> str:
    until = facts.waits.get(network)
    if until is None or known.closed is not None:
        return ""
    return f" · {facts.title_of(network)} asked to wait; checks go on at {_clock(until + 59, facts.tz)}"


def _why(known: Reactions) -> str:
    """The reason without what it advises for a post that did not go out: this one is out."""
    return escaped(known.reason.removesuffix(" Then share it again."))


def _clock(then: float, tz: str) -> str:
    return f"{moment(then, tz):%H:%M}" if then else ""


def _lately(then: float, facts: ShareFacts) -> str:
    """The time of day, with the day when that is not today's or the last night's."""
    clock = _clock(then, facts.tz)
    return f"{day(then, facts.tz)} {clock}" if facts.now - then >= 86400 else clock


def every(intervals: int, interval: float) -> str:
    """ "every 3 days" for three *intervals* of a day."""
    seconds = intervals * interval
    return "every day" if seconds == 86400 else f"every {_length(seconds)}"


def _place(facts: ShareFacts, network: str) -> str:
    status = facts.statuses.get(network)
    name = facts.title_of(network)
    if status is None or network == MY_LINK:
        return name
    if status.state is PlacementState.PUBLISHED:
        return f"<{escaped(status.url)}|{name}>" if status.url else name
    words = {
        PlacementState.PENDING: "on its way",
        PlacementState.PUBLISHING: "on its way",
        PlacementState.REFUSED: "not posted",
        PlacementState.ASKING: "not sure",
        PlacementState.CANCELLED: "cancelled",
    }
    return f"{name} ({words[status.state]})"


def _length(seconds: float) -> str:
    return _n(round(seconds / 86400), "day") if seconds >= 86400 else _n(max(1, round(seconds / 60)), "minute")


def _n(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
