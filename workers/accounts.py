"""Connected accounts: reach once a week, tokens before they run out, and what happens when a network says no."""

import asyncio
import logging
from collections.abc import Mapping
from zlib import crc32

from grapevine.domain.accounts import WARNINGS, Account, AccountState, next_warning
from grapevine.domain.budgets import Rank, span
from grapevine.domain.errors import GrapevineError, NotFound, Reconnect, Refused, TryLater, Unavailable
from grapevine.domain.members import Member
from grapevine.networks.allowance import OutOfCalls
from grapevine.networks.base import Network
from grapevine.store import Store
from grapevine.store.accounts import due_name, due_parts
from grapevine.store.queue import EXPIRING, REACH, Jobs, Work
from workers.calls import Meter
from workers.slack import Slack, gently, reconnecting
from workers.spending import purse
from workers.tokens import Replaced, fresh, renew

log = logging.getLogger("workers.accounts")

WEEK = 7 * 86400.0
DAY = 86400.0
HOUR = 3600.0
_TOLD = 30 * 86400
#: seconds after which a connection that is new is looked at again
_SOON = 300.0


async def plan(store: Store, jobs: Jobs, now: float) -> None:
    """Puts a job for each account whose reach or expiry wants a look."""
    for due, job, word in ((store.accounts.reach, REACH, "reach"), (store.accounts.expiries, EXPIRING, "expiring")):
        for name in await due.now(now):
            mid, account = due_parts(name)
            await jobs.put_all([Work(job, (mid, account), _name(word, mid, account))])


async def reach(
    mid: str, account: str, *, store: Store, networks: Mapping[str, Network], slack: Slack, now: float
) -> None:
    """Reads name, picture and reach anew (rule 18: weekly)."""
    name = due_name(mid, account)
    await store.accounts.reach.at(name, now + DAY)
    found = await usable(store, networks, mid, account)
    if found is None:
        if not await _away(store, networks, mid, account):
            await store.accounts.reach.done(name)
        return
    member, known, network, kept = found
    own = await purse(store, member.team, network)
    paid = await own.profile(account, now) if own else []
    if paid is None:
        return  # looked at again tomorrow, when an admin may have raised the budget
    owed = False
    try:
        token = await fresh(store, network, mid, account, kept, now)
        if token is None:
            return
        owed = True
        profile = await Meter(store, network, account).call(Rank.ORDINARY, now, network.profile, token)
    except Reconnect as error:
        owed = error.served
        await lost(member, known, network, error, store=store, slack=slack)
        return
    except GrapevineError as error:
        owed = error.served
        log.warning("reach of %s at %s: %s", mid, network.name, error)
        if isinstance(error, OutOfCalls):  # before the day's reads, else it might never come to its turn
            await store.accounts.reach.at(name, span(now, DAY).ends)
        elif not isinstance(error, TryLater):
            await store.accounts.reach.at(name, now + WEEK)
        elif error.after is not None and now - known.connected_at < HOUR:  # a new one is soon in order
            await store.accounts.reach.at(name, now + max(error.after, _SOON))
        return
    finally:
        if own and not owed:
            await own.unprofile(paid, now)
    seen: dict[str, object] = {}
    if profile.reach is not None:
        seen = {"reach": profile.reach, "reach_at": now, "can_reach": True, "reach_reason": ""}
    elif profile.reach_reason:  # a number of before is no longer true
        seen = {"reach": None, "reach_at": None, "can_reach": False, "reach_reason": profile.reach_reason}
    await store.accounts.change(mid, account, name=profile.name, picture=profile.picture, **seen)
    await store.accounts.reach.at(name, now + WEEK)


async def expiring(
    mid: str, account: str, *, store: Store, networks: Mapping[str, Network], slack: Slack, now: float
) -> None:
    """Renews a token before it runs out; where nobody but the member can, tells them 7 days and 1 day before."""
    name = due_name(mid, account)
    await store.accounts.expiries.at(name, now + HOUR)
    found = await usable(store, networks, mid, account)
    if found is None or found[1].expires_at is None:
        if not await _away(store, networks, mid, account):
            await store.accounts.expiries.done(name)
        return
    member, known, network, token = found
    ends = known.expires_at or now
    try:
        renewed = await renew(store, network, mid, account, token)
    except Replaced:
        return  # by another job or a new connection: each has a date of its own, looked at in an hour
    except TryLater as error:
        # An outage, ours or theirs, is no reason to trouble anybody, however long it lasts: there is a way to renew.
        log.warning("the connection of %s to %s is not renewed yet: %s", mid, network.name, error)
        return
    except (Reconnect, Refused, Unavailable, NotFound) as error:
        log.warning("the connection of %s to %s cannot be renewed: %s", mid, network.name, error)
        renewed = None
    if renewed is not None:
        if renewed[1] is None:
            await store.accounts.expiries.done(name)
        else:
            await store.accounts.expiries.at(name, max(next_warning(renewed[1], now), now + DAY))
        return
    if now >= ends:
        await _ended(member, known, network, token, store=store, slack=slack, now=now)
    else:
        await store.accounts.expiries.at(name, next_warning(ends, now))
        if ends - now <= WARNINGS[0] + 1:  # looked at earlier, as after connecting anew, there is nothing to say
            await _remind(member, known, network, ends, store=store, slack=slack, now=now)


async def _remind(
    member: Member, known: Account, network: Network, ends: float, *, store: Store, slack: Slack, now: float
) -> None:
    """The one reminder of the last week, or that of the last day."""
    last = ends - now <= DAY
    left = "tomorrow" if last else f"in {max(2, round((ends - now) / DAY))} days"
    once = f"expiring:{member.id}:{known.id}:{known.connected_at:.0f}:{'day' if last else 'week'}"
    if not await store.passes.first(once, _TOLD):
        return
    text = (
        f"Your {network.title} connection runs out {left}; {network.title} gives it out for a limited time. "
        f"Connect again with `/grapevine connect {network.name}` and everything goes on."
    )
    try:
        await slack.tell(member, text, reconnecting(text, network))
    except (TryLater, Refused, NotFound) as error:
        log.warning("%s was not reminded: %s", member.id, error)
        if isinstance(error, TryLater) and not error.uncertain:
            await store.passes.forget(once)
            await store.accounts.expiries.at(due_name(member.id, known.id), now + HOUR)


async def _ended(
    member: Member, known: Account, network: Network, token: str, *, store: Store, slack: Slack, now: float
) -> None:
    """By our clock and its date it is over. That may be wrong, so the network itself says so before anybody is told."""
    name = due_name(member.id, known.id)
    before = (known.expires_at or now) - WARNINGS[0]  # where a clock that is set right again finds its dates
    asked = f"ended:{name}:{known.connected_at:.0f}"
    if not await store.passes.first(asked, int(DAY / 4)):
        await store.accounts.expiries.at(name, before)
        return
    try:
        await Meter(store, network, known.id).call(Rank.ORDINARY, now, network.profile, token)
    except Reconnect as error:
        said = Reconnect(f"{network.title} no longer accepts this connection: it has run out.", revoked=error.revoked)
        await lost(member, known, network, said, store=store, slack=slack)
        await store.accounts.expiries.done(name)
    except GrapevineError as error:
        await store.passes.forget(asked)
        log.warning("whether the connection of %s to %s has ended is not known: %s", member.id, network.name, error)
    else:
        await store.accounts.expiries.at(name, before)


async def _away(store: Store, networks: Mapping[str, Network], mid: str, account: str) -> bool:
    """Whether the account waits for its network, whose credentials are not set at the moment."""
    known = await store.accounts.get(mid, account)
    return known is not None and known.state is AccountState.CONNECTED and known.network not in networks


async def usable(
    store: Store, networks: Mapping[str, Network], mid: str, account: str
) -> tuple[Member, Account, Network, str] | None:
    """Member, account, network and token, if the account can be used right now."""
    member, known = await store.members.get(mid), await store.accounts.get(mid, account)
    if member is None or member.left is not None or known is None or known.state is not AccountState.CONNECTED:
        return None
    network, token = networks.get(known.network), await store.tokens.get(mid, account)
    return (member, known, network, token) if network is not None and token is not None else None


async def lost(
    member: Member, account: Account, network: Network, error: Reconnect, *, store: Store, slack: Slack | None
) -> str:
    """The network no longer takes the token (rule 5): the member is told once, by *slack* or by the caller.

    Returns what happened, in a sentence, for a caller who says beside it how to connect again.
    """
    again = f"`/grapevine connect {network.name}` brings it back."
    standing = await store.accounts.get(member.id, account.id)
    if standing is None or standing.connected_at != account.connected_at:
        # The member has connected anew while the old token was in use: its end is no news.
        return f"{network.title} no longer took the former connection of {account.name}."
    if error.revoked:
        await store.accounts.disconnect(member, account.id)
        what = (
            f"{network.title} says that Grapevine may no longer act for {account.name}, so I stopped counting there "
            "and deleted the connection."
        )
        text = f"{what} Your numbers stay. {again}"
    else:
        await store.accounts.change(member.id, account.id, state=AccountState.EXPIRED)
        what = f"Your {network.title} connection no longer works."
        text = f"{what} Clicks are still counted; reactions pause until you connect again. {again}"
    if await store.passes.first(f"lost:{member.id}:{account.id}:{account.connected_at:.0f}", _TOLD) and slack:
        await gently(slack.tell(member, text, reconnecting(text, network)))
    return what


async def leave(store: Store, networks: Mapping[str, Network], member: Member, now: float, erase_at: float) -> None:
    """The person is no longer in Slack: tokens revoked where that can be and wiped at once, erased later (rule 25)."""
    await store.members.leave(member.id, now, erase_at)
    for known in (await store.accounts.all(member.id)).values():
        token = await store.tokens.get(member.id, known.id)
        await store.accounts.disconnect(member, known.id)
        if token is not None and known.network in networks:
            await asyncio.to_thread(networks[known.network].revoke, token)


def _name(word: str, mid: str, account: str) -> str:
    """A job's name; names stand in logs, so the network's own id of the account is not spelled out in them."""
    return f"{word}-{mid}-{account.partition(':')[0]}-{crc32(account.encode()):08x}"
