"""Bytes of memory a unique click, everything that is kept of it included (design §8).

``python -m benchmarks.memory [--quick] [--json]``; on every server at hand, and those that REDIS_SERVERS names (paths,
separated as in PATH). Clicks go in as the shortener's do, each from an address of its own; what the server says it
uses (``used_memory``) is read before and after, also with what is held for an hour and for a day gone. Small shares are
measured by the hundred. The count is exact, or the run fails.
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.redirect import free_port
from grapevine.domain.posts import Post, PostKind
from grapevine.domain.shares import Placement, PlacementState, Share, Status
from grapevine.store import Store, keys
from grapevine.store.clicks import Batch, Click
from tests.store import servers

SIZES = (10, 100, 500, 1_000, 10_000, 100_000, 1_000_000)
QUICK = (10, 100, 500, 1_000, 10_000, 50_000)
#: clicks of small shares altogether, and of one call
_TOGETHER, _A_CALL = 20_000, 500
_NOW = 1_795_262_400.0


@dataclass(frozen=True)
class Measured:
    """Bytes a click: with everything, after an hour (addresses are forgotten), after a day (batches are, too)."""

    clicks: int
    at_once: float
    after_an_hour: float
    after_a_day: float


def reach(clicks: int) -> float | None:
    if clicks < 100:
        return None
    return 12.0 if clicks < 500 else 10.0


async def measure(url: str, clicks: int) -> Measured:
    """Shares of so many clicks each, all new; and the same when the shares are older than what is held for a time."""
    at_once, _ = await _grown(url, clicks, old=False)
    return Measured(clicks, at_once, *await _grown(url, clicks, old=True))


async def _grown(url: str, clicks: int, *, old: bool) -> tuple[float, float]:
    """Bytes a click in an empty server: as written (*old*: without the addresses), and without the batches."""
    store = Store.open(url)
    try:
        await store.redis.execute_command("FLUSHALL")
        member = (await store.members.join("T1", "U1", _NOW)).id
        count = max(1, min(1000, _TOGETHER // clicks))
        shares = [f"{number:06d}" for number in range(count)]
        for sid in shares:
            post = Post(PostKind.LINK, "https://example.com/")
            share = Share(sid, member, post, _NOW, (Placement("mylink", "", ""),))
            await store.shares.make(share, {"mylink": Status(PlacementState.PUBLISHED, _NOW)}, _NOW)
        await _follow(store, member, "warm00", 1)  # the script itself is no click's
        before = await _used(store)
        for sid in shares:
            await _follow(store, member, sid, clicks)
            if old:  # one by one: shares that are followed at different times share the room
                await _forget(store, f"{keys.caps(member, sid)}*")
            unique = (await store.shares.receipt(member, sid)).unique
            if unique != clicks:
                sys.exit(f"{clicks} clicks were counted as {unique}.")
        written = await _used(store) - before
        await _forget(store, keys.batch(member, "*"))
        left = await _used(store) - before
        return written / (clicks * count), left / (clicks * count)
    finally:
        await store.close()


async def _follow(store: Store, member: str, sid: str, clicks: int) -> None:
    chance = random.Random(f"{sid} {clicks}")
    for number, start in enumerate(range(0, clicks, _A_CALL), 1):
        some = tuple(
            Click(None, "mylink", "", _NOW, chance.getrandbits(64) - 2**63, chance.getrandbits(64) - 2**63)
            for _ in range(min(_A_CALL, clicks - start))
        )
        await store.clicks.settle([Batch(member, sid, "0a1b2c3d", number, some)], _NOW)


async def _used(store: Store) -> int:
    return int((await store.redis.info("memory"))["used_memory"])


async def _forget(store: Store, names: str) -> None:
    """What the server does itself when the time of these keys has come."""
    found = [name async for name in store.redis.scan_iter(match=names, count=10_000)]
    for start in range(0, len(found), 1000):
        await store.redis.delete(*found[start : start + 1000])


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="up to 50,000 clicks, for a look")
    parser.add_argument("--json", action="store_true", help="one object a line")
    parser.add_argument("--most", type=int, default=SIZES[-1], help="clicks of the biggest share")
    options = parser.parse_args(arguments)
    if not options.json:
        print(f"{'server':<16}{'clicks':>10}{'bytes':>9}{'reach':>8}{'after 1 h':>12}{'after 1 d':>12}")
    with tempfile.TemporaryDirectory() as folder:
        for name, binary in sorted(servers.at_hand().items()):
            port = free_port()
            with servers.server(Path(folder) / name.replace(" ", "-"), port, binary=binary):
                for clicks in QUICK if options.quick else SIZES:
                    if clicks > options.most:
                        break
                    tell(name, asyncio.run(measure(f"redis://127.0.0.1:{port}", clicks)), as_json=options.json)


def tell(server: str, measured: Measured, *, as_json: bool) -> None:
    clicks, most = measured.clicks, reach(measured.clicks)
    if not as_json:
        figures = f"{measured.after_an_hour:>12.2f}{measured.after_a_day:>12.2f}"
        print(f"{server:<16}{clicks:>10,}{measured.at_once:>9.2f}{most or '':>8}{figures}", flush=True)
        return
    for when in ("at once", "after an hour", "after a day"):
        value = getattr(measured, when.replace(" ", "_"))
        row = {"name": f"memory {server} {clicks} clicks {when}", "value": round(value, 3), "unit": "bytes/click"}
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
