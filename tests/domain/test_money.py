"""Amounts without floats, and months that are UTC."""

from datetime import UTC, datetime

import pytest

from grapevine.domain.money import about, amount, dollars, figures, month_before, month_of, unread, used_up
from tests.people import NOON


@pytest.mark.parametrize(
    ("text", "parts", "shown"),
    [
        ("0.20", 2000, "$0.20"),
        ("25", 250_000, "$25.00"),
        ("0.015", 150, "$0.015"),
        (" $1234.5 ", 12_345_000, "$1,234.50"),
    ],
)
def test_an_amount_is_read_exactly_and_written_as_people_read_it(text: str, parts: int, shown: str) -> None:
    assert amount(text) == parts
    assert dollars(parts) == shown
    assert amount(figures(parts)) == parts


@pytest.mark.parametrize("text", ["", "ten", "-1", "0.00001", "NaN", "Infinity", "1e30", "1,5"])
def test_what_is_no_amount_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="should be an amount in US dollars"):
        amount(text)


@pytest.mark.parametrize(("parts", "text"), [(0, "0"), (250_000, "25"), (150, "0.015"), (1, "0.0001")])
def test_a_box_is_filled_without_needless_noughts(parts: int, text: str) -> None:
    assert figures(parts) == text


def test_a_sum_is_rounded_up_to_cents_so_that_it_promises_nothing() -> None:
    assert [about(parts) for parts in (0, 1, 100, 101)] == ["$0.00", "$0.01", "$0.01", "$0.02"]


def test_months_begin_at_midnight_utc() -> None:
    end = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp()
    assert (month_of(end), month_before(end)) == ("202612", "202611")
    assert (month_of(end + 1), month_before(end + 1)) == ("202701", "202612")


def test_what_is_said_names_the_month_when_it_begins_anew_and_what_to_do() -> None:
    assert used_up("X", NOON) == (
        "Your workspace's X budget for November is used up; it begins anew on 1 December. "
        "Ask an admin, or share elsewhere."
    )
    assert unread("X", NOON + 15 * 86400) == "this month's X budget is used up; it begins anew on 1 January."
