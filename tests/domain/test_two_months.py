"""Months against one another: clicks of the days in between stand in two of them, and give nobody away (rule 17)."""

from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from grapevine.domain.totals import OnNetwork, Part, totals
from tests.domain.test_totals import NETWORKS, NUMBERS, Figures, cells

Months = tuple[list[Part], list[Part], Figures, Mapping[str, list[int]]]


@st.composite
def months(draw: st.DrawFn) -> Months:
    """Two months' parts; whose each number is, and in which figures: a month's clicks, or a network's so far."""
    names = NETWORKS[: draw(st.integers(1, 2))]
    there = {kind: draw(st.booleans()) for kind in ("older", "between", "later", "oldest", "after")}
    owners, counted = list[int](), list[set[str]]()
    first, second = list[Part](), list[Part]()
    for person in range(draw(st.integers(5, 12))):

        def number(*figures: str, kind: str = "", owner: int = person) -> int:
            drawn = draw(NUMBERS) if there.get(kind, True) else 0
            if drawn:
                owners.append(owner)
                counted.append(set(figures))
            return drawn

        one, two = number("September", kind="older"), number("October", kind="oldest")
        on_one, on_two = dict[str, OnNetwork](), dict[str, OnNetwork]()
        for name in names:
            if draw(st.booleans()):
                within = number("September", f"September {name}")
                between = number("October", f"September {name}", kind="between")
                one, two = one + within, two + between + number("October", kind="later")
                on_one[name] = OnNetwork(1, within + between)
            if draw(st.booleans()):
                within = number("October", f"October {name}")
                two += within
                on_two[name] = OnNetwork(1, within + number(f"October {name}", kind="after"))
        first.append(Part(len(on_one), one, networks=on_one))
        second.append(Part(len(on_two), two, networks=on_two))
    figures = [f"{month}{name}" for month in ("September", "October") for name in ("", *(f" {one}" for one in names))]
    return first, second, Figures(owners), {one: [int(one in here) for here in counted] for one in figures}


@settings(max_examples=100, deadline=None)
@given(months())
def test_of_two_months_nobody_computes_a_hidden_figure_or_a_persons_part_of_one(made: Months) -> None:
    first, second, unknown, figures = made
    count = len(figures) // 2 - 1
    frozen = totals("202609", 0.0, first, 100), totals("202610", 0.0, second, 100)
    seen = [number for one in frozen for number in cells(one, one.clicks, "clicks", count)]
    shown = [figure for figure, number in zip(figures.values(), seen, strict=True) if number is not None]
    for (name, figure), number in zip(figures.items(), seen, strict=True):
        behind = {unknown.owners[place] for place, one in enumerate(figure) if one}
        if number is None and len(behind) < 5:
            assert not unknown.solved(figure, shown, None), name
        # Who took part themselves may learn a sum of four others: that is what five means. Of nobody they learn theirs.
        for attacker in (None, *set(unknown.owners)):
            for other in behind - {attacker}:
                theirs = [one * int(owner == other) for one, owner in zip(figure, unknown.owners, strict=True)]
                assert not unknown.solved(theirs, shown, attacker), (name, other, attacker)
