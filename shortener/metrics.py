"""What the operator sees, in Prometheus' text format: counts and times, nothing about anybody.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from asyncio import timeout
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress

from aiohttp import web

from grapevine.domain.clicks import Row
from shortener.clicks import Clicks
from shortener.health import Health
from shortener.journals import Journals
from shortener.patience import PATIENCE, Breaker
from shortener.recovery import Recovery

#: seconds
_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
_HEADERS = {"Content-Type": "text/plain; version=0.0.4; charset=utf-8", "Cache-Control": "no-store"}


class Metrics:
    def __init__(
        self, clicks: Clicks, breaker: Breaker, journals: Journals, recovery: Recovery, health: Health
    ) -> None:
        self._clicks, self._breaker, self._journals = clicks, breaker, journals
        self._recovery, self._health = recovery, health
        self._statuses: Counter[int] = Counter()
        self._times = [0] * (len(_BOUNDS) + 1)
        self._seconds = 0.0

    def answered(self, status: int, seconds: float) -> None:
        """A request for a short link was answered."""
        self._statuses[status] += 1
        self._times[bisect_left(_BOUNDS, seconds)] += 1
        self._seconds += seconds

    async def show(self, _: web.BaseRequest) -> web.Response:
        reachable = await self._health.reachable()
        with suppress(TimeoutError):  # a disk that hangs must not keep the operator from seeing it
            async with timeout(PATIENCE):
                await self._journals.look()
        return web.Response(text="".join(self._lines(reachable=reachable)), headers=_HEADERS)

    def _lines(self, *, reachable: bool) -> Iterator[str]:
        rows = {f'row="{row}"': self._clicks.rows[row] for row in Row}
        rows['row="not_gathered"'] = self._clicks.rows[""]
        yield from _family("clicks_total", "counter", "Clicks settled, by row of the receipt.", rows)
        statuses = {f'status="{status}"': count for status, count in sorted(self._statuses.items())}
        yield from _family("requests_total", "counter", "Requests for short links, by status.", statuses)
        lost = self._clicks.lost + self._clicks.refused
        yield from _family("clicks_lost_total", "counter", "Clicks that will never count.", {"": lost})
        yield from _family("clicks_waiting", "gauge", "Clicks on their way to Redis.", {"": self._clicks.waiting})
        yield from _family("redis_up", "gauge", "1 when Redis answers and takes clicks.", {"": int(reachable)})
        away = int(self._breaker.is_open or self._journals.behind)
        yield from _family("breaker_open", "gauge", "1 while clicks go to the journal.", {"": away})
        yield from _family("journal_bytes", "gauge", "Bytes of all journals in the folder.", {"": self._journals.size})
        trouble = int(bool(self._journals.trouble))
        yield from _family("journal_failing", "gauge", "1 when the journal cannot be written.", {"": trouble})
        replayed, adopted = {"": self._recovery.replayed}, {"": self._recovery.adopted}
        yield from _family("clicks_replayed_total", "counter", "Clicks settled from a journal.", replayed)
        yield from _family("journals_adopted_total", "counter", "Journals taken over and settled.", adopted)
        name = "grapevine_shortener_request_seconds"
        yield f"# HELP {name} Time to the answer of a request for a short link.\n# TYPE {name} histogram\n"
        total = 0
        for bound, count in zip((*_BOUNDS, "+Inf"), self._times, strict=True):
            total += count
            yield f'{name}_bucket{{le="{bound}"}} {total}\n'
        yield f"{name}_sum {self._seconds:.6f}\n{name}_count {total}\n"


def _family(name: str, kind: str, text: str, samples: Mapping[str, int]) -> Iterator[str]:
    name = f"grapevine_shortener_{name}"
    yield f"# HELP {name} {text}\n# TYPE {name} {kind}\n"
    for labels, value in samples.items():
        yield f"{name}{{{labels}}} {value}\n" if labels else f"{name} {value}\n"
