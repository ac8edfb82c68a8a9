"""Quiet hours of members who have not chosen their own (design §5)."""

import pytest

from grapevine.domain.members import Preferences
from grapevine.settings import SettingsError, StoreSettings, load
from grapevine.store import Store
from tests.people import BEA


@pytest.mark.parametrize(
    ("written", "meant"), [("20-8", (20, 8)), (" 22 - 7 ", (22, 7)), ("none", (0, 0)), ("", (0, 0))]
)
def test_quiet_hours_are_written_as_two_hours_or_none(written: str, meant: tuple[int, int]) -> None:
    assert load(StoreSettings, {"QUIET_HOURS": written}).quiet_hours == meant


@pytest.mark.parametrize("written", ["20", "8pm-8am", "24-8"])
def test_other_quiet_hours_are_refused_with_what_they_should_look_like(written: str) -> None:
    with pytest.raises(SettingsError, match="QUIET_HOURS should be two hours of the day such as 20-8, or none"):
        load(StoreSettings, {"QUIET_HOURS": written})


async def test_the_setting_holds_until_a_member_chooses(redis_url: str) -> None:
    store = Store.open(redis_url, quiet_hours=(0, 0))
    bea = await BEA.joins(store)
    assert (bea.preferences.quiet_from, bea.preferences.quiet_to) == (0, 0)
    await store.members.prefer(bea.id, Preferences(quiet_from=21, quiet_to=7))
    again = await BEA.joins(store)
    assert (again.preferences.quiet_from, again.preferences.quiet_to) == (21, 7)
    await store.close()
