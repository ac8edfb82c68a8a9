"""Reach on lists that the patterns were not tuned to, and time."""

import random
import time
from pathlib import Path

import pytest

from grapevine.domain.clicks import Row
from shortener.agents import Agents

LISTS = Path(__file__).parents[2].parent / "shared" / "ua"


def listed(name: str) -> list[str]:
    path = LISTS / name
    if not path.exists():
        pytest.skip("the lists of user agents are not here")
    return path.read_text().splitlines()


def test_at_least_98_of_100_robots_are_known() -> None:
    agents, robots = Agents(), listed("bots.txt")
    missed = [agent for agent in robots if agents(agent).row is None]
    assert len(missed) <= 0.02 * len(robots), missed


def test_at_most_3_of_1000_people_are_taken_for_robots() -> None:
    agents, people = Agents(), listed("humans.txt")
    wronged = [agent for agent in people if agents(agent).row is not None]
    assert len(wronged) <= 0.003 * len(people), wronged


@pytest.mark.parametrize("agent", ["", " ", "Mozilla/5.0", "curl/8.5", "okhttp/4.12", "x" * 9000, "Mozilla/5.0 ()"])
def test_what_has_not_a_browsers_shape_is_a_robot(agent: str) -> None:
    assert Agents()(agent).row is Row.BOT


def test_what_is_remembered_is_bounded_and_short() -> None:
    agents = Agents(most=10)
    for number in range(100):
        agents(f"agent {number} " + "x" * 9000)
    known = agents._remembered.cache_info()
    assert known.currsize == known.maxsize == 10
    agents("x" * 600 + "a")
    before = agents._remembered.cache_info().hits
    agents("x" * 600 + "b")
    assert agents._remembered.cache_info().hits == before + 1


def test_no_user_agent_however_odd_takes_long() -> None:
    agents, chance = Agents(), random.Random(7)
    agents("warm")
    pieces = ["a", "1", "1.", "/", " ", "(", ")", ";", "Android 1", "Build/", "OS ", "bot", "http", "-", "_", "|", "é"]
    opening = "Mozilla/5.0 (X11) AppleWebKit/"
    slowest = 0.0
    for number in range(300):
        some = chance.sample(pieces, 3) if number >= len(pieces) else [pieces[number]]
        odd = opening + "".join(chance.choice(some) for _ in range(9000))
        took = min(_took(agents, f"{odd[:480]}{number}-{again}") for again in range(5))
        slowest = max(slowest, took)
    assert slowest < 0.004  # 2 ms on a machine that does nothing else


def _took(agents: Agents, agent: str) -> float:
    before = time.thread_time()
    agents(agent)
    return time.thread_time() - before
