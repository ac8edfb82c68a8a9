"""Passes: short-lived, used once, one kind never taken for another."""

import asyncio

import pytest

from grapevine.store import Store, keys
from tests.people import BEA, CY


async def test_a_pass_is_used_once_also_by_many_at_the_same_moment(store: Store) -> None:
    token = await store.passes.issue("link", {"member": "bea"}, 60)
    assert await store.passes.look("link", token) == {"member": "bea"}
    answers = await asyncio.gather(*(store.passes.use("link", token) for _ in range(50)))
    assert sorted(answers, key=repr) == [*[None] * 49, {"member": "bea"}]
    assert await store.passes.look("link", token) is None


async def test_asking_for_another_kind_gets_nothing_and_burns_nothing(store: Store) -> None:
    token = await store.passes.issue("link", {"member": "bea"}, 60)
    assert await store.passes.look("state", token) is None
    assert await store.passes.use("state", token) is None
    assert await store.passes.use("link", token) == {"member": "bea"}


async def test_a_pass_may_hold_a_kind_of_its_own(store: Store) -> None:
    token = await store.passes.issue("form", {"kind": "video", "captions": {"x": "Größe: 1 {2}"}}, 60)
    assert await store.passes.use("form", token) == {"kind": "video", "captions": {"x": "Größe: 1 {2}"}}


async def test_a_pass_ends_by_itself(store: Store) -> None:
    token = await store.passes.issue("link", {}, 900)
    assert 899_000 < await store.redis.pttl(keys.pass_("link", token)) <= 900_000
    assert await store.passes.look("link", token) == {}
    await store.redis.pexpire(keys.pass_("link", token), 0)
    assert await store.passes.use("link", token) is None


async def test_tokens_cannot_be_guessed(store: Store) -> None:
    tokens = {await store.passes.issue("link", {}, 60) for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(token) >= 32 for token in tokens)


@pytest.mark.parametrize("token", ["", "*", "t:link", "a b", "ä", "{x}", "\x00", "x" * 5000])
async def test_an_invented_token_is_no_pass(store: Store, token: str) -> None:
    await store.passes.issue("link", {}, 60)
    assert await store.passes.use("link", token) is None


async def test_what_comes_again_is_not_the_first(store: Store) -> None:
    event = f"lost:{BEA.user}:mastodon:https://social.example/@bea:1795262400"
    assert sorted(await asyncio.gather(*(store.passes.first(event) for _ in range(20)))) == [False] * 19 + [True]
    assert await store.passes.first(f"{event}0")
    await store.passes.forget(event)
    assert await store.passes.first(event, lives=5)
    assert 4000 < await store.redis.pttl(keys.seen(event)) <= 5000


async def test_rule_23_what_has_been_seen_names_nobody(store: Store) -> None:
    assert await store.passes.first(f"told:{BEA.user}")
    (kept,) = [key async for key in store.redis.scan_iter(match="*")]
    assert BEA.user not in kept + str(await store.redis.get(kept))


async def test_withdrawing_takes_a_members_passes_and_what_stands_for_them(store: Store) -> None:
    bea, cy = await BEA.joins(store), await CY.joins(store)
    mine = await store.passes.issue("link", {"member": bea.id}, 60)
    form = await store.passes.issue("form", {"for": mine}, 60)
    theirs = await store.passes.issue("link", {"member": cy.id}, 60)
    await store.passes.withdraw(bea.id)
    assert await store.passes.look("link", mine) is None
    assert await store.passes.look("form", form) is None
    assert await store.passes.look("link", theirs) == {"member": cy.id}
