"""Rules 16 and 17: points from the counts by day; ranks with ties."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from grapevine.domain.points import Period, Rate, first_day, points, ranked
from tests.people import NOON


def test_each_unique_click_earns_the_points_in_force_on_its_day() -> None:
    rates = (Rate("00000000", 1), Rate("20261110", 5), Rate("20261120", 0))
    clicks = {"20261109": 2, "20261110": 2, "20261119": 1, "20261120": 100}
    assert points(clicks, rates) == 2 * 1 + 2 * 5 + 1 * 5 + 0


def test_a_changed_rate_counts_from_its_day_on_and_never_before() -> None:
    clicks = {"20261101": 3, "20261102": 3}
    assert points(clicks, (Rate("00000000", 1), Rate("20261102", 10))) == 3 + 30


def test_of_two_rates_of_one_day_the_later_wins() -> None:
    assert points({"20261102": 1}, (Rate("00000000", 1), Rate("20261102", 10), Rate("20261102", 4))) == 4


def test_ties_share_a_rank_and_the_next_one_is_skipped() -> None:
    places = ranked({"a": 5, "b": 7, "c": 5, "d": 1}, least=3)
    assert [(place.rank, place.member) for place in places] == [(1, "b"), (2, "a"), (2, "c"), (4, "d")]


def test_below_the_least_number_of_participants_nobody_is_ranked() -> None:
    assert ranked({"a": 5, "b": 7}, least=3) == []
    assert len(ranked({"a": 5, "b": 7}, least=2)) == 2


def test_periods_begin_on_monday_on_the_first_and_never() -> None:
    assert first_day(Period.WEEK, NOON) == "20261116"
    assert first_day(Period.MONTH, NOON) == "20261101"
    assert first_day(Period.ALL, NOON) == "00000000"


@given(st.dictionaries(st.text(min_size=1), st.integers(0, 20), min_size=3))
def test_nobody_with_more_points_ever_stands_behind(scores: dict[str, int]) -> None:
    places = ranked(scores, least=3)
    assert {place.member for place in places} == set(scores)
    for ahead, behind in itertools.pairwise(places):
        assert ahead.points >= behind.points
        assert (ahead.rank == behind.rank) == (ahead.points == behind.points)
