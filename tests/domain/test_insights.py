"""Sums over days, and how they are drawn."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grapevine.domain.days import day_of, last_days
from grapevine.domain.insights import PERIODS, points_of_chart, sparkline
from tests.people import NOON


def test_days_are_utc_and_today_is_the_last() -> None:
    assert day_of(NOON + 11.99 * 3600) == "20261121"
    assert day_of(NOON + 12 * 3600) == "20261122"
    assert last_days(NOON, 7)[0] == "20261115"
    assert last_days(NOON, 7)[-1] == "20261121"


@given(st.sampled_from(PERIODS), st.data())
def test_the_chart_loses_no_click_and_has_at_most_15_points(period: int, data: st.DataObject) -> None:
    values = data.draw(st.lists(st.integers(0, 50), min_size=period, max_size=period))
    points = points_of_chart(last_days(NOON, period), values)
    assert sum(point.value for point in points) == sum(values)
    assert len(points) <= 15
    assert len({point.label for point in points}) == len(points)


@pytest.mark.parametrize(("values", "drawn"), [([], ""), ([0, 0], "▁▁"), ([0, 1, 2, 8], "▁▂▃█"), ([-1, 4], "▁█")])
def test_a_sparkline_has_a_bar_a_value(values: list[int], drawn: str) -> None:
    assert sparkline(values) == drawn
