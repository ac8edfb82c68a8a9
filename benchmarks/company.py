"""A company whose members' posts are all due to be read: what ``benchmarks.refresh`` begins with."""

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.request import urlopen
from zlib import crc32

from grapevine.domain.accounts import Account, AccountState
from grapevine.domain.budgets import DAY
from grapevine.domain.members import Member
from grapevine.domain.posts import Post, PostKind
from grapevine.domain.shares import Placement, PlacementState, Share, Status
from grapevine.networks import bluesky_token, facebook_token, linkedin_token, mastodon_token
from grapevine.networks.base import Network
from grapevine.networks.linkedin_counts import SCOPE
from grapevine.store import Store
from grapevine.store.queue import Jobs
from workers import cadences, planning

#: placements of an account
EACH = 100


@dataclass
class Run:
    """What one run is made of. *due*: network → placements that are due; *networks* as the workers offer them."""

    store: Store
    jobs: Jobs
    networks: Mapping[str, Network]
    env: Mapping[str, str]
    site: str
    due: dict[str, int]

    async def plan(self, ahead: float = 0.0) -> None:
        await planning.plan(self.store, self.jobs, self.networks, time.time() + ahead)

    def books(self) -> dict[str, dict[str, Any]]:
        with urlopen(f"{self.site}/books", timeout=10) as answer:
            found: dict[str, dict[str, Any]] = json.load(answer)
        return found


def token(network: str, number: int, site: str) -> str:
    until = time.time() + 7 * DAY
    if network == "linkedin":
        return linkedin_token.Token(f"access-{number}", (SCOPE,), until, "", f"p{number}").pack()
    if network == "mastodon":
        return mastodon_token.Token(site, f"access-{number}", "id", "secret").pack()
    if network == "bluesky":
        did = f"did:plc:{number:024}"
        return bluesky_token.Token(did, f"{site}/bluesky", f"access-{number}", "refresh", until).pack()
    if network == "facebook":
        return facebook_token.Token(str(number), f"access-{number}", "7").pack()
    return f"{number}:access-{number}:secret"


def remote(network: str, number: int) -> str:
    return {
        "linkedin": f"urn:li:share:{7_000_000_000 + number}",
        "facebook": f"100_{number}",
        "bluesky": f"3k{number:011}",
    }.get(network, str(7_000_000_000 + number))


async def furnish(run: Run, placements: int) -> None:
    """Members with an account each, a hundred placements an account, all of them due."""
    now = time.time()
    names = list(run.networks)
    accounts = max(1, placements // EACH // len(names))
    for place, network in enumerate(names):
        run.due[network] = accounts * EACH
        for number in range(accounts):
            await _account(run, network, place * accounts + number, now)
    await cadences.note(run.store, run.networks, now)
    await run.store.reactions.later(await run.store.reactions.live(), now - 1)


async def _account(run: Run, network: str, number: int, now: float) -> None:
    store = run.store
    for attempt in range(100):
        member = await store.members.join("T0BENCH", f"U{number}.{attempt}", now, "UTC", "en")
        if _reads_late(member, network, now):
            break
    known = Account(network, str(number), f"Member {number}", AccountState.CONNECTED, now)
    await store.accounts.connect(member, known, token(network, number, run.site))
    post = Post(PostKind.LINK, "https://example.com/news", "News")

    async def share(one: int) -> None:
        sid = store.shares.new_id()
        made = Share(sid, member.id, post, now, (Placement(network, known.id, "Read this"),))
        id_ = remote(network, number * EACH + one)
        status = Status(PlacementState.PUBLISHED, now, id_, "https://network.example/7")
        await store.shares.hint_publication(member.id, sid, now)
        await store.shares.make(made, {network: status}, now)
        await store.publishing.done(member.id, sid, network)
        await store.reactions.open(member.id, sid, network, now - DAY)

    for start in range(0, EACH, 20):
        await asyncio.gather(*(share(one) for one in range(start, start + 20)))


def _reads_late(member: Member, network: str, now: float) -> bool:
    """Whether the account's own moment of the day is far enough off: else the day's next read falls into the run."""
    moment = crc32(f"{member.id}:{network}".encode()) / 2**32 * DAY
    return (moment - now) % DAY > 6 * 3600
