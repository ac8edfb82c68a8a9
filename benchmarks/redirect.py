"""Redirects a second with each click settled before its 302, beside a server that stores nothing (design §8).

``python -m benchmarks.redirect [--quick] [--json] [--fsync always] [--processes 2] [--case many]``; needs wrk.
Both servers are measured in turns in one run; after each of ours the receipts are compared with the requests that wrk
made. Besides the rates it prints what a request costs the processors, which a busy machine changes less.
"""

import argparse
import asyncio
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from grapevine.domain.links import Link
from grapevine.domain.posts import Post, PostKind
from grapevine.domain.shares import Placement, PlacementState, Share, Status
from grapevine.store import Store
from grapevine.store.embedded import EmbeddedServer

HERE = Path(__file__).parent
CONNECTIONS = 64
#: the case, what it is called, and the ratio to reach
CASES = (
    ("same", "one link, one visitor", 0.8),
    ("many", "many links, new visitors", 0.65),
    ("one", "one link, new visitors", 0.6),
)


@dataclass(frozen=True)
class Measured:
    """Requests a second, the 99th percentile in milliseconds, how many requests there were, and what one of them cost
    the server and Redis in microseconds of a processor.
    """

    rate: float
    p99: float
    requests: int
    cpu: float
    redis: float


def free_port() -> int:
    with socket.socket() as plug:
        plug.bind(("127.0.0.1", 0))
        return int(plug.getsockname()[1])


@contextmanager
def running(port: int, *words: str, **env: str) -> Iterator[int]:
    """A program of ours that listens on *port*; its process id."""
    process = subprocess.Popen([sys.executable, *words], cwd=HERE.parent, env={**os.environ, **env})
    try:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with socket.socket() as plug:
                if plug.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def cpu(pid: int) -> float:
    """Seconds of a processor that a process and its children have used; 0 where there is no /proc."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return 0.0
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK") + sum(cpu(int(child)) for child in children)


def wrk(port: int, pids: Sequence[int], case: str, run: int, slugs: Path, seconds: int) -> Measured:
    """One run of wrk; *pids* are the server's and Redis'."""
    used = [cpu(pid) for pid in pids]
    command = ["wrk", "-t2", f"-c{CONNECTIONS}", f"-d{seconds}", "--latency", "-s", str(HERE / "redirect.lua")]
    env = {**os.environ, "CASE": case, "RUN": str(run), "SLUGS": str(slugs)}
    said = subprocess.run(
        [*command, f"http://127.0.0.1:{port}"], env=env, capture_output=True, text=True, check=True
    ).stdout
    if "Non-2xx or 3xx" in said or "Socket errors" in said:
        sys.exit(f"Some requests failed:\n{said}")
    p99, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", said).groups()  # type: ignore[union-attr]  # wrk prints it
    requests = int(re.search(r"(\d+) requests in", said)[1])  # type: ignore[index]
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])  # type: ignore[index]
    took = [(cpu(pid) - before) * 1e6 / requests for pid, before in zip(pids, used, strict=True)]
    return Measured(rate, float(p99) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[unit], requests, *took)


async def fill(store: Store, count: int) -> tuple[str, list[str]]:
    """A member with so many shares of a link each; its id and the slugs."""
    slugs = []
    member = await store.members.join("T1", "U1", 0.0)
    for number in range(count):
        sid = f"{number:06d}"
        slugs.append(await store.links.claim(Link("https://example.com/", member.id, sid, "mylink")))
        post = Post(PostKind.LINK, "https://example.com/")
        share = Share(sid, member.id, post, 0.0, (Placement("mylink", "", ""),))
        await store.shares.make(share, {"mylink": Status(PlacementState.PUBLISHED, 0.0)}, 0.0)
    return member.id, slugs


async def counted(store: Store, member: str, count: int) -> int:
    return sum([(await store.shares.receipt(member, f"{number:06d}")).total for number in range(count)])


def measure(options: argparse.Namespace) -> Iterator[tuple[str, float, list[Measured], list[Measured]]]:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        server = EmbeddedServer.start(data / "data")
        try:
            yield from _measure(options, server.url, data / "slugs")
        finally:
            server.stop()


def _measure(
    options: argparse.Namespace, url: str, file: Path
) -> Iterator[tuple[str, float, list[Measured], list[Measured]]]:
    count = 1000 if options.quick else 10_000
    seconds, turns = (2, 2) if options.quick else (8, 3)

    async def prepare() -> tuple[str, list[str], int]:
        store = Store.open(url)
        redis = int((await store.redis.info("server"))["process_id"])
        await store.redis.execute_command("CONFIG", "SET", "appendfsync", options.fsync)
        filled = await fill(store, count)
        await store.close()
        return *filled, redis

    async def total() -> int:
        store = Store.open(url)
        found = await counted(store, member, count)
        await store.close()
        return found

    member, slugs, redis = asyncio.run(prepare())
    file.write_text("\n".join(slugs))
    bare, ours = free_port(), free_port()
    env = {"REDIS_URL": url, "VISITOR_SECRET": "the benchmark's secret", "TRUSTED_PROXIES": "127.0.0.1"}
    env |= {"SHORTENER_PROCESSES": str(options.processes), "GRAPEVINE_DATA": str(file.parent / "shortener")}
    with (
        running(bare, "-m", "benchmarks.bare", str(bare)) as bare_pid,
        running(ours, "-m", "shortener", SHORTENER_PORT=str(ours), LOG_LEVEL="WARNING", **env) as our_pid,
    ):
        run = 0
        for case, name, reach in CASES:
            if options.case not in (None, case):
                continue
            baseline, measured = [], []
            for _ in range(turns):
                run += 1
                baseline.append(wrk(bare, (bare_pid, redis), case, run, file, seconds))
                before = asyncio.run(total())
                measured.append(wrk(ours, (our_pid, redis), case, run, file, seconds))
                extra = asyncio.run(total()) - before - measured[-1].requests
                # what was on its way when wrk hung up is counted by us and not by wrk
                if not 0 <= extra <= CONNECTIONS:
                    sys.exit(f"{name}: the receipts differ from wrk's requests by {extra}.")
            yield name, reach, baseline, measured


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="shorter runs, for a look")
    parser.add_argument("--json", action="store_true", help="one object a line")
    parser.add_argument("--fsync", choices=("everysec", "always"), default="everysec")
    parser.add_argument("--processes", type=int, default=1, help="of the shortener, on one port")
    parser.add_argument("--case", choices=[case for case, _, _ in CASES], help="only this one")
    options = parser.parse_args(arguments)
    if not options.json:
        print(f"{'':<28}{'requests/s':^20}{'':16}{'p99 ms':^18}{'processor µs/request':^24}")
        print(f"{'case':<28}{'ours':>10}{'bare':>10}{'ratio':>8}{'reach':>8}{'ours':>9}{'bare':>9}", end="")
        print(f"{'ours':>8}{'bare':>8}{'Redis':>8}")
    for name, reach, baseline, measured in measure(options):
        rate, base = median(one.rate for one in measured), median(one.rate for one in baseline)
        p99, base99 = median(one.p99 for one in measured), median(one.p99 for one in baseline)
        cost, base_cost = median(one.cpu for one in measured), median(one.cpu for one in baseline)
        redis = median(one.redis for one in measured)
        if options.json:
            told = (("rate", rate, "1/s", base), ("p99", p99, "ms", base99), ("cpu", cost, "µs", base_cost))
            for what, value, unit, beside in told:
                row = {"name": f"redirect {name} {what}", "value": value, "unit": unit}
                print(json.dumps({**row, "baseline": beside, "ratio": round(value / beside, 3) if beside else None}))
            print(json.dumps({"name": f"redirect {name} Redis cpu", "value": redis, "unit": "µs"}), flush=True)
        else:
            print(
                f"{name:<28}{rate:>10.0f}{base:>10.0f}{rate / base:>8.2f}{reach:>8.2f}{p99:>9.1f}{base99:>9.1f}", end=""
            )
            print(f"{cost:>8.1f}{base_cost:>8.1f}{redis:>8.1f}", flush=True)


if __name__ == "__main__":
    main()
