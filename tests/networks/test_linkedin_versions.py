"""Versions live a year: which one is spoken when, and what is said before one ends."""

import logging
from datetime import UTC, datetime

import pytest

from grapevine.networks.linkedin_versions import KNOWN, Versions, advice
from grapevine.settings import NetworkSettings
from tests.networks.calls import call
from tests.networks.linkedin_stand_in import Stage, staged

NOVEMBER_2026 = datetime(2026, 11, 15, tzinfo=UTC).timestamp()
JANUARY_2028 = datetime(2028, 1, 15, tzinfo=UTC).timestamp()


def test_the_version_that_is_known_is_the_one_that_is_set() -> None:
    assert NetworkSettings.model_fields["linkedin_version"].default == KNOWN


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("202610", ""),
        ("202602", ""),
        ("202601", "serves version 202601 of its API until the middle of 2027-01, and then no more"),
        ("202511", "serves version 202511 of its API until the middle of 2026-11, and then no more"),
        ("202510", "no longer serves version 202510"),
        ("203001", ""),
    ],
)
def test_an_admin_is_told_two_months_before_the_end(version: str, said: str) -> None:
    told = advice(version, NOVEMBER_2026)
    assert said in told
    assert bool(told) == bool(said)
    assert not told or told.endswith(f"set LINKEDIN_VERSION={KNOWN}.")


def test_a_version_is_gone_in_the_middle_of_its_last_month() -> None:
    assert "no longer serves version 202511" in advice("202511", NOVEMBER_2026 + 86400)
    assert Versions("202511").to_try(NOVEMBER_2026 + 86400)[0] == KNOWN


def test_an_old_grapevine_advises_a_version_that_is_served_by_then() -> None:
    assert advice(KNOWN, JANUARY_2028).endswith("set LINKEDIN_VERSION=202712.")


@pytest.mark.parametrize(
    ("configured", "now", "first"),
    [
        ("202605", NOVEMBER_2026, ["202605", "202610", "202606"]),  # as set; else what was tried; else the nearest
        ("202401", NOVEMBER_2026, ["202610", "202512", "202601"]),  # dead for certain: not asked for first
        ("202511", NOVEMBER_2026, ["202511", "202610", "202512"]),  # in its last month
        (KNOWN, JANUARY_2028, ["202702", "202703", "202704"]),
        ("203001", NOVEMBER_2026, ["203001", "202610", "202611"]),
    ],
)
def test_versions_are_tried_from_the_likeliest(configured: str, now: float, first: list[str]) -> None:
    tried = Versions(configured).to_try(now)
    assert tried[:3] == first
    assert configured in tried
    assert len(tried) == len(set(tried))


@pytest.mark.parametrize("configured", ["202401", "203001"])
async def test_a_version_that_is_not_served_is_stepped_over_once_with_a_warning(
    configured: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with staged(version=configured) as stage:
        token = (await stage.connect()).token
        calls = followers(stage)
        for _ in range(2):
            await call(stage.client.profile, token)
        assert followers(stage) == calls + 2, "the working one is remembered"
    (warning,) = [record for record in caplog.records if "LINKEDIN_VERSION" in record.message]
    assert warning.levelno == logging.WARNING
    assert f"no longer serves version {configured}" in warning.message
    assert warning.message.endswith(f"Set LINKEDIN_VERSION={KNOWN}.")


def followers(stage: Stage) -> int:
    return stage.state.calls.count("GET /rest/memberFollowersCount")
