"""Members: made once, found again, gone for good."""

import asyncio

import pytest

from grapevine.domain.members import Pace, Preferences
from grapevine.store import Store, keys
from tests.people import ADA, BEA, CY, NOON, TEAM, Person

MONTH = 30 * 86400


async def records(store: Store) -> list[str]:
    return [key async for key in store.redis.scan_iter(match="{*}")]


async def test_a_newcomer_is_known_from_then_on(store: Store) -> None:
    assert await store.members.of(TEAM, BEA.user) is None
    bea = await BEA.joins(store)
    assert (bea.team, bea.user, bea.created, bea.tz, bea.locale, bea.left) == (
        TEAM,
        BEA.user,
        NOON,
        "Europe/Stockholm",
        "sv-SE",
        None,
    )
    assert await store.members.of(TEAM, BEA.user) == await store.members.get(bea.id) == bea
    assert await BEA.joins(store, NOON + 1) == bea
    assert await store.members.teams() == [TEAM]
    assert await store.members.erasures.now(NOON + 1e9) == []


async def test_of_many_first_contacts_at_once_one_member_comes(store: Store, redis_url: str) -> None:
    stores = [Store.open(redis_url) for _ in range(8)]
    found = await asyncio.gather(*(BEA.joins(one) for one in stores * 4))
    for one in stores:
        await one.close()
    assert len({member.id for member in found}) == 1
    assert [member.left for member in found] == [None] * 32
    assert await store.members.all(TEAM) == [found[0]]
    assert await records(store) == [keys.member(found[0].id)]
    assert await store.members.erasures.now(NOON + 1e9) == []


@pytest.mark.parametrize("user", ["U:1", "U{1}", "U|1", "U*", "W0 ß 🍇", "{}", "T0GRAPE001:U1"])
async def test_a_slack_id_may_be_anything(store: Store, user: str) -> None:
    person, other = Person(user, "Odd"), Person(f"{user}x", "Even")
    one, two = await person.joins(store), await other.joins(store)
    assert one.id != two.id
    assert (await person.joins(store)).id == one.id
    assert one.user == user
    assert {member.id for member in await store.members.all(TEAM)} == {one.id, two.id}


async def test_the_same_person_in_two_workspaces_is_two_members(store: Store) -> None:
    here, there = await BEA.joins(store), await Person(BEA.user, "Bea", team="T0OTHER001").joins(store)
    assert here.id != there.id
    assert await store.members.all("T0OTHER001") == [there]
    assert await store.members.teams() == [TEAM, "T0OTHER001"]


async def test_a_record_whose_joining_died_is_erased_by_the_schedule(store: Store, redis_url: str) -> None:
    """Rule 23: not even half a first contact stays for ever."""
    dying = Store.open(redis_url)
    send = dying.redis.execute_command

    async def until_the_map(*words: str | int | float, **options: object) -> object:
        if words[:2] == ("SET", keys.member_of(TEAM, BEA.user)):
            raise ConnectionError
        return await send(*words, **options)

    dying.redis.execute_command = until_the_map  # type: ignore[method-assign]  # here it dies
    with pytest.raises(ConnectionError):
        await BEA.joins(dying)
    await dying.close()
    assert await store.members.of(TEAM, BEA.user) is None
    orphan = (await store.members.erasures.now(NOON + 2 * 86400))[0]
    bea = await BEA.joins(store)
    gone = await store.members.get(orphan)
    assert gone is not None
    assert gone.left is not None
    await store.erasure.erase(gone)
    assert await store.members.of(TEAM, BEA.user) == bea
    assert await records(store) == [keys.member(bea.id)]
    assert await store.members.all(TEAM) == [bea]


async def test_a_joining_that_died_after_the_map_is_finished_by_the_next(store: Store) -> None:
    bea = await BEA.joins(store)
    await store.redis.hset(keys.member(bea.id), "left", str(NOON))
    await store.members.erasures.at(bea.id, NOON + 86400)
    again = await BEA.joins(store)
    assert again == bea
    assert await store.members.erasures.now(NOON + 1e9) == []


async def test_a_map_without_a_record_is_made_anew(store: Store) -> None:
    await store.redis.set(keys.member_of(TEAM, BEA.user), "nobodyyy")
    assert await store.members.of(TEAM, BEA.user) is None
    bea = await asyncio.wait_for(BEA.joins(store), 5)
    assert bea.id != "nobodyyy"
    assert await store.members.of(TEAM, BEA.user) == bea


async def test_joining_and_erasing_at_the_same_moment_ends_in_one_whole_member_or_none(store: Store) -> None:
    for _ in range(30):
        bea = await BEA.joins(store)
        await asyncio.gather(store.erasure.erase(bea), *(BEA.joins(store) for _ in range(3)))
        now = await store.members.of(TEAM, BEA.user)
        everybody = [member.id for member in await store.members.all(TEAM)]
        assert everybody == ([now.id] if now else [])
        assert now is None or (now.left is None and now.id != bea.id)
        assert await store.redis.smembers(keys.members_of(TEAM)) == set(everybody)
        assert len(await records(store)) == len(everybody)
        if now:
            await store.erasure.erase(now)


async def test_what_slack_tells_anew_is_kept(store: Store) -> None:
    bea = await BEA.joins(store)
    known = await store.members.know(bea, "Asia/Tokyo", "ja-JP")
    assert (known.tz, known.locale) == ("Asia/Tokyo", "ja-JP")
    assert await store.members.get(bea.id) == known


async def test_preferences_are_kept_as_chosen(store: Store) -> None:
    bea = await BEA.joins(store)
    assert bea.preferences == Preferences()
    for pace in Pace:
        chosen = Preferences(pace, 0, 23, leaderboard=True)
        await store.members.prefer(bea.id, chosen)
        found = await store.members.get(bea.id)
        assert found is not None
        assert found.preferences == chosen
    await store.members.prefer(bea.id, Preferences())
    assert await store.members.get(bea.id) == bea


async def test_nothing_told_of_an_erased_member_brings_them_back(store: Store) -> None:
    bea = await BEA.joins(store)
    await store.erasure.erase(bea)
    await store.members.know(bea, "Asia/Tokyo", "ja-JP")
    await store.members.prefer(bea.id, Preferences(Pace.OFF))
    await store.members.leave(bea.id, NOON, NOON + MONTH)
    await store.members.return_(bea.id)
    assert await store.members.get(bea.id) is None
    assert await records(store) == []


async def test_rule_25_a_departure_told_again_does_not_put_the_erasing_off(store: Store) -> None:
    bea = await BEA.joins(store)
    await store.members.leave(bea.id, NOON, NOON + MONTH)
    await store.members.leave(bea.id, NOON + 86400, NOON + 86400 + MONTH)
    found = await store.members.get(bea.id)
    assert found is not None
    assert found.left == NOON
    assert await store.members.erasures.now(NOON + MONTH - 1) == []
    assert await store.members.erasures.now(NOON + MONTH) == [bea.id]


async def test_rule_25_who_comes_back_in_time_is_not_erased(store: Store) -> None:
    bea = await BEA.joins(store)
    await store.members.leave(bea.id, NOON, NOON + MONTH)
    await store.members.return_(bea.id)
    assert await store.members.get(bea.id) == bea
    assert await store.members.erasures.now(NOON + 1e9) == []
    await store.members.leave(bea.id, NOON + MONTH, NOON + 2 * MONTH)
    assert await store.members.erasures.now(NOON + 2 * MONTH) == [bea.id]


async def test_a_field_of_a_newer_version_does_no_harm(store: Store) -> None:
    bea = await BEA.joins(store)
    await store.redis.hset(keys.member(bea.id), "pronouns", "she")
    assert await store.members.get(bea.id) == bea


async def test_everybody_of_a_workspace_is_listed(store: Store) -> None:
    people = [await person.joins(store) for person in (ADA, BEA, CY)]
    assert {member.id for member in await store.members.all(TEAM)} == {member.id for member in people}
    assert await store.members.all("T0NOBODY") == []
