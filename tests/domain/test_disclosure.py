"""Which sums may be shown: five people, nobody who stands out, and no difference that is about a few (rule 17)."""

import pytest

from grapevine.domain.disclosure import enough, hidden


def shown(*people: tuple[int, ...], steps: int = 1) -> list[int]:
    """The places that stay."""
    counted = {one: people.count(one) for one in people}
    return [place for place in range(len(people[0])) if place not in hidden(counted, steps)]


@pytest.mark.parametrize(
    ("values", "is_enough"),
    [
        ({3: 5}, True),
        ({3: 4}, False),
        ({3: 4, 0: 100}, False),  # who brought nothing does not count
        ({3: 4, -3: 1}, True),  # a fall is something
        ({100: 1, 90: 1, 5: 3}, True),
        ({100: 1, 90: 1, 3: 3}, False),  # the second would know the first to a tenth
        ({100: 2, 1: 9}, False),
        ({1: 5}, False),  # five from five people: each one
        ({1: 4, 7: 1}, False),  # the fifth knows that the others have one each
        ({1: 3, 2: 2}, True),
        ({1: 6}, True),
        ({}, False),
    ],
)
def test_a_sum_is_about_five_people_of_whom_none_stands_out(values: dict[int, int], is_enough: bool) -> None:
    assert enough(values) is is_enough


def test_a_hidden_figure_cannot_be_had_by_subtracting_the_shown_ones() -> None:
    assert shown(*[(6, 6, 0)] * 9, (4, 0, 4)) == [0]
    assert shown(*[(6, 6, 0)] * 9, *[(4, 0, 4)] * 5) == [0, 1, 2]


def test_the_smallest_is_hidden_beside_what_has_to_be() -> None:
    assert shown(*[(9, 9, 0, 0)] * 20, *[(7, 0, 7, 0)] * 10, *[(5, 0, 0, 5)] * 2) == [0, 1]


def test_several_hidden_figures_are_about_five_people_together() -> None:
    assert shown(*[(9, 9, 0, 0)] * 20, *[(7, 0, 7, 0)] * 2, *[(5, 0, 0, 5)] * 2) == [0]
    assert shown(*[(9, 9, 0, 0)] * 20, *[(7, 0, 7, 0)] * 3, *[(5, 0, 0, 5)] * 2) == [0, 1]


def test_two_figures_that_differ_by_what_one_person_did_are_not_both_shown() -> None:
    assert len(shown(*[(20, 5, 5)] * 8, *[(16, 4, 4)] * 8, (20, 9, 5))) == 2


def test_no_more_is_hidden_than_has_to_be() -> None:
    """The total less the first is nearly one person's; less the second, too, it is. The first gone, both are safe."""
    assert shown(*[(9, 9, 0)] * 20, *[(11, 9, 2)] * 5, (109, 9, 0)) == [0, 2]


def test_people_who_differ_elsewhere_are_looked_at_together() -> None:
    assert shown((1, 2), (1, 3), (1, 4), (1, 5), (1, 6)) == [1]
    assert shown((100, 1), (1, 2), (2, 3), (1, 4), (2, 5), (1, 6), (1, 7)) == [1]


def test_the_total_goes_last() -> None:
    assert shown(*[(9, 9)] * 4) == []
    assert shown(*[(9, 5)] * 6, *[(9, 9)] * 2) == [0, 1]
    assert shown(*[(9, 9)] * 6, *[(9, 5)] * 2) == [0]
    assert shown(*[(9, 9)] * 6, *[(0, 9)] * 3) == [0]


def test_a_total_that_counts_once_what_networks_count_twice_is_looked_at_as_often() -> None:
    """All but one person are on two of three networks: twice the total less the networks is that one person's."""
    everybody = [(2, 2, 2, 0), (2, 2, 0, 2), (2, 0, 2, 2)] * 8 + [(2, 2, 0, 0)]
    assert shown(*everybody, steps=1) == [0, 1, 2, 3]
    assert len(shown(*everybody, steps=2)) == 3


def test_nobody_has_only_to_take_their_own_part_from_a_total_to_know_what_four_others_did() -> None:
    assert shown(*[(2, 2, 0)] * 4, (3, 0, 3)) == []
    assert shown(*[(2, 2, 0)] * 4, *[(3, 0, 3)] * 2) == [0]
    assert shown(*[(2, 2)] * 5) == [0, 1]


def test_a_figure_of_nobody_is_hidden_like_that_of_four() -> None:
    assert shown(*[(9, 9, 0)] * 20) == [0, 1]
