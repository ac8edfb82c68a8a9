"""The stage on each network, and Bea on X where the network does not matter."""

from collections.abc import AsyncIterator

import pytest

from tests.networks import stages
from tests.workers.stage import Stage, staged


@pytest.fixture(params=sorted(stages.STAGES))
async def everywhere(request: pytest.FixtureRequest, redis_url: str) -> AsyncIterator[Stage]:
    async with staged(redis_url, request.param) as stage:
        yield stage


@pytest.fixture
async def stage(redis_url: str) -> AsyncIterator[Stage]:
    async with staged(redis_url) as stage:
        yield stage
