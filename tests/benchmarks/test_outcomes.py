"""The benchmark of refreshing ends with a sentence where something came of it that must never be."""

from dataclasses import replace
from typing import Any

import pytest

from benchmarks.company import EACH, Run
from benchmarks.outcomes import Outcome, covered, judge
from grapevine.networks import offered
from grapevine.settings import NetworkSettings

NETWORKS = offered(NetworkSettings.model_validate({"linkedin_client_id": "id", "linkedin_client_secret": "hush"}))
DUE = 5 * EACH
LINKEDIN = Outcome("linkedin", DUE, 150, 146, 0, 0, calls=447, fewest=438, limited=1, disobedient=0, most=92)
MASTODON = Outcome("mastodon", DUE, DUE, DUE, 60, 0, calls=29, fewest=25, limited=1, disobedient=0, most=7)


def judged(*found: Outcome, workers: int = 4) -> None:
    nothing: Any = None
    judge(Run(nothing, nothing, NETWORKS, {}, "", {}), found, workers)


def test_the_budgets_cover_what_they_do() -> None:
    assert covered(NETWORKS["linkedin"], DUE) == 150
    assert covered(NETWORKS["linkedin"], EACH) == 30
    assert covered(NETWORKS["mastodon"], DUE) == DUE


def test_what_each_killed_worker_had_in_hand_may_be_asked_for_again() -> None:
    judged(LINKEDIN, MASTODON)
    with pytest.raises(SystemExit, match="asked again for 3 calls, and 2 workers had one each"):
        judged(LINKEDIN, MASTODON, workers=2)
    judged(replace(LINKEDIN, twice=4))  # what each was writing down when it was killed


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"twice": 5}, "the reads of 5 placements were taken twice"),
        ({"read": 144}, "144 of 150 placements were read"),
        ({"disobedient": 1}, "1 calls came during a pause"),
        ({"calls": 501}, "its budget was exceeded: 501 calls"),
        ({"most": 101}, "its budget was exceeded: 447 calls, 101 of one account"),
    ],
)
def test_what_must_never_be_ends_the_run(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(SystemExit, match=said):
        judged(replace(LINKEDIN, **wrong))


def test_without_a_budget_nothing_may_be_left_out() -> None:
    with pytest.raises(SystemExit, match="499 of 500 placements were read"):
        judged(replace(MASTODON, read=499))
