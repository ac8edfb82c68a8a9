"""Programme totals: what is hidden cannot be computed from what is shown, by an attacker who took part (rule 17)."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import combinations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from grapevine.domain.totals import OnNetwork, Part, Totals, at_least, totals

NETWORKS = ("linkedin", "mylink", "x")
#: most people have little, some much
NUMBERS = st.one_of(st.just(0), st.integers(0, 3), st.integers(0, 60))
Vector = Sequence[Fraction]


def rank(rows: Sequence[Sequence[int]]) -> int:
    """By elimination in fractions."""
    left: list[list[Fraction]] = [[Fraction(one) for one in row] for row in rows]
    found = 0
    for column in range(len(left[0]) if left else 0):
        pivot = next((row for row in left[found:] if row[column]), None)
        if pivot is None:
            continue
        left.remove(pivot)
        left = [
            *left[:found],
            pivot,
            *(
                [a - b * row[column] / pivot[column] for a, b in zip(row, pivot, strict=True)] if row[column] else row
                for row in left[found:]
            ),
        ]
        found += 1
    return found


def test_the_oracle_knows_what_can_be_solved() -> None:
    assert rank([[1, 1, 0], [0, 1, 1], [1, 2, 1]]) == 2
    assert rank([[0, 1], [1, 0]]) == 2
    assert rank([]) == 0


class Figures:
    """Unknown numbers, each somebody's, and sums of them; whoever attacks knows which of them are nought."""

    def __init__(self, owners: Sequence[int]) -> None:
        self.owners = owners

    def of(self, people: set[int]) -> list[list[int]]:
        """These people's own numbers, one by one."""
        return [
            [int(place == other) for other in range(len(self.owners))]
            for place, owner in enumerate(self.owners)
            if owner in people
        ]

    def solved(self, wanted: Sequence[int], shown: Sequence[Sequence[int]], attacker: int | None) -> bool:
        """Whether the attacker, who knows what is shown and their own numbers, can compute what is wanted."""
        known = [*shown, *self.of({attacker} if attacker is not None else set())]
        return any(wanted) and rank([*known, wanted]) == rank(known)

    def assert_nothing_is_told(self, shown: Sequence[Sequence[int]], withheld: Sequence[Sequence[int]]) -> None:
        people = set(self.owners)
        for attacker in (None, *people):
            for figure in withheld:
                behind = {self.owners[place] for place, one in enumerate(figure) if one}
                # What five people or more stand behind was hidden only to protect something else.
                if behind - {attacker} and len(behind) < 5:
                    assert not self.solved(figure, shown, attacker), f"{attacker} computes {figure} from {shown}"
            for other in people - {attacker}:
                theirs = [int(owner == other) for owner in self.owners]
                assert not self.solved(theirs, shown, attacker), f"{attacker} computes what {other} did from {shown}"


@st.composite
def clicks(draw: st.DrawFn) -> tuple[list[Part], Figures, list[list[int]]]:
    """Clicks on a month's shares by network, and all of them together, which an attacker is given on top."""
    names = NETWORKS[: draw(st.integers(1, 3))]
    parts, owners, sums = [], list[int](), list[list[int]]()
    for person in range(draw(st.integers(1, 14))):
        on = {name: OnNetwork(1, draw(NUMBERS)) for name in names if draw(st.booleans())}
        for name, one in on.items():
            if one.clicks:
                owners.append(person)
                sums.append([1, *(int(name == other) for other in names)])
        parts.append(Part(len(on), sum(one.clicks for one in on.values()), networks=on))
    return parts, Figures(owners), [[one[place] for one in sums] for place in range(1 + len(names))]


def cells(made: Totals, total: int | None, figure: str, count: int) -> list[int | None]:
    rows = {row.network: getattr(row, figure) for row in made.rows}
    return [total, *(rows.get(name) for name in NETWORKS[:count])]


@settings(max_examples=150, deadline=None)
@given(clicks())
def test_nobody_computes_a_hidden_number_of_clicks_or_what_one_person_got_even_if_percentages_were_numbers(
    made: tuple[list[Part], Figures, list[list[int]]],
) -> None:
    parts, unknown, figures = made
    frozen = totals("202610", 0.0, parts, 100)
    rows = cells(frozen, None, "clicks", len(figures) - 1)[1:]
    if frozen.clicks is not None:
        unknown.assert_nothing_is_told([figures[0]], [])
    if any(rows):  # without any there is no sum of them either
        unknown.assert_nothing_is_told(
            [figures[0], *(figure for figure, number in zip(figures[1:], rows, strict=True) if number is not None)],
            [figure for figure, number in zip(figures[1:], rows, strict=True) if number is None],
        )


@st.composite
def sharing(draw: st.DrawFn) -> tuple[list[Part], Figures, list[list[int]]]:
    """Shares, each on one network or on several at once."""
    names = NETWORKS[: draw(st.integers(1, 3))]
    ways = [way for size in range(1, len(names) + 1) for way in combinations(range(len(names)), size)]
    usual = draw(st.lists(st.sampled_from(ways), min_size=1, max_size=3))
    parts, owners, sums = [], list[int](), list[list[int]]()
    for person in range(draw(st.integers(1, 14))):
        shares, on = 0, dict[str, OnNetwork]()
        for way in set(draw(st.lists(st.sampled_from(usual if draw(st.booleans()) else ways), max_size=2))):
            number = draw(st.integers(1, 4))
            shares += number
            owners.append(person)
            sums.append([1, *(int(place in way) for place in range(len(names)))])
            for place in way:
                on[names[place]] = OnNetwork(on.get(names[place], OnNetwork()).placements + number)
        parts.append(Part(shares, networks=on))
    return parts, Figures(owners), [[one[place] for one in sums] for place in range(1 + len(names))]


@settings(max_examples=150, deadline=None)
@given(sharing())
def test_nobody_computes_a_hidden_number_of_posts_or_what_one_person_shared(
    made: tuple[list[Part], Figures, list[list[int]]],
) -> None:
    parts, unknown, figures = made
    frozen = totals("202610", 0.0, parts, 100)
    seen = cells(frozen, frozen.shares, "placements", len(figures) - 1)
    unknown.assert_nothing_is_told(
        [figure for figure, number in zip(figures, seen, strict=True) if number is not None],
        [figure for figure, number in zip(figures, seen, strict=True) if number is None],
    )


@given(st.lists(st.integers(0, 4), min_size=6, max_size=6))
def test_nobody_who_knows_their_own_clicks_and_that_five_people_have_some_can_tell_anothers(each: list[int]) -> None:
    """By trying out every way in which the sum can have come about."""
    total = totals("202610", 0.0, [Part(clicks=one) for one in each], 6).clicks
    if total is None:
        return
    ways = [way for way in product(range(total + 1), repeat=5) if sum(map(bool, way)) + 1 >= 5] if total <= 9 else []
    for own in set(each):
        fits = [way for way in ways if sum(way) == total - own and sum(map(bool, way)) + bool(own) >= 5]
        for place in range(5) if fits else ():
            assert len({way[place] for way in fits}) > 1, (each, own)


@given(st.integers(0, 60), st.integers(0, 60))
def test_a_number_of_people_is_rounded_down_and_never_says_everybody(people: int, others: int) -> None:
    shown = at_least(people, people + others)
    if people < 5:
        assert shown is None
        return
    assert shown is not None
    assert shown <= people
    assert shown % 5 == 0
    assert shown == 5 or shown <= people + others - 5


def test_who_alone_shares_on_one_network_where_all_share_on_two_is_not_found_out() -> None:
    ways = [("linkedin", "x"), ("x", "mylink"), ("linkedin", "mylink")] * 8 + [("linkedin",)]
    parts = [Part(2, networks={name: OnNetwork(2) for name in way}) for way in ways]
    made = totals("202610", 1.0, parts, 100)
    posts = [row.placements for row in made.rows]
    assert made.shares == 50
    assert sorted(posts, key=lambda one: one or 0)[1:] == [32, 34]
    assert posts.count(None) == 1


def test_what_came_of_a_networks_posts_is_told_in_percent_of_the_months_shares() -> None:
    """In numbers it would stand beside the days of two months, and a difference of them could be one person's."""
    several = [Part(1, 9, networks={"linkedin": OnNetwork(1, 30, 2), "x": OnNetwork(1, 9, 0)})] * 9
    rows = totals("202610", 1.0, several, 100).rows
    assert [(row.network, row.clicks, row.reactions) for row in rows] == [("linkedin", 75, 100), ("x", 25, None)]
    few = [Part(1, 9, networks={"linkedin": OnNetwork(1, 400, 2), "x": OnNetwork(1, 2, 0)})] * 9
    assert [row.clicks for row in totals("202610", 1.0, few, 100).rows] == [100, 5]


def test_a_month_in_which_nobody_shared_is_all_hidden() -> None:
    assert totals("202610", 1.0, [], 30) == Totals("202610", 1.0)
    assert totals("202610", 1.0, [Part()] * 30, 30) == Totals("202610", 1.0)


def test_what_the_leaderboard_tells_of_others_cannot_be_taken_from_the_clicks() -> None:
    nine, tenth = [Part(1, clicks=6, named=True)] * 9, Part(1, clicks=8)
    assert totals("202610", 1.0, [*nine, replace(tenth, named=True)], 30).clicks == 62
    assert totals("202610", 1.0, [*nine, tenth], 30).clicks is None
    assert totals("202610", 1.0, [*nine, *[tenth] * 5], 30).clicks == 94


def test_old_shares_are_clicked_in_a_month_in_which_nobody_shared() -> None:
    assert totals("202610", 1.0, [Part(clicks=3, reactions=2)] * 8, 30) == Totals(
        "202610", 1.0, clicks=24, reactions=16
    )


def test_more_reactions_may_have_been_taken_back_than_given() -> None:
    assert totals("202610", 1.0, [Part(reactions=-3)] * 8, 30).reactions == -24


def test_somebody_with_many_followers_is_not_told_by_the_reach() -> None:
    assert totals("202610", 1.0, [*[Part(1, reach=100)] * 9, Part(1, reach=50_000)], 30).reach is None
    assert totals("202610", 1.0, [Part(1, reach=100)] * 9, 30).reach == 900
