"""A token that LinkedIn gave out a moment ago and calls revoked for some seconds costs nobody the connection.

https://github.com/decioferreira/omniauth-linkedin-oauth2/issues/81
"""

import json
import time
from collections.abc import AsyncIterator, Callable

import pytest

from grapevine.domain.errors import Reconnect, TryLater
from tests.networks.calls import call, failing
from tests.networks.drafts import IMAGE
from tests.networks.linkedin_stand_in import DRAFT, Stage, staged

_CALLS: list[Callable[[Stage, str], object]] = [
    lambda stage, token: stage.client.publish(token, DRAFT),
    lambda stage, token: stage.client.prepare(token, IMAGE),
    lambda stage, token: stage.client.settle(token, DRAFT, time.time()),
    lambda stage, token: stage.client.counts(token, ["urn:li:share:1"]),
    lambda stage, token: stage.client.profile(token),
]


@pytest.fixture
async def fresh() -> AsyncIterator[Stage]:
    async with staged(settles=120.0) as stage:
        yield stage


@pytest.mark.parametrize("act", _CALLS)
async def test_a_fresh_token_that_is_called_revoked_is_tried_again_whatever_it_is_used_for(
    fresh: Stage, act: Callable[[Stage, str], object]
) -> None:
    token = (await fresh.connect()).token
    await fresh.fault("revoked")
    error = await failing(TryLater, act, fresh, token)
    assert not error.uncertain
    assert error.after == 15.0


@pytest.mark.parametrize("age", [121.0, -600.0, None])
async def test_a_token_that_is_older_or_of_unknown_age_is_revoked(fresh: Stage, age: float | None) -> None:
    fields = json.loads((await fresh.connect()).token)
    if age is None:
        del fields["made"]
    else:
        fields["made"] = time.time() - age
    await fresh.fault("revoked")
    assert (await failing(Reconnect, fresh.client.publish, json.dumps(fields), DRAFT)).revoked


async def test_a_renewed_token_is_a_fresh_one() -> None:
    async with staged(settles=120.0, refresh_tokens=True) as stage:
        fields = json.loads((await stage.connect()).token)
        renewed = await call(stage.client.refresh, json.dumps({**fields, "made": time.time() - 5000000}))
        assert renewed is not None
        await stage.fault("revoked")
        await failing(TryLater, stage.client.publish, renewed[0], DRAFT)


async def test_a_reach_that_a_fresh_token_is_not_told_yet_is_not_called_untold(fresh: Stage) -> None:
    await fresh.fault("revoked", only="GET /v2/connections")
    connected = await fresh.connect()
    assert connected.profile.reach is None
    assert (connected.capabilities.reach, connected.capabilities.reach_reason) == (True, "")
