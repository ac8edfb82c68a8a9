"""Programme totals are those of finished calendar months, UTC (rule 17)."""

from datetime import UTC, datetime

from grapevine.domain import months
from grapevine.domain.days import day_of
from tests.people import NOON


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def test_a_month_is_counted_on_the_third_day_after_its_end() -> None:
    assert months.settled(at("2026-11-02T23:59:59"), 1) == ["202609"]
    assert months.settled(at("2026-11-03T00:00:00"), 1) == ["202610"]


def test_the_last_twelve_are_looked_back_at_newest_first() -> None:
    assert months.settled(NOON)[0] == "202610"
    assert months.settled(NOON)[-1] == "202511"
    assert len(months.settled(NOON)) == len(set(months.settled(NOON))) == 12


def test_a_month_has_all_its_days_also_in_a_leap_year_and_no_moment_is_in_two() -> None:
    assert months.days("202802")[-1] == "20280229"
    assert len(months.days("202702")) == 28
    begins, ends = months.span("202612")
    assert (day_of(begins), day_of(ends - 1)) == ("20261201", "20261231")
    assert months.span("202701")[0] == ends
