"""When a digest may go out: at the member's pace, outside the quiet hours of their own time zone."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from grapevine.domain.digests import next_digest
from grapevine.domain.members import Member, Pace, Preferences

BEA = Member("abcdefgh", "T1", "U1", 0.0, tz="Europe/Stockholm")
SOON = 900.0
ZONES = ["UTC", "Europe/Stockholm", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia"]


def at(text: str, zone: str = "Europe/Stockholm") -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


def with_(**chosen: object) -> Member:
    return replace(BEA, preferences=replace(Preferences(), **chosen))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("pace", "pause"), [(Pace.AT_ONCE, 0), (Pace.SOON, 900), (Pace.HOURLY, 3600), (Pace.DAILY, 86400)]
)
def test_at_most_one_digest_an_interval(pace: Pace, pause: float) -> None:
    noon = at("2026-11-21T12:00")
    assert next_digest(with_(pace=pace), noon, noon + 60, SOON) == noon + max(pause, 60)
    assert next_digest(with_(pace=pace), 0, noon, SOON) == noon


def test_whoever_switched_digests_off_gets_none() -> None:
    noon = at("2026-11-21T12:00")
    assert [next_digest(with_(pace=pace), 0, noon, SOON) for pace in (Pace.OFF, Pace.SOON)] == [None, noon]


def test_whoever_left_gets_none() -> None:
    noon = at("2026-11-21T12:00")
    assert [next_digest(replace(BEA, left=left), 0, noon, SOON) for left in (1.0, None)] == [None, noon]


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-11-21T19:59", "2026-11-21T19:59"),
        ("2026-11-21T20:00", "2026-11-22T08:00"),
        ("2026-11-21T23:59", "2026-11-22T08:00"),
        ("2026-11-22T00:00", "2026-11-22T08:00"),
        ("2026-11-22T07:59", "2026-11-22T08:00"),
        ("2026-11-22T08:00", "2026-11-22T08:00"),
    ],
)
def test_quiet_hours_over_midnight_end_in_the_morning(now: str, then: str) -> None:
    assert next_digest(BEA, 0, at(now), SOON) == at(then)


def test_quiet_hours_are_those_of_the_members_own_clock() -> None:
    nine_in_stockholm = at("2026-11-21T21:00")
    assert next_digest(replace(BEA, tz="America/New_York"), 0, nine_in_stockholm, SOON) == nine_in_stockholm
    assert next_digest(BEA, 0, nine_in_stockholm, SOON) == at("2026-11-22T08:00")


def test_quiet_hours_within_a_day() -> None:
    member = with_(quiet_from=9, quiet_to=17)
    assert next_digest(member, 0, at("2026-11-21T08:59"), SOON) == at("2026-11-21T08:59")
    assert next_digest(member, 0, at("2026-11-21T09:00"), SOON) == at("2026-11-21T17:00")


def test_equal_hours_mean_none() -> None:
    member = with_(quiet_from=8, quiet_to=8)
    assert next_digest(member, 0, at("2026-11-21T03:00"), SOON) == at("2026-11-21T03:00")


def test_an_hour_that_the_clocks_skip_ends_with_the_one_after_it() -> None:
    member = with_(quiet_from=22, quiet_to=2)  # 02:00 does not exist in Stockholm on 29 March 2026
    assert next_digest(member, 0, at("2026-03-29T01:30"), SOON) == at("2026-03-29T03:00")


def test_a_time_zone_that_nobody_knows_is_taken_for_utc() -> None:
    for name in ("Mars/Olympus_Mons", "", "../../etc/passwd"):
        member = replace(BEA, tz=name)
        assert next_digest(member, 0, at("2026-11-21T21:00", "UTC"), SOON) == at("2026-11-22T08:00", "UTC")


@given(
    some.sampled_from(ZONES),
    some.integers(0, 23),
    some.integers(0, 23),
    some.floats(1.7e9, 1.9e9),
    some.sampled_from([Pace.AT_ONCE, Pace.SOON, Pace.HOURLY, Pace.DAILY]),
)
def test_it_is_never_early_never_at_night_and_never_more_than_a_day_late(
    zone: str, begin: int, end: int, now: float, pace: Pace
) -> None:
    member = replace(BEA, tz=zone, preferences=Preferences(pace, begin, end))
    then = next_digest(member, 0, now, SOON)
    assert then is not None
    assert now <= then <= now + timedelta(days=1, hours=1).total_seconds()
    hour = datetime.fromtimestamp(then, ZoneInfo(zone)).hour
    quiet = begin <= hour < end if begin < end else hour >= begin or hour < end
    assert begin == end or not quiet
