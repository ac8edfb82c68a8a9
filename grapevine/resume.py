"""``grapevine resume``: ends the pauses that networks asked for, when an operator knows better."""

import time
from collections.abc import Mapping
from typing import Any

from grapevine.console import say
from grapevine.networks import offered
from grapevine.settings import SettingsError, WorkerSettings, load
from grapevine.status import opened
from grapevine.store import Store


async def run(network: str = "", environ: Mapping[str, Any] | None = None) -> int:
    """Of one *network*, by its name or title, or of all; 0. ``GrapevineError`` when Redis does not answer."""
    settings = load(WorkerSettings, environ)
    titles = {name: one.title for name, one in offered(settings).items()}
    word = network.lower()
    chosen = {name: title for name, title in titles.items() if word in ("", name, title.lower())}
    if word and not chosen:
        raise SettingsError(f"There is no network “{network}” here: {', '.join(titles.values())}.")
    async with opened(settings) as (store, _):
        said = [line for name, title in chosen.items() if (line := await _lifted(store, name, title))]
    whom = chosen[next(iter(chosen))] + " has not" if word else "No network has"
    say("\n".join(said) or f"{whom} asked Grapevine to wait.")
    return 0


async def _lifted(store: Store, name: str, title: str) -> str:
    if not await store.pauses.lift(name):
        return ""
    now = time.time()
    posts, checks = await store.publishing.hasten(name, now), await _checked(store, name, now)
    put_off = " and ".join(_n(count, noun) for count, noun in ((posts, "post"), (checks, "check")) if count)
    verb = "is" if posts + checks == 1 else "are"
    return f"{title} is asked again" + (f": {put_off} that had been put off {verb} due now." if put_off else ".")


async def _checked(store: Store, network: str, now: float) -> int:
    """What is gathered there and was not read for an interval is due now; how much that is."""
    own = [one for one in await store.reactions.live() if one[2] == network]
    late = []
    for one, known in zip(own, await store.reactions.many(own), strict=True):
        if known is not None and known.ends is not None and known.closed is None:
            last = known.checked or known.ends - store.reactions.window
            late += [one] if last < now - store.reactions.interval else []
    await store.reactions.later(late, now)
    return len(late)


def _n(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
