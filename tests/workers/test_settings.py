"""What the workers ask of their settings before they start."""

from pathlib import Path

import pytest

from grapevine.settings import SettingsError, WorkerSettings, load
from workers.__main__ import encryption_keys


def test_with_a_redis_of_its_own_the_worker_wants_the_bot_s_keys_and_makes_none(tmp_path: Path) -> None:
    settings = load(WorkerSettings, {"REDIS_URL": "redis://127.0.0.1:1/0", "GRAPEVINE_DATA": str(tmp_path)})
    with pytest.raises(SettingsError, match="ENCRYPTION_KEYS: set it beside REDIS_URL"):
        encryption_keys(settings)
    assert list(tmp_path.iterdir()) == []


def test_beside_the_embedded_server_the_keys_are_made_once(tmp_path: Path) -> None:
    settings = load(WorkerSettings, {"GRAPEVINE_DATA": str(tmp_path)})
    made = encryption_keys(settings)
    assert [len(key) for key in made] == [44]
    assert encryption_keys(settings) == made
