"""Accounts: who owns which, and what a connection's end leaves (rules 5, 14, 22)."""

import asyncio
import json

import pytest

from grapevine.domain.accounts import Account, AccountState
from grapevine.domain.errors import Refused
from grapevine.domain.members import Member
from grapevine.store import Store, keys
from grapevine.store.accounts import due_name, due_parts
from tests.conftest import ENCRYPTION_KEY
from tests.people import BEA, CY, NOON, Person
from tests.store.full import account

ODD = [
    "mastodon:https://social.example/@bea",
    "bluesky:did:plc:ewvi7nxzyoun6zhxrhs64oiz",
    "bluesky:did:web:bea.example%3A3000",
    "linkedin:urn:li:person:a|b:{c}",
    "x:*?[a-z]",
    "facebook:Größe 🍇 'q' \"q\"",
]

MINE = account(BEA)


def shared(member: Person = BEA) -> Account:
    """The company's one account at X, which several people can log in to."""
    return Account("x", "42", "Grapes Inc.", AccountState.CONNECTED, NOON, reach=7)


async def held(store: Store, member: Member, name: str) -> tuple[str | None, ...]:
    """Owner, gathering and token of an account."""
    return (
        await store.redis.get(keys.owner_of(member.team, name)),
        await store.redis.hget(keys.gathering(member.id), name),
        await store.tokens.get(member.id, name),
    )


@pytest.mark.parametrize("name", ODD)
async def test_an_account_may_be_called_anything(store: Store, name: str) -> None:
    bea = await BEA.joins(store)
    network, uid = name.split(":", 1)
    mine = Account(network, uid, name, AccountState.CONNECTED, NOON, expires_at=NOON + 10)
    await store.accounts.connect(bea, mine, "token")
    assert await store.accounts.all(bea.id) == {name: mine}
    assert await held(store, bea, name) == (bea.id, "1", "token")
    for due in (store.accounts.reach, store.accounts.expiries):
        assert [due_parts(one) for one in await due.now(NOON)] == [(bea.id, name)]
    await store.accounts.disconnect(bea, name)
    assert await held(store, bea, name) == (None, "0", None)
    assert await store.accounts.reach.now(NOON) == await store.accounts.expiries.now(NOON) == []


def test_a_due_name_is_taken_apart_as_it_was_put_together() -> None:
    for name in ODD:
        assert due_parts(due_name("abcdefgh", name)) == ("abcdefgh", name)


async def test_rule_5_a_second_member_is_refused_with_a_sentence(store: Store) -> None:
    bea, cy = await BEA.joins(store), await CY.joins(store)
    await store.accounts.connect(bea, shared(), "bea's")
    with pytest.raises(Refused, match=r"connected by another member .* Ask them to disconnect it first\."):
        await store.accounts.connect(cy, shared(), "cy's")
    assert await store.accounts.all(cy.id) == {}
    assert await held(store, cy, "x:42") == (bea.id, None, None)
    # an account that merely expired is still hers
    await store.accounts.change(bea.id, "x:42", state=AccountState.EXPIRED)
    with pytest.raises(Refused):
        await store.accounts.connect(cy, shared(), "cy's")


async def test_rule_5_disconnecting_frees_the_account_for_others(store: Store) -> None:
    bea, cy = await BEA.joins(store), await CY.joins(store)
    await store.accounts.connect(bea, shared(), "bea's")
    await store.accounts.disconnect(bea, "x:42")
    await store.accounts.connect(cy, shared(), "cy's")
    await store.accounts.disconnect(bea, "x:42")  # delivered again
    assert await held(store, cy, "x:42") == (cy.id, "1", "cy's")
    with pytest.raises(Refused):
        await store.accounts.connect(bea, shared(), "bea's")


async def test_rule_5_another_workspace_has_owners_of_its_own(store: Store) -> None:
    bea = await BEA.joins(store)
    elsewhere = await Person(BEA.user, "Bea", team="T0OTHER001").joins(store)
    await store.accounts.connect(bea, shared(), "one")
    await store.accounts.connect(elsewhere, shared(), "two")
    assert await store.tokens.get(elsewhere.id, "x:42") == "two"


async def test_rule_5_reconnecting_resumes_the_gathering(store: Store) -> None:
    bea = await BEA.joins(store)
    await store.accounts.connect(bea, shared(), "one")
    await store.accounts.disconnect(bea, "x:42")
    assert (await store.accounts.all(bea.id))["x:42"].state is AccountState.DISCONNECTED
    await store.accounts.connect(bea, shared(), "two")
    assert await held(store, bea, "x:42") == (bea.id, "1", "two")


async def test_rule_5_an_expired_account_gathers_and_a_disconnected_one_does_not(store: Store) -> None:
    bea = await BEA.joins(store)
    await store.accounts.connect(bea, shared(), "token")
    await store.accounts.change(bea.id, "x:42", state=AccountState.EXPIRED)
    assert await held(store, bea, "x:42") == (bea.id, "1", "token")
    await store.accounts.change(bea.id, "x:42", state=AccountState.DISCONNECTED)
    assert (await held(store, bea, "x:42"))[1] == "0"


async def test_rule_5_of_many_who_connect_one_account_at_once_one_gets_it(store: Store, redis_url: str) -> None:
    people = [await Person(f"U0{number:08}", f"P{number}").joins(store) for number in range(12)]
    stores = [Store.open(redis_url, encryption_keys=[ENCRYPTION_KEY]) for _ in people]
    outcomes = await asyncio.gather(
        *(own.accounts.connect(one, shared(), f"token of {one.id}") for own, one in zip(stores, people, strict=True)),
        return_exceptions=True,
    )
    for own in stores:
        await own.close()
    assert sum(outcome is None for outcome in outcomes) == 1
    assert all(isinstance(outcome, Refused) for outcome in outcomes if outcome is not None)
    winner = people[outcomes.index(None)]
    assert await held(store, winner, "x:42") == (winner.id, "1", f"token of {winner.id}")
    for one in people:
        assert (one == winner) == bool(await store.accounts.all(one.id))


async def test_who_died_while_connecting_keeps_the_account_from_nobody(store: Store) -> None:
    bea, cy = await BEA.joins(store), await CY.joins(store)
    await store.redis.set(keys.owner_of(bea.team, "x:42"), bea.id)  # the first line, and no more
    await store.accounts.connect(cy, shared(), "cy's")
    assert await held(store, cy, "x:42") == (cy.id, "1", "cy's")
    await store.redis.set(keys.owner_of(bea.team, "x:43"), "nobodyyy")
    await store.accounts.connect(cy, Account("x", "43", "Cy", AccountState.CONNECTED, NOON), "token")


async def test_rule_25_nobody_connects_who_has_left(store: Store) -> None:
    bea = await BEA.joins(store)
    await store.members.leave(bea.id, NOON, NOON + 1)
    with pytest.raises(Refused, match="do not take part"):
        await store.accounts.connect(bea, shared(), "token")
    assert await held(store, bea, "x:42") == (None, None, None)
    assert await store.accounts.all(bea.id) == {}


async def test_rule_22_what_a_worker_notes_of_a_disconnected_account_does_not_bring_it_back(store: Store) -> None:
    bea = await BEA.joins(store)
    await store.accounts.connect(bea, shared(), "token")
    await store.accounts.disconnect(bea, "x:42")
    for state in (AccountState.EXPIRED, AccountState.CONNECTED):
        changed = await store.accounts.change(bea.id, "x:42", state=state, name="New name")
        assert changed is not None
        assert changed.state is AccountState.DISCONNECTED
        assert changed.name == "New name"
    assert (await held(store, bea, "x:42"))[1] == "0"
    assert (await store.accounts.all(bea.id))["x:42"].name == "New name"


async def test_changes_and_a_disconnect_at_the_same_moment_are_all_kept(store: Store, redis_url: str) -> None:
    bea = await BEA.joins(store)
    other = Store.open(redis_url, encryption_keys=[ENCRYPTION_KEY])
    await store.accounts.connect(bea, shared(), "token")
    await asyncio.gather(
        *(store.accounts.change(bea.id, "x:42", name=f"n{number}") for number in range(20)),
        other.accounts.change(bea.id, "x:42", reach=99),
        other.accounts.disconnect(bea, "x:42"),
        *(other.accounts.change(bea.id, "x:42", picture="https://x.example/p") for number in range(20)),
    )
    await other.close()
    final = (await store.accounts.all(bea.id))["x:42"]
    assert (final.state, final.reach, final.picture) == (AccountState.DISCONNECTED, 99, "https://x.example/p")
    assert final.name.startswith("n")
    assert await held(store, bea, "x:42") == (None, "0", None)


async def test_nothing_is_changed_of_an_account_that_is_not_there(store: Store) -> None:
    bea = await BEA.joins(store)
    assert await store.accounts.change(bea.id, "x:42", reach=1) is None
    await store.accounts.disconnect(bea, "x:42")
    assert await store.accounts.get(bea.id, "x:42") is None
    assert await store.redis.exists(keys.accounts(bea.id), keys.gathering(bea.id)) == 0


async def test_what_a_newer_version_wrote_survives_a_change_by_this_one(store: Store) -> None:
    bea = await BEA.joins(store)
    await store.accounts.connect(bea, shared(), "token")
    stored = json.loads(await store.redis.hget(keys.accounts(bea.id), "x:42") or "")
    await store.redis.hset(keys.accounts(bea.id), "x:42", json.dumps({**stored, "badge": {"colour": "blue"}}))
    await store.accounts.change(bea.id, "x:42", reach=8)
    assert json.loads(await store.redis.hget(keys.accounts(bea.id), "x:42") or "")["badge"] == {"colour": "blue"}
    assert (await store.accounts.all(bea.id))["x:42"].reach == 8


async def test_an_account_that_is_connected_can_always_be_found_by_its_hints(store: Store) -> None:
    """Hints go before what they hint at: a crash between the two leaves a hint too many, never one too few."""
    bea = await BEA.joins(store)
    seen: list[str] = []
    send = store.redis.execute_command

    async def watch(*words: str | int | float, **options: object) -> object:
        seen.append(" ".join(str(word) for word in words if not str(word).startswith("gAAAA"))[:200])
        return await send(*words, **options)

    store.redis.execute_command = watch  # type: ignore[method-assign]  # to see the order
    await store.accounts.connect(bea, MINE, "token")
    hinted = [place for place, said in enumerate(seen) if said.startswith("ZADD due:")]
    kept = next(
        place for place, said in enumerate(seen) if keys.accounts(bea.id) in said and said.startswith("EVALSHA")
    )
    assert len(hinted) == 2
    assert max(hinted) < kept
