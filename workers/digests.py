"""Telling members of new clicks: at their pace, outside their quiet hours, once."""

import logging
from collections.abc import Mapping

from grapevine.domain.digests import interval, next_digest
from grapevine.domain.errors import NotFound, Refused, TryLater
from grapevine.domain.members import ERASED_AFTER
from grapevine.domain.shares import Share
from grapevine.networks.base import Network
from grapevine.settings import WorkerSettings
from grapevine.store import Store
from grapevine.store.queue import TELL, Jobs, Work
from workers.accounts import leave
from workers.slack import Block, Slack, escaped, link, section

log = logging.getLogger("workers.digests")

#: seconds after which a member is looked at again whose job was lost
_LOST = 300.0
#: characters of one block, and of all that name shares: Slack takes 3,000 and some 12,000
_A_BLOCK, _A_MESSAGE = 2900, 9000


async def plan(store: Store, jobs: Jobs, soon: float, now: float) -> None:
    """Puts a job for each member who may be told now; the others are looked at when they may be."""
    for mid in await store.digests.due(now):
        member = await store.members.get(mid)
        at = next_digest(member, await store.digests.last(mid), now, soon) if member else None
        if at is None:
            await store.digests.done(mid)
        elif at > now:
            await store.digests.later(mid, at)
        else:
            await store.digests.later(mid, now + _LOST)
            await jobs.put_all([Work(TELL, (mid,), f"tell-{mid}")])


async def tell(
    mid: str,
    *,
    store: Store,
    networks: Mapping[str, Network],
    slack: Slack,
    settings: WorkerSettings,
    now: float,
) -> None:
    """One message about everything new."""
    member, soon = await store.members.get(mid), settings.digest_interval
    at = next_digest(member, await store.digests.last(mid), now, soon) if member else None
    if member is None or at is None:
        await store.digests.done(mid)
        return
    if at > now:
        await store.digests.later(mid, at)
        return
    # Should we die: what was taken is pending, and looked at again. A click that comes meanwhile plans earlier.
    again = now + max(_LOST, soon)
    await store.digests.later(mid, again)
    news = await store.digests.take(mid, now, interval(member.preferences.pace, soon) or 0.0)
    if news:
        shares = {sid: share for sid in news if (share := await store.shares.get(mid, sid))}
        text, blocks = message(news, shares, await slack.home(member.team))
        try:
            await slack.tell(member, text, blocks)
        except NotFound:
            await leave(store, networks, member, now, now + ERASED_AFTER)
        except TryLater as error:
            if not error.uncertain:
                log.warning("%s is told later: %s", mid, error)
                return  # still pending
            # It may have arrived; the same people announced twice would be a wrong number.
        except Refused as error:
            log.warning("%s was not told: %s", mid, error)
        await store.digests.confirm(mid)
    await store.digests.done(mid, again)


def message(news: Mapping[str, int], shares: Mapping[str, Share], home: str | None) -> tuple[str, list[Block]]:
    """Plain text and blocks; *news* is share id → new unique clicks, *home* the address of the app's Home."""
    total = sum(news.values())
    followed = "1 new person followed" if total == 1 else f"{total:,} new people followed"
    text = f"{followed} your link{'s' if len(news) > 1 else ''}."
    lines = [
        f"*+{count:,}* {_named(shares[sid])}"
        for sid, count in sorted(news.items(), key=lambda item: (-item[1], item[0]))
        if sid in shares
    ]
    blocks = [section(f"*{text}*"), *map(section, _within(lines))]
    if home:
        label = {"type": "plain_text", "text": "See my insights"}
        blocks.append(
            {"type": "actions", "elements": [{"type": "button", "text": label, "url": home, "action_id": "insights"}]}
        )
    return text, blocks


def _within(lines: list[str]) -> list[str]:
    """The lines in as few texts as Slack takes; what does not fit is counted."""
    texts: list[str] = []
    room = _A_MESSAGE
    for place, line in enumerate(lines):
        room -= len(line) + 1
        if room < 0:
            return [*texts, f"… and {len(lines) - place} more of your shares"]
        if texts and len(texts[-1]) + len(line) < _A_BLOCK:
            texts[-1] += f"\n{line}"
        else:
            texts.append(line)
    return texts


def _named(share: Share) -> str:
    """The post, led to directly: its own short link would have to say that it is the sharer who follows it."""
    name = " ".join((share.post.title or share.post.url).split())
    shortened = name if len(name) <= 100 else name[:99] + "…"
    url = share.post.url
    return link(url, shortened) if len(url) <= 180 else escaped(shortened)
