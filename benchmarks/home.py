"""Home of a member with 10,000 shares beside Home of one with 10 (design §8): gathered from Redis, and drawn.

``python -m benchmarks.home [--quick] [--json]``; needs a Redis server. Both members are looked at in turns in one run.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median, quantiles

from cryptography.fernet import Fernet

from bot.home import gather
from bot.home_view import Glance, view
from grapevine.domain.accounts import Account, AccountState
from grapevine.domain.days import day_of
from grapevine.domain.links import Link
from grapevine.domain.members import Member
from grapevine.domain.posts import Post, PostKind
from grapevine.domain.reactions import Counts
from grapevine.domain.shares import Placement, PlacementState, Share, ShortLink, Status
from grapevine.settings import BotSettings
from grapevine.store import Store, keys
from grapevine.store.clicks import Batch, Click
from grapevine.store.embedded import EmbeddedServer

FEW, MANY, REACH = 10, 10_000, 1.5
_NOW = 1_795_262_400.0
_DAY = 86_400.0


async def fill(store: Store, user: str, count: int) -> Member:
    """A member with *count* shares on two networks over two years, the newest with clicks and reactions."""
    member = await store.members.join("T1", user, _NOW)
    account = Account("linkedin", user, "A member", AccountState.CONNECTED, _NOW, reach=500)
    await store.accounts.connect(member, account, "token")
    for number in range(count):
        sid, at = f"{number:06d}", _NOW - (count - number) * 730 * _DAY / count
        url = f"https://example.com/news/{number}"
        slug = await store.links.claim(Link(url, member.id, sid, "linkedin", account.id))
        placements = (
            Placement("linkedin", account.id, "Read this.", (ShortLink(slug, url),), slug),
            Placement("mylink", "", "", (ShortLink(slug, url),), slug),
        )
        share = Share(sid, member.id, Post(PostKind.LINK, url, f"News {number}"), at, placements, reach=500)
        status = Status(PlacementState.PUBLISHED, at, "urn", "https://example.com/post")
        await store.shares.make(share, {"linkedin": status, "mylink": status}, at)
        if number >= count - 10:
            clicks = tuple(Click(None, "mylink", "", at, tag, tag) for tag in range(40))
            await store.clicks.settle([Batch(member.id, sid, "benchmark", 1, clicks)], at)
            await store.reactions.open(member.id, sid, "linkedin", at)
            await store.reactions.take(member.id, sid, "linkedin", Counts(3, 2, 1), at)
    days = {day_of(_NOW - number * _DAY): number % 7 for number in range(min(count, 730))}
    await store.redis.hset(keys.click_days(member.id), mapping=days)
    return member


async def look(store: Store, settings: BotSettings, member: Member) -> float:
    """Milliseconds to one Home."""
    began = time.perf_counter()
    home = await gather(store, {}, settings, member, _NOW, Glance())
    drawn = view(home, chart=True)
    took = (time.perf_counter() - began) * 1000
    assert len(home.page) == 5
    assert drawn["blocks"]
    return took


async def measure(url: str, turns: int, many: int) -> tuple[list[float], list[float]]:
    """Milliseconds to Home of the member with few shares, and of the one with *many*."""
    settings = BotSettings.model_validate({"slack_bot_token": "xoxb-1", "slack_signing_secret": "secret"})
    store = Store.open(url, encryption_keys=[Fernet.generate_key().decode()])
    try:
        members = [await fill(store, "U1", FEW), await fill(store, "U2", many)]
        for member in members:
            assert await store.shares.count(member.id) in (FEW, many)
        took: tuple[list[float], list[float]] = ([], [])
        for turn in range(turns + 20):
            for place, member in enumerate(members):
                one = await look(store, settings, member)
                if turn >= 20:  # the first ones open connections and load scripts
                    took[place].append(one)
        return took
    finally:
        await store.close()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="fewer looks")
    parser.add_argument("--json", action="store_true", help="one object a line")
    parser.add_argument("--shares", type=int, default=MANY, help="of the member who has many")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedServer.start(Path(folder))
        try:
            few, many = asyncio.run(measure(server.url, 100 if options.quick else 1000, options.shares))
        finally:
            server.stop()
    if not options.json:
        print(f"{'Home':<12}{f'{options.shares:,} shares':>16}{f'{FEW} shares':>12}{'ratio':>8}{'reach':>8}")
    for name, value, beside in (("median", median(many), median(few)), ("p95", _p95(many), _p95(few))):
        ratio = value / beside
        if options.json:
            row = {"name": f"home {options.shares} shares {name}", "value": round(value, 3), "unit": "ms"}
            print(json.dumps({**row, "baseline": round(beside, 3), "ratio": round(ratio, 3)}))
        else:
            print(f"{name:<12}{value:>13.2f} ms{beside:>9.2f} ms{ratio:>8.2f}{REACH:>8.2f}")


def _p95(times: Sequence[float]) -> float:
    return quantiles(times, n=20)[-1]


if __name__ == "__main__":
    main()
