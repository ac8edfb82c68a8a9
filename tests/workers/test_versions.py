"""A version of LinkedIn's API that was stepped to is known to the jobs that follow."""

import pytest

from grapevine.networks.linkedin_versions import KNOWN
from grapevine.settings import WorkerSettings, load
from tests.workers.stage import KEY, staged
from workers import reactions
from workers.job import opener


async def test_only_the_first_job_meets_the_426_of_a_version_that_is_not_served(
    redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with staged(redis_url, "linkedin", LINKEDIN_VERSION="203001") as stage:
        shares = [(await stage.published(f"Number {number}"))[0] for number in range(3)]
        calls = vars(stage.network)["state"].calls
        open_ = opener(stage.settings, redis_url, (KEY,))
        made = []
        for share in shares:
            calls.clear()
            async with open_() as tools:
                named = {name: tools[name] for name in ("store", "networks", "slack", "now")}
                await reactions.refresh(stage.bea.id, "linkedin", share.id, **named)
            made.append(len(calls))
            assert (await stage.reactions(share)).checked is not None
        assert made[1:] == [made[0] - 1] * 2
        assert sum(f"Set LINKEDIN_VERSION={KNOWN}" in one.message for one in caplog.records) == 1


async def test_a_version_that_is_set_anew_is_used(redis_url: str) -> None:
    async with staged(redis_url, "linkedin", LINKEDIN_VERSION="202401") as stage:
        settings = load(WorkerSettings, {**stage.env, "LINKEDIN_VERSION": KNOWN})
        await stage.store.passes.keep("version", "linkedin:202401", {"version": "202609"}, 60)
        for one, used in ((stage.settings, "202609"), (settings, KNOWN)):
            async with opener(one, redis_url, (KEY,))() as tools:
                assert tools["networks"]["linkedin"].version == used
