"""Bytes of memory a unique click (design §8).

``python -m benchmarks.memory [--quick] [--json]``; on every server at hand, and those that REDIS_SERVERS names (paths,
separated as in PATH). Clicks go in as the shortener's do, each from an address of its own; what the server says it
uses (``used_memory``) is read before and after, and again when what is held for a time and when the visitors are taken
away. Small shares are measured by the hundred. The count is exact, or the run fails.
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
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
    """Bytes a click: the visitors and their keys; everything that the clicks left; what is left of that in the end."""

    clicks: int
    visitors: float
    everything: float
    in_the_end: float


def reach(clicks: int) -> float | None:
    if clicks < 100:
        return None
    return 12.0 if clicks < 500 else 10.0


async def measure(url: str, clicks: int) -> Measured:
    """Shares of so many clicks each, in an empty server."""
    count = max(1, min(1000, _TOGETHER // clicks))
    shares = [f"{number:06d}" for number in range(count)]
    async with _opened(url) as store:
        await store.redis.execute_command("FLUSHALL")
        member = (await store.members.join("T1", "U1", _NOW)).id
        for sid in ("warm00", *shares):
            post = Post(PostKind.LINK, "https://example.com/")
            share = Share(sid, member, post, _NOW, (Placement("mylink", "", ""),))
            await store.shares.make(share, {"mylink": Status(PlacementState.PUBLISHED, _NOW)}, _NOW)
        # what scripts and their words take once is no click's
        await _follow(store, member, "warm00", 3000)
    before = await _used(url)
    async with _opened(url) as store:
        for sid in shares:
            await _follow(store, member, sid, clicks)
            unique = (await store.shares.receipt(member, sid)).unique
            if unique != clicks:
                sys.exit(f"{clicks} clicks were counted as {unique}.")
    used = [await _used(url)]
    # addresses for an hour; then the visitors
    for names in ((f"{{{member}}}x0",), (keys.visitors(member, "0"),)):
        async with _opened(url) as store:
            for name in names:
                await _forget(store, f"{name}*")
        used.append(await _used(url))
    everything, in_the_end, others = ((size - before) / (clicks * count) for size in used)
    return Measured(clicks, in_the_end - others, everything, in_the_end)


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Store]:
    store = Store.open(url)
    try:
        yield store
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


async def _used(url: str) -> int:
    """What the server uses when it has put its tables in order, which it does little by little.

    Asked on a connection of its own, and without it: the buffers of connections are no clicks'.
    """
    async with _opened(url) as store:
        used, before = await _said(store), -1
        while used != before:
            await asyncio.sleep(0.15)
            used, before = await _said(store), used
        return used


async def _said(store: Store) -> int:
    info = await store.redis.info("memory")
    return int(info["used_memory"]) - int(info["mem_clients_normal"])


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
        print(f"{'server':<16}{'clicks':>10}{'visitors':>10}{'reach':>8}{'everything':>12}{'in the end':>12}")
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
        figures = f"{measured.everything:>12.2f}{measured.in_the_end:>12.2f}"
        print(f"{server:<16}{clicks:>10,}{measured.visitors:>10.2f}{most or '':>8}{figures}", flush=True)
        return
    for what in ("visitors", "everything", "in the end"):
        value = getattr(measured, what.replace(" ", "_"))
        row = {"name": f"memory {server} {clicks} clicks {what}", "value": round(value, 3), "unit": "bytes/click"}
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
