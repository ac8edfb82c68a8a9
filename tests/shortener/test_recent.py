"""The trips of the last seconds, which Redis may have taken and lost."""

from grapevine.domain.clicks import Row
from grapevine.store.clicks import Batch, Click
from shortener.frames import Trip
from shortener.recent import DOUBT, Recent
from tests.people import NOON
from tests.shortener.conftest import ACCOUNT, Clock


def trip(number: int, size: int = 1) -> Trip:
    return Trip(number, NOON, (Batch("member", "share", "", number, (Click(None, "mylink", "", NOON, 1, 1),) * size),))


def test_the_trips_of_the_last_seconds_are_remembered() -> None:
    clock = Clock(NOON)
    recent = Recent(clock)
    for number in range(10):
        recent.keep(trip(number))
        clock.now += 1
    assert [one.number for one in recent.take()] == [7, 8, 9]
    assert recent.take() == []


def test_a_trip_comes_back_as_it_was() -> None:
    clicks = (
        Click(None, "linkedin", ACCOUNT, NOON + 0.25, -(2**63), 2**63 - 1),
        Click(Row.BOT, "mylink", "", NOON),
    )
    sent = Trip(7, NOON, (Batch("member", "share", "writer", 7, clicks), Batch("é", "other", "writer", 7, clicks[:1])))
    recent = Recent(Clock(NOON))
    recent.keep(sent)
    (found,) = recent.take()
    assert found == sent
    assert found.batches[0].clicks[1].row is Row.BOT


def test_what_is_held_is_kept_until_it_is_taken() -> None:
    clock = Clock(NOON)
    recent = Recent(clock)
    assert not recent.hold()
    recent.keep(trip(1))
    assert recent.hold()
    clock.now += 10 * DOUBT
    recent.keep(trip(2))
    assert recent.hold()
    assert [one.number for one in recent.take()] == [1, 2]


def test_so_many_clicks_are_remembered_at_the_most() -> None:
    recent = Recent(Clock(NOON), most=10)
    for number in range(10):
        recent.keep(trip(number, 4))
    assert [one.number for one in recent.take()] == [8, 9]
