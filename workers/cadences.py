"""How often posts are read where a network's quota does not cover all of them in every interval (rule 11)."""

from collections import Counter
from collections.abc import Mapping

from grapevine.domain.budgets import Cadence, cadence, is_lively, lasts
from grapevine.networks.base import Network
from grapevine.store import Store


async def note(store: Store, networks: Mapping[str, Network], now: float) -> None:
    """Counts the placements that are gathered, and notes the cadence that each quota allows for them."""
    interval, window = store.reactions.interval, store.reactions.window
    scarce = {name: one.quota for name, one in networks.items() if one.quota and lasts(one.quota, interval)}
    if not scarce:
        return
    live = [placement for placement in await store.reactions.live() if placement[2] in scarce]
    lively: dict[str, Counter[str]] = {name: Counter() for name in scarce}
    quiet: dict[str, Counter[str]] = {name: Counter() for name in scarce}
    members = {name: {mid for mid, _, network in live if network == name} for name in scarce}
    accounts = {name: await store.accounts.connected(mids, name) for name, mids in members.items()}
    for (mid, _, network), known in zip(live, await store.reactions.many(live), strict=True):
        if known is not None and known.ends is not None:
            kind = lively if is_lively(now, known.ends, window, interval) else quiet
            kind[network][accounts[network].get(mid, mid)] += 1
    for name, quota in scarce.items():
        own, others = lively[name], quiet[name]
        app = cadence(own.total(), others.total(), quota.per_app, quota, interval)
        each = {one: cadence(own[one], others[one], quota.per_account, quota, interval) for one in own | others}
        known_by = {mid: each.get(accounts[name].get(mid, mid), Cadence()) for mid in members[name]}
        slower = {mid: one.within(window, interval) for mid, one in known_by.items() if one != Cadence()}
        await store.cadences.note(name, app.within(window, interval), slower)
