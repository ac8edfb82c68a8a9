"""``--quick --json`` of a benchmark: one object a line, each a name, a value and its unit."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.processes import ROOT
from tests.store import servers


def told(*words: str) -> list[dict[str, Any]]:
    """What ``python -m …`` prints, line by line."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"}
    run = subprocess.run(
        [sys.executable, "-m", *words], cwd=ROOT, env=env, capture_output=True, text=True, timeout=90, check=False
    )
    assert run.returncode == 0, run.stderr
    return [json.loads(line) for line in run.stdout.splitlines()]


def test_memory_is_told_for_every_server_at_hand() -> None:
    rows = told("benchmarks.memory", "--quick", "--json", "--most", "1000")
    kinds = ("visitors", "everything", "in the end")
    expected = {
        f"memory {server} {clicks} clicks {what}"
        for server in servers.at_hand()
        for clicks in (10, 100, 500, 1000)
        for what in kinds
    }
    assert {row["name"] for row in rows} == expected
    assert {row["unit"] for row in rows} == {"bytes/click"}
    # an intset holds 8 bytes a visitor: less would mean that somebody was not counted
    assert all(row["value"] >= 8 for row in rows)


def test_home_is_told_beside_one_with_few_shares() -> None:
    rows = told("benchmarks.home", "--quick", "--json", "--shares", "200")
    assert [row["name"] for row in rows] == ["home 200 shares median", "home 200 shares p95"]
    for row in rows:
        assert row["unit"] == "ms"
        assert row["value"] > 0
        assert abs(row["ratio"] - row["value"] / row["baseline"]) < 0.01


def test_every_benchmark_can_be_quick_and_speak_json() -> None:
    found = [file for file in sorted((Path(ROOT) / "benchmarks").glob("*.py")) if "ArgumentParser" in file.read_text()]
    assert {"command", "home", "memory", "plan", "redirect", "refresh"} <= {file.stem for file in found}
    for file in found:
        said = subprocess.run(
            [sys.executable, "-m", f"benchmarks.{file.stem}", "--help"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert "--quick" in said, file.stem
        assert "--json" in said, file.stem


def test_refreshing_survives_its_workers_within_the_budget() -> None:
    """The benchmark fails by itself if a placement is forgotten, a budget exceeded, or a pause not obeyed."""
    rows = {row["name"]: row for row in told("benchmarks.refresh", "--quick", "--json")}
    for network in ("linkedin", "x", "facebook", "mastodon", "bluesky"):
        assert rows[f"refresh {network} calls"]["ratio"] >= 1
        assert rows[f"refresh {network} asked again"]["unit"] == "placements"
        assert rows[f"refresh {network} taken twice"]["value"] <= 4, "one for each worker that was killed"
    assert rows["refresh linkedin calls"]["value"] <= 100
    assert [rows[f"refresh {name} read"]["value"] for name in ("x", "facebook", "mastodon", "bluesky")] == [100] * 4
    assert {rows[name]["unit"] for name in ("refresh time", "refresh planning 100,000")} == {"s"}
