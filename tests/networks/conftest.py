"""The stand-in for X, and clients that wait for tenths of a second only."""

from collections.abc import AsyncIterator

import pytest

from grapevine.networks import http
from tests.networks.x_stand_in import Stage, staged


@pytest.fixture
async def x() -> AsyncIterator[Stage]:
    async with staged() as stage:
        yield stage


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "TIMEOUT", (1.0, 0.3))
