"""What belongs to a workspace: settings, offers, boards."""

from dataclasses import replace

import pytest

from grapevine.domain.points import Place, Rate
from grapevine.domain.posts import Post, PostKind
from grapevine.store import Store, keys
from grapevine.store.workspaces import WorkspaceSettings
from tests.people import ADA, BEA, NOON, TEAM

POST = Post(PostKind.LINK, "https://example.com/", 'Über "Trauben"')


async def test_a_workspace_nobody_changed_has_the_defaults(store: Store) -> None:
    assert await store.workspaces.settings(TEAM) == WorkspaceSettings()
    assert not WorkspaceSettings().leaderboard  # rule 17


async def test_settings_are_kept_and_those_of_a_newer_version_stay(store: Store) -> None:
    chosen = WorkspaceSettings((Rate("00000000", 1), Rate("20261121", 0)), True, 5, False, True, False)
    await store.redis.hset(
        keys.workspace(TEAM), mapping={"newer": '{"a":1}', "rates": '[{"day":"0","points":2,"x":1}]'}
    )
    assert (await store.workspaces.settings(TEAM)).rates == (Rate("0", 2),)
    await store.workspaces.change(TEAM, chosen)
    assert await store.workspaces.settings(TEAM) == chosen
    assert await store.redis.hget(keys.workspace(TEAM), "newer") == '{"a":1}'
    assert await store.workspaces.settings("T0OTHER001") == WorkspaceSettings()


async def test_offers_are_shown_newest_first_while_they_are_open(store: Store) -> None:
    offers = [
        await store.workspaces.offer(TEAM, POST, (f"{number}",), ADA.user, NOON + number, expires)
        for number, expires in enumerate([None, NOON + 100, NOON + 5000, None])
    ]
    assert await store.workspaces.get_offer(TEAM, offers[1].id) == offers[1]
    assert await store.workspaces.offers(TEAM, NOON + 99) == offers[::-1]
    assert await store.workspaces.offers(TEAM, NOON + 100) == [offers[3], offers[2], offers[0]]
    assert await store.workspaces.offers(TEAM, NOON, most=1) == [offers[3]]
    await store.workspaces.withdraw(TEAM, offers[3].id)
    assert await store.workspaces.offers(TEAM, NOON + 5000) == [offers[0]]
    assert await store.workspaces.get_offer(TEAM, offers[3].id) is None
    assert await store.workspaces.offers("T0OTHER001", NOON) == []


@pytest.mark.parametrize("expired", [19, 20, 21, 70])
async def test_an_open_offer_is_found_behind_any_number_of_expired_ones(store: Store, expired: int) -> None:
    evergreen = await store.workspaces.offer(TEAM, POST, (), ADA.user, NOON, None)
    for number in range(expired):
        await store.workspaces.offer(TEAM, POST, (), ADA.user, NOON + 1 + number, NOON + 2 + number)
    assert await store.workspaces.offers(TEAM, NOON + 1e6, most=5) == [evergreen]


async def test_a_newer_versions_offer_is_read(store: Store) -> None:
    offer = await store.workspaces.offer(TEAM, POST, ("a",), ADA.user, NOON, None)
    stored = await store.redis.get(keys.offer(TEAM, offer.id)) or ""
    await store.redis.set(keys.offer(TEAM, offer.id), stored.replace("{", '{"newer": [1], ', 2))
    assert await store.workspaces.offers(TEAM, NOON) == [offer]


async def test_a_board_says_when_it_was_made(store: Store) -> None:
    ada, bea = await ADA.joins(store), await BEA.joins(store)
    assert await store.workspaces.board(TEAM, "week") == (0.0, [])
    places = [Place(1, ada.id, 7), Place(1, bea.id, 7)]
    await store.workspaces.set_board(TEAM, "week", places, NOON)
    assert await store.workspaces.board(TEAM, "week") == (NOON, places)
    assert await store.workspaces.board(TEAM, "month") == (0.0, [])
    await store.workspaces.set_board(TEAM, "week", [], NOON + 1)
    assert await store.workspaces.board(TEAM, "week") == (NOON + 1, [])


async def test_rule_23_a_board_and_an_offer_name_nobody_who_was_erased(store: Store) -> None:
    ada, bea = await ADA.joins(store), await BEA.joins(store)
    places = [Place(1, ada.id, 7), Place(2, bea.id, 6)]
    await store.workspaces.set_board(TEAM, "week", places, NOON)
    hers, his = [await store.workspaces.offer(TEAM, POST, (), one.user, NOON, None) for one in (ADA, BEA)]
    await store.erasure.erase(ada)
    assert await store.workspaces.board(TEAM, "week") == (0.0, [])
    assert await store.workspaces.get_offer(TEAM, hers.id) == replace(hers, by="")
    assert await store.workspaces.get_offer(TEAM, his.id) == his
    # counted before, written after
    await store.workspaces.set_board(TEAM, "week", places, NOON)
    assert await store.workspaces.board(TEAM, "week") == (0.0, [])


async def test_the_apps_id_is_known_for_a_while(store: Store) -> None:
    assert await store.workspaces.app_id(TEAM) is None
    await store.workspaces.know_app_id(TEAM, "", 60)
    assert await store.workspaces.app_id(TEAM) == ""
    await store.workspaces.know_app_id(TEAM, "A0GRAPE001", 60)
    assert await store.workspaces.app_id(TEAM) == "A0GRAPE001"
    assert 59_000 < await store.redis.pttl(keys.app_id(TEAM)) <= 60_000


async def test_one_setting_is_put_without_touching_what_an_admin_changes_meanwhile(store: Store) -> None:
    await store.workspaces.change(TEAM, WorkspaceSettings(leaderboard=True))
    await store.workspaces.put(TEAM, charts=False)
    assert await store.workspaces.settings(TEAM) == WorkspaceSettings(leaderboard=True, charts=False)
