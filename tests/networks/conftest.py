"""The stand-in for X, and clients that do not wait for long."""

from collections.abc import AsyncIterator

import pytest

from grapevine.networks import http
from tests.networks.x_stand_in import Stage, staged


@pytest.fixture
async def x() -> AsyncIterator[Stage]:
    async with staged() as stage:
        yield stage


@pytest.fixture
def impatient(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits for a second only, where the fault is that no answer comes; else a busy machine would be taken for one."""
    silent = {"hang", "slow"} & set(map(str, request.node.callspec.params.values()))
    monkeypatch.setattr(http, "TIMEOUT", (1.0, 1.0) if silent else (5.0, 5.0))
