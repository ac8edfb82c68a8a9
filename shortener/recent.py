"""What Redis took lately and may still lose when it is killed.

With ``appendfsync everysec`` Redis answers before a write is on the disk, and while the disk is busy even before it is
in the file: up to two seconds are gone with the process then. A replica that takes over may lack as much.
https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/
"""

from collections import deque
from collections.abc import Callable

from shortener.frames import Trip

#: seconds: two that a write may wait for the file, one until the next fsync, and one to spare
DOUBT = 4.0
#: clicks that are remembered at the most
_MOST = 50_000


class Recent:
    """The trips of the last four seconds, in memory; sent again they change nothing that Redis still knows."""

    def __init__(self, clock: Callable[[], float], most: int = _MOST) -> None:
        self._clock, self._most = clock, most
        self._trips: deque[tuple[float, Trip]] = deque()
        self._held: list[Trip] = []
        self._clicks = 0

    def keep(self, trip: Trip) -> None:
        """*trip* was settled."""
        now = self._clock()
        self._trips.append((now, trip))
        self._clicks += trip.size
        self._forget(now)

    def hold(self) -> bool:
        """Those of now may be lost: keep them until they are taken, however long that is; whether there are any."""
        self._forget(self._clock())
        self._held += [trip for _, trip in self._trips]
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
            self._clicks -= trips.popleft()[1].size
