"""Rules 11 to 13: what a rise is, and when a placement is read."""

from hypothesis import given
from hypothesis import strategies as st

from grapevine.domain.reactions import Counts, next_read

DAY = 86400.0


def test_a_new_reaction_is_a_rise_of_any_of_the_three_counts() -> None:
    before = Counts(3, 2, 1)
    assert Counts(4, 0, 0).rises_over(before)
    assert Counts(0, 3, 0).rises_over(before)
    assert Counts(0, 0, 2).rises_over(before)


def test_a_fall_is_no_new_reaction() -> None:
    assert not Counts(2, 2, 1).rises_over(Counts(3, 2, 1))
    assert not Counts(3, 2, 1).rises_over(Counts(3, 2, 1))


def test_the_first_read_compares_with_nothing() -> None:
    assert Counts(1, 0, 0).rises_over(None)
    assert not Counts(0, 0, 0).rises_over(None)


@given(
    now=st.floats(1.6e9, 2e9),
    left=st.floats(-5 * DAY, 20 * DAY),
    own=st.floats(0, 0.999).map(lambda part: part * DAY),
)
def test_every_placement_is_read_within_a_day_and_once_more_in_the_window_s_last_hours(
    now: float, left: float, own: float
) -> None:
    ends = now + left
    at = next_read(now, ends, DAY, own)
    last = ends - DAY / 12
    assert at >= now
    if now < last:
        assert at - now <= DAY + 1e-3  # within every 24 hours
        assert at <= last + 1e-3  # and the last read is not missed
    else:
        assert at == max(ends, now)  # then the window closes
