"""When a publication that could not be made is tried again."""

import itertools

import pytest

from grapevine.domain.publishing import PATIENCE, next_try


def test_pauses_grow_to_half_an_hour_and_end_after_a_day() -> None:
    now, pauses = 0.0, []
    while (at := next_try(now, 0.0)) is not None:
        pauses.append(at - now)
        now = at
    assert pauses[0] == 30
    assert max(pauses) == pytest.approx(1800)
    assert all(earlier <= later + 0.001 for earlier, later in itertools.pairwise(pauses))
    assert PATIENCE - 1800 < now <= PATIENCE
    assert 40 < len(pauses) < 80


def test_what_the_network_asked_for_is_obeyed() -> None:
    assert next_try(100.0, 0.0, 900.0) == 1000.0
    assert next_try(100.0, 0.0, 1.0) == 100.0 + 100 / 3
    assert next_try(100.0, 0.0, PATIENCE) is None
