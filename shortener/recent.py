"""What Redis took lately and may still lose when it is killed.

With ``appendfsync everysec`` Redis answers before a write is on the disk, and while the disk is busy even before it is
in the file: up to two seconds are gone with the process then. A replica that takes over may lack as much.
https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/
"""

import marshal
from collections import deque
from collections.abc import Callable

from grapevine.domain.clicks import Row
from grapevine.store.clicks import Batch, Click
from shortener.frames import Trip

#: seconds: two that a write may wait for the file, one until the next fsync, and one to spare
DOUBT = 4.0
#: clicks that are remembered at the most
_MOST = 50_000


class Recent:
    """The trips of the last four seconds, in memory; sent again they change nothing that Redis still knows."""

    def __init__(self, clock: Callable[[], float], most: int = _MOST) -> None:
        self._clock, self._most = clock, most
        #: when, how many clicks, and the trip packed: fifty thousand clicks as objects made the garbage collector stop
        #: everything for tens of milliseconds
        self._trips: deque[tuple[float, int, bytes]] = deque()
        self._held: list[Trip] = []
        self._clicks = 0

    def keep(self, trip: Trip) -> None:
        """*trip* was settled."""
        now = self._clock()
        size = trip.size
        self._trips.append((now, size, _packed(trip)))
        self._clicks += size
        self._forget(now)

    def hold(self) -> bool:
        """Those of now may be lost: keep them until they are taken, however long that is; whether there are any."""
        self._forget(self._clock())
        self._held += [_unpacked(packed) for _, _, packed in self._trips]
        self._trips.clear()
        self._clicks = 0
        return bool(self._held)

    def take(self) -> list[Trip]:
        """Those that may be lost, oldest first; they are not kept any longer."""
        self.hold()
        trips, self._held = self._held, []
        return trips

    def _forget(self, now: float) -> None:
        trips = self._trips
        while trips and (trips[0][0] <= now - DOUBT or self._clicks > self._most):
            self._clicks -= trips.popleft()[1]


def _packed(trip: Trip) -> bytes:
    batches = [
        (mid, sid, writer, [(row and row.value, *rest) for row, *rest in clicks])
        for mid, sid, writer, _, clicks in trip.batches
    ]
    return marshal.dumps((trip.number, trip.sent, batches))


def _unpacked(packed: bytes) -> Trip:
    number, sent, batches = marshal.loads(packed)  # noqa: S302 (packed above, in this process)
    return Trip(
        number,
        sent,
        tuple(
            Batch(mid, sid, writer, number, tuple(Click(row and Row(row), *rest) for row, *rest in clicks))
            for mid, sid, writer, clicks in batches
        ),
    )
