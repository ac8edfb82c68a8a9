"""How often posts can be read within a budget, and which come first."""

from hypothesis import given
from hypothesis import strategies as st

from grapevine.domain.budgets import (
    DAY,
    Cadence,
    Quota,
    Rank,
    bound,
    cadence,
    is_closing,
    is_lively,
    lasts,
    reads,
    span,
    urgency,
)

WINDOW = 14 * DAY
NOW = 1_795_262_400.0
DEVELOPMENT = Quota(per_account=100, per_app=500, calls=3, extra=1)


def found(lively: int, quiet: int, limit: int | None) -> Cadence:
    return cadence(lively, quiet, limit, DEVELOPMENT, DAY)


def test_days_of_a_budget_begin_at_midnight_utc() -> None:
    midnight = NOW - NOW % DAY
    assert span(midnight, DAY) == span(midnight + DAY - 1, DAY)
    assert span(midnight, DAY).ends == midnight + DAY
    assert span(midnight - 1, DAY).label != span(midnight, DAY).label
    assert span(NOW, DAY).label != span(NOW, 900.0).label


def test_reading_leaves_a_tenth_closing_reads_a_twentieth_and_members_are_never_refused() -> None:
    assert [bound(100, rank) for rank in (Rank.ORDINARY, Rank.CLOSING, Rank.ACT)] == [90, 95, None]
    assert bound(None, Rank.ORDINARY) is None


def test_the_development_tier_reads_thirty_posts_of_a_member_a_day_and_150_in_all() -> None:
    assert reads(100, DEVELOPMENT, DAY) == 30
    assert reads(500, DEVELOPMENT, DAY) == 150
    assert reads(100, DEVELOPMENT, DAY, extra=True) == 22.5
    assert reads(None, DEVELOPMENT, DAY) is None


def test_what_the_budget_covers_is_read_every_day() -> None:
    assert found(10, 20, 100) == Cadence(1, 1, extras=False)
    assert found(10_000, 90_000, None) == Cadence(1, 1)
    assert found(0, 0, 1) == Cadence(1, 1)


def test_what_is_nice_to_know_is_asked_for_where_it_costs_nobody_a_read() -> None:
    assert found(2, 20, 100).extras
    assert not found(3, 20, 100).extras


def test_when_it_does_not_lively_posts_come_first_and_quiet_ones_share_the_rest() -> None:
    assert found(10, 60, 100) == Cadence(1, 3, extras=False)
    assert found(0, 90, 100) == Cadence(1, 3, extras=False)
    assert found(90, 0, 100) == Cadence(3, 1, extras=False)
    assert found(90, 0, 100).of(lively=True) == 3


def test_no_crowd_of_new_posts_starves_the_others() -> None:
    assert found(300, 300, 134) == Cadence(10, 30, extras=False)


@given(st.integers(0, 5000), st.integers(0, 5000), st.integers(1, 5000))
def test_what_is_promised_fits_the_budget(lively: int, quiet: int, limit: int) -> None:
    cadence, most = found(lively, quiet, limit), reads(limit, DEVELOPMENT, DAY)
    assert most is not None
    assert lively / cadence.lively + quiet / cadence.quiet <= most + 1e-6
    if cadence.extras:
        assert (lively + quiet) * 4 <= limit


def test_the_narrower_of_two_budgets_binds() -> None:
    assert Cadence(1, 3).slower(Cadence(2, 2, extras=False)) == Cadence(2, 3, extras=False)


def test_no_post_is_promised_less_than_its_read_at_the_end_of_the_window() -> None:
    assert found(0, 9000, 100).quiet == 300
    assert found(0, 9000, 100).within(WINDOW, DAY) == Cadence(1, 14, extras=False)
    assert Cadence(1, 3).within(3600.0, DAY) == Cadence(1, 1)


def test_a_budget_that_begins_anew_within_an_interval_needs_no_sharing_out() -> None:
    assert lasts(DEVELOPMENT, DAY)
    assert not lasts(Quota(per_account=300, window=300.0), DAY)
    assert not lasts(Quota(calls=3), DAY)
    assert not lasts(None, DAY)


def test_a_post_is_lively_for_three_days_from_its_share_and_from_each_new_reaction() -> None:
    assert is_lively(NOW, NOW + WINDOW - 2.9 * DAY, WINDOW, DAY)
    assert not is_lively(NOW, NOW + WINDOW - 3 * DAY, WINDOW, DAY)


def test_closing_reads_come_before_lively_posts_and_these_before_quiet_ones_longest_unread_first() -> None:
    closing = urgency(NOW, NOW + 3600, WINDOW, DAY, NOW - DAY)
    over = urgency(NOW, NOW - DAY, WINDOW, DAY, NOW - 9 * DAY)
    new = urgency(NOW, NOW + WINDOW, WINDOW, DAY, None)
    lively = urgency(NOW, NOW + WINDOW, WINDOW, DAY, NOW - DAY)
    quiet = urgency(NOW, NOW + 8 * DAY, WINDOW, DAY, NOW - 2 * DAY)
    waiting = urgency(NOW, NOW + 8 * DAY, WINDOW, DAY, NOW - 4 * DAY)
    assert sorted([quiet, lively, closing, waiting, new, over]) == [over, closing, new, lively, waiting, quiet]
    assert is_closing(NOW, NOW + DAY / 12, DAY)
    assert not is_closing(NOW, NOW + DAY / 12 + 1, DAY)
