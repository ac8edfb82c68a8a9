"""Settings: a member's own, and a workspace's for its admins (rules 16, 17, 27)."""

from typing import Any

import pytest

from bot.preferences import with_rate
from bot.preferences_view import member_view, preferences, workspace_view
from grapevine.domain.members import Member, Pace, Preferences
from grapevine.domain.points import Rate, points
from grapevine.store.workspaces import WorkspaceSettings
from tests.blockkit import takes
from tests.bot.stage import Stage, text_of
from tests.people import ADA, BEA, TEAM, Person


async def opened(stage: Stage, person: Person) -> Any:
    await stage.pg.command(person.user, "/grapevine", "settings")
    return await stage.pg.until(lambda: stage.pg.modal(person.user))


async def test_a_member_chooses_pace_and_quiet_hours_and_home_is_republished(stage: Stage) -> None:
    view = await opened(stage, BEA)
    assert "Europe/Stockholm" in text_of(view)
    assert "At most every 15 minutes" in text_of(view)
    outcome = await stage.pg.submit(BEA.user, view["id"], {"pace": "hourly", "quiet_from": "21", "quiet_to": "7"})
    assert outcome.ok
    await stage.pg.until(lambda: stage.pg.home(BEA.user))
    assert (await stage.member(BEA)).preferences == Preferences(Pace.HOURLY, 21, 7)
    assert stage.pg.modal(BEA.user) is None


async def test_no_quiet_hours_can_be_chosen_and_is_shown_again(stage: Stage) -> None:
    view = await opened(stage, BEA)
    await stage.pg.submit(BEA.user, view["id"], {"quiet_from": "none"})
    member = await stage.eventually(lambda: stage.member(BEA), lambda one: one.preferences.quiet_from == 8)
    assert member.preferences.quiet_from == member.preferences.quiet_to
    await stage.pg.submit(BEA.user, (await opened(stage, BEA))["id"], {"pace": "off"})
    member = await stage.eventually(lambda: stage.member(BEA), lambda one: one.preferences.pace is Pace.OFF)
    assert member.preferences.quiet_from == member.preferences.quiet_to


async def test_the_leaderboard_is_opt_in_and_offered_only_where_an_admin_switched_it_on(stage: Stage) -> None:
    assert "leaderboard" not in str(await opened(stage, BEA))
    await stage.store.workspaces.change(TEAM, WorkspaceSettings(leaderboard=True))
    view = await opened(stage, BEA)
    assert not (await stage.member(BEA)).preferences.leaderboard
    await stage.pg.submit(BEA.user, view["id"], {"leaderboard": ["on"]})
    await stage.eventually(lambda: stage.member(BEA), lambda one: one.preferences.leaderboard)
    await stage.store.workspaces.change(TEAM, WorkspaceSettings())
    await stage.pg.submit(BEA.user, (await opened(stage, BEA))["id"], {"pace": "off"})
    member = await stage.eventually(lambda: stage.member(BEA), lambda one: one.preferences.pace is Pace.OFF)
    assert member.preferences.leaderboard


async def test_an_admin_decides_for_the_workspace(stage: Stage) -> None:
    view = await opened(stage, ADA)
    await stage.pg.click(ADA.user, view, "settings:open_workspace")
    view = await stage.pg.until(
        lambda: one if (one := stage.pg.modal(ADA.user)) and one["callback_id"] == "settings:workspace" else None
    )
    assert "single out one person's performance" in text_of(view)
    outcome = await stage.pg.submit(
        ADA.user, view["id"], {"points": "5", "leaderboard": ["on"], "utm": [], "utm_content": ["on"]}
    )
    assert outcome.ok
    kept = await stage.eventually(lambda: stage.store.workspaces.settings(TEAM), lambda one: one.leaderboard)
    assert (kept.utm, kept.utm_content, kept.rates[-1].points) == (False, True, 5)
    assert kept.rates[0].points == 1
    await stage.pg.until(lambda: "Show me on the leaderboard" in text_of(stage.pg.modal(ADA.user)))


async def test_where_points_are_switched_off_home_is_silent_about_them(stage: Stage) -> None:
    await stage.store.workspaces.change(TEAM, with_rate(WorkspaceSettings(), "20200101", 0))
    await stage.pg.open_home(BEA.user)
    home = await stage.pg.until(
        lambda: one if (one := stage.pg.home(BEA.user)) and "Potential reach" in text_of(one) else None
    )
    assert "Points" not in text_of(home)


async def test_points_below_zero_or_broken_are_refused_in_the_form(stage: Stage) -> None:
    await stage.pg.click(ADA.user, await opened(stage, ADA), "settings:open_workspace")
    view = await stage.pg.until(
        lambda: one if (one := stage.pg.modal(ADA.user)) and one["callback_id"] == "settings:workspace" else None
    )
    for wrong in ("-1", "1.5", "many"):
        assert "points" in ((await stage.pg.submit(ADA.user, view["id"], {"points": wrong})).errors or {})


async def test_members_who_are_no_admins_see_no_workspace_settings(stage: Stage) -> None:
    assert "Workspace settings" not in text_of(await opened(stage, BEA))


def test_a_new_rate_counts_from_today_and_leaves_what_was_earned() -> None:
    before = WorkspaceSettings()
    assert with_rate(before, "20261121", 1) is before
    changed = with_rate(before, "20261121", 5)
    assert points({"20261120": 10, "20261121": 10}, changed.rates) == 10 + 50
    twice = with_rate(changed, "20261121", 0)
    assert twice.rates == (Rate("00000000", 1), Rate("20261121", 0))
    assert points({"20261120": 10, "20261121": 10}, twice.rates) == 10


def test_the_modals_are_what_slack_accepts() -> None:
    member = Member("abcdefgh", TEAM, BEA.user, 0.0)
    workspace = WorkspaceSettings(leaderboard=True)
    takes(member_view(member, workspace, 900, is_admin=True))
    takes(workspace_view(workspace, 0))


@pytest.mark.parametrize(
    ("seconds", "said"), [(900, "15 minutes"), (20, "20 seconds"), (3600, "hour"), (86400, "day"), (0.5, "moment")]
)
def test_the_workspaces_own_pace_is_said_in_words(seconds: float, said: str) -> None:
    view = member_view(Member("abcdefgh", TEAM, BEA.user, 0.0), WorkspaceSettings(), seconds, is_admin=False)
    assert f"At most every {said}" in text_of(view)


def test_what_the_form_does_not_show_stays() -> None:
    values = {
        "pace": {"value": {"selected_option": {"value": "daily"}}},
        "quiet_from": {"value": {"selected_option": {"value": "none"}}},
        "quiet_to": {"value": {"selected_option": {"value": "6"}}},
    }
    assert preferences(values, Preferences(leaderboard=True)) == Preferences(Pace.DAILY, 6, 6, leaderboard=True)
