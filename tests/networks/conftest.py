"""The stand-in networks, and clients that do not wait for long."""

import pytest

from grapevine.networks import http
from tests.networks.facebook_stand_in import facebook
from tests.networks.linkedin_stand_in import linkedin
from tests.networks.mastodon_stand_in import mastodon
from tests.networks.x_stand_in import x

__all__ = ["facebook", "linkedin", "mastodon", "x"]


@pytest.fixture
def impatient(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits for a second only, where the fault is that no answer comes; else a busy machine would be taken for one."""
    silent = {"hang", "slow"} & set(map(str, request.node.callspec.params.values()))
    monkeypatch.setattr(http, "TIMEOUT", (1.0, 1.0) if silent else (5.0, 5.0))
