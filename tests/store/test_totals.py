"""What members did in a month is read in few trips, also on a cluster, and a frozen month is written once."""

from grapevine.domain.shares import PlacementState
from grapevine.domain.totals import OnNetwork, Part, Row, Totals
from grapevine.store import Store, keys
from tests.people import BEA, NOON, TEAM
from tests.programme import OCTOBER, clicked, company, shared

FROZEN = Totals("202610", NOON, 10, 34, 210, None, 900, (Row("linkedin", 10, 30, 150, None),), partial=True)


async def parts(store: Store, month: str = "202610") -> list[Part]:
    return [taker.part async for taker in store.totals.takers(TEAM, month)]


async def test_a_frozen_month_is_read_as_it_was_written_and_written_once(store: Store) -> None:
    assert await store.totals.freeze(TEAM, "202610", FROZEN)
    assert not await store.totals.freeze(TEAM, "202610", None)
    assert await store.totals.freeze(TEAM, "202609", None)
    assert not await store.totals.freeze(TEAM, "202609", FROZEN)
    assert await store.totals.frozen(TEAM) == {"202610": FROZEN, "202609": None}
    assert list(await store.totals.frozen(TEAM)) == ["202610", "202609"]


async def test_months_of_long_ago_are_dropped(store: Store) -> None:
    for month in ("202509", "202510", "202511"):
        await store.totals.freeze(TEAM, month, FROZEN)
    await store.totals.drop_before(TEAM, "202510")
    assert list(await store.totals.frozen(TEAM)) == ["202511", "202510"]


async def test_a_month_is_its_own_days_and_what_was_shared_in_them(store: Store) -> None:
    bea = await BEA.joins(store, OCTOBER - 40 * 86400)
    await shared(store, bea, {"linkedin": (5, 7)}, OCTOBER - 30 * 86400)
    share = await shared(store, bea, {"linkedin": (3, 2), "x": (1, 1)})
    await clicked(store, bea, share, {"x": 4}, NOON)
    assert await parts(store) == [
        Part(1, 4, 3, 200, {"linkedin": OnNetwork(1, 3, 2), "x": OnNetwork(1, 5, 1)}),
    ]
    assert await parts(store, "202611") == [Part(0, 4)]


async def test_a_share_belongs_to_the_month_in_which_it_was_made(store: Store) -> None:
    bea = await BEA.joins(store, OCTOBER)
    for at in (1793491199.9, 1793491200.0):  # the end of October 2026
        await shared(store, bea, {"linkedin": (0, 0)}, at)
    assert [part.shares for part in await parts(store)] == [1]
    assert [part.shares for part in await parts(store, "202611")] == [1]


async def test_what_was_refused_or_cancelled_is_left_out_and_what_may_be_out_is_not(store: Store) -> None:
    bea = await BEA.joins(store, OCTOBER)
    for state in PlacementState:
        await shared(store, bea, {"x": (0, 0)}, state=state)
    (part,) = await parts(store)
    assert part.shares == part.networks["x"].placements == len(PlacementState) - 2


async def test_many_shares_of_many_members_are_all_read(store: Store) -> None:
    members = await company(store, 230)
    for _ in range(230):
        await shared(store, members[0], {"x": (1, 0)})
    found = await parts(store)
    assert len(found) == 230
    assert sorted(part.shares for part in found)[-2:] == [0, 230]
    assert sum(part.networks["x"].clicks for part in found if part.networks) == 230


async def test_who_is_erased_in_the_meantime_is_passed_over(store: Store) -> None:
    members = await company(store, 3)
    await store.redis.delete(keys.member(members[1].id))
    assert len(await parts(store)) == 2


async def test_on_a_cluster_it_is_the_same(clustered: Store) -> None:
    for member in await company(clustered, 12):
        await shared(clustered, member, {"linkedin": (3, 2)})
    assert await parts(clustered) == [Part(1, 3, 2, 100, {"linkedin": OnNetwork(1, 3, 2)})] * 12
    assert await clustered.totals.freeze(TEAM, "202610", FROZEN)
    assert (await clustered.totals.frozen(TEAM))["202610"] == FROZEN
