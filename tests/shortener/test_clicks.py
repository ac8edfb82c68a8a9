"""Any order of visitors, bots, repeats, disconnections and replays keeps the two sums right."""

from collections.abc import Sequence
from typing import TypeAlias

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grapevine.domain.accounts import Account, AccountState
from grapevine.domain.clicks import Row
from grapevine.store import Store
from grapevine.store.clicks import Batch, Click, Clicks
from tests.people import NOON
from tests.shortener.conftest import ACCOUNT, Shares

CAP = 3

visits = st.builds(
    lambda tag, network: Click(None, network, ACCOUNT if network == "linkedin" else "", NOON, tag, tag % 2),
    st.integers(-(2**63), -(2**63) + 11),
    st.sampled_from(["linkedin", "mylink"]),
)
others = st.builds(
    lambda row: Click(row, "mylink", "", NOON),
    st.sampled_from([Row.PREFETCH, Row.PREVIEW, Row.BOT, Row.OWN, Row.COLLEAGUE]),
)
#: one of two writers settles some clicks; or one sends its latest batch once more; or something happens
Step: TypeAlias = tuple[int, list[Click]] | int | str
steps: st.SearchStrategy[list[Step]] = st.lists(
    st.one_of(
        st.tuples(st.integers(0, 1), st.lists(visits | others, max_size=8)),
        st.integers(0, 1),
        st.sampled_from(["disconnect", "reconnect", "close", "forget scripts", "time passes"]),
    ),
    max_size=25,
)


class Model:
    """The same share, counted the simple way."""

    def __init__(self) -> None:
        self.open = self.gathering = True
        self.people: set[int] = set()
        self.sources: dict[tuple[int, float], int] = {}
        self.rows: list[tuple[Row, str]] = []

    def settle(self, clicks: Sequence[Click]) -> None:
        for click in clicks:
            if self.open and (self.gathering or not click.account):
                self.rows.append((click.row or self._visit(click), click.network))

    def _visit(self, click: Click) -> Row:
        if click.tag in self.people:
            return Row.REPEAT
        source = click.source, click.at // 3600
        if self.sources.get(source, 0) >= CAP:
            return Row.CAPPED
        self.sources[source] = self.sources.get(source, 0) + 1
        self.people.add(click.tag)
        return Row.UNIQUE


@given(steps)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_rows_add_up_and_uniques_are_distinct_people(store: Store, happened: list[Step]) -> None:
    await store.redis.execute_command("FLUSHALL")
    shares, model, clicks = Shares(store), Model(), Clicks(store.redis, CAP)
    bea, _, _ = await shares.make()
    numbers, latest, now = [0, 0], dict[int, Batch](), NOON
    for step in happened:
        match step:
            case (writer, some):
                some = [click._replace(at=now) for click in some]
                numbers[writer] += 1
                latest[writer] = Batch(bea.id, "abcdef", f"writer{writer}", numbers[writer], tuple(some))
                await clicks.settle([latest[writer]], NOON)
                model.settle(some)
            case int(writer):
                if writer in latest and model.open:
                    assert await clicks.settle([latest[writer]], NOON) == [()]
            case "disconnect":
                await store.accounts.disconnect(bea, ACCOUNT)
                model.gathering = False
            case "reconnect":
                account = Account("linkedin", "bea", "Bea", AccountState.CONNECTED, NOON)
                await store.accounts.connect(bea, account, "token")
                model.gathering = True
            case "time passes":
                now += 6.5 * 3600
            case "close":
                await clicks.close(bea.id, "abcdef")
                model.open = False
            case _:
                await store.redis.execute_command("SCRIPT", "FLUSH")
    receipt = await shares.receipt(bea)
    rows = [row for row, _ in model.rows]
    assert receipt.total == len(rows)
    assert {row: getattr(receipt, row) for row in Row} == {row: rows.count(row) for row in Row}
    assert receipt.unique == len(model.people) == sum((receipt.networks or {}).values())
    for network, count in (receipt.networks or {}).items():
        assert count == model.rows.count((Row.UNIQUE, network))
    by_day = await store.insights.clicks_since(bea.id, "00000000")
    assert sum(by_day.values()) == receipt.unique
