"""People who come, change, leave and come back (rules 18, 25)."""

from bot.members import Person
from grapevine.domain.members import ERASED_AFTER
from tests.bot.dance import begin
from tests.bot.stage import Browser, Stage
from tests.fakes import Birdsong
from tests.people import ADA, BEA, TEAM


async def test_who_leaves_loses_their_tokens_at_once_and_is_erased_after_thirty_days(
    stage: Stage, browser: Browser
) -> None:
    await browser.get(await begin(stage, browser))
    member = await stage.member(BEA)
    assert await stage.pg.leave(BEA.user)
    left = await stage.eventually(lambda: stage.store.members.get(member.id), lambda one: one and one.left)
    assert left is not None
    await stage.eventually(lambda: stage.store.tokens.get(member.id, "birdsong:bea"), lambda token: token is None)
    due = await stage.store.redis.zscore("due:erasures", member.id)
    assert due is not None
    assert left.left is not None
    assert abs(due - left.left - ERASED_AFTER) < 1
    assert ERASED_AFTER == 30 * 86400


async def test_who_comes_back_in_time_is_not_erased(stage: Stage) -> None:
    await stage.types(BEA, "help")
    member = await stage.member(BEA)
    await stage.pg.leave(BEA.user)
    await stage.eventually(lambda: stage.store.members.get(member.id), lambda one: one and one.left)
    stage.pg.workspace.users[BEA.user].deleted = False
    await stage.types(BEA, "help")
    assert (await stage.member(BEA)).left is None
    assert await stage.store.redis.zscore("due:erasures", member.id) is None


async def test_who_is_reactivated_in_slack_is_not_erased_although_they_say_nothing(stage: Stage) -> None:
    await stage.types(BEA, "help")
    member = await stage.member(BEA)
    await stage.pg.leave(BEA.user)
    await stage.eventually(lambda: stage.store.members.get(member.id), lambda one: one and one.left)
    user = stage.pg.workspace.users[BEA.user]
    user.deleted = False
    assert await stage.pg.event({"type": "user_change", "user": user.card(stage.pg.url, with_email=False)})
    await stage.eventually(lambda: stage.store.members.get(member.id), lambda one: one and one.left is None)
    assert await stage.store.redis.zscore("due:erasures", member.id) is None


async def test_a_new_time_zone_is_known_at_once(stage: Stage) -> None:
    await stage.types(BEA, "help")
    member = await stage.member(BEA)
    user = stage.pg.workspace.users[BEA.user]
    user.tz = "America/Lima"
    assert await stage.pg.event({"type": "user_change", "user": user.card(stage.pg.url, with_email=False)})
    await stage.eventually(lambda: stage.store.members.get(member.id), lambda one: one and one.tz == "America/Lima")


async def test_people_who_never_used_grapevine_leave_no_trace(stage: Stage) -> None:
    user = stage.pg.workspace.users[BEA.user]
    assert await stage.pg.event({"type": "user_change", "user": user.card(stage.pg.url, with_email=False)})
    await stage.types(ADA, "help")
    assert await stage.store.members.of(TEAM, BEA.user) is None


def test_single_channel_guests_and_strangers_are_guests_and_owners_are_admins() -> None:
    assert Person.read({"is_ultra_restricted": True}).is_guest
    assert Person.read({"is_stranger": True}).is_guest
    assert Person.read({"is_owner": True}).is_admin
    assert not Person.read({}).is_admin


async def test_who_leaves_is_also_disconnected_at_the_network(
    stage: Stage, browser: Browser, birdsong: Birdsong
) -> None:
    await browser.get(await begin(stage, browser))
    await stage.pg.leave(BEA.user)
    await stage.pg.until(lambda: birdsong.revoked == ["token-bea"])
