"""Which message about a share is posted or changed next, and that every outcome arrives where it is seen."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from grapevine.domain.outcomes import NOTICED, WHOLE, Message, Step, next_step, outcome, wants_member
from grapevine.domain.shares import PlacementState, Status
from tests.people import NOON

PENDING = Status(PlacementState.PENDING, NOON)
OUT = Status(PlacementState.PUBLISHED, NOON + 1, "1", "https://birdsong.example/1")
SAID_SO = Status(PlacementState.PUBLISHED, NOON + 1)
REFUSED = Status(PlacementState.REFUSED, NOON + 1, reason="Birdsong said no.")
ASKING = Status(PlacementState.ASKING, NOON + 1)
CANCELLED = Status(PlacementState.CANCELLED, NOON + 1)
SOON, LATE = NOON + NOTICED, NOON + NOTICED + 1
ANEW, CHANGED = True, False


def said(statuses: Mapping[str, Status], at: float = NOON) -> Message:
    """A message that tells all of this."""
    return Message("D1", "1.1", at, {network: outcome(status) for network, status in statuses.items()})


def test_nothing_is_said_while_everything_waits() -> None:
    assert next_step({"x": PENDING, "linkedin": PENDING}, {}, NOON) is None
    assert next_step({"x": PENDING}, {}, NOON) is None


def test_of_one_network_each_outcome_is_told_by_itself_and_once() -> None:
    for status in (OUT, REFUSED, ASKING):
        assert next_step({"x": status}, {}, NOON) == Step("x", ANEW)
        assert next_step({"x": status}, {"x": said({"x": status})}, LATE) is None
    assert next_step({"x": SAID_SO}, {}, NOON) is None


def test_one_networks_question_becomes_its_answer_and_a_late_refusal_is_another_message() -> None:
    asked = {"x": said({"x": ASKING})}
    assert next_step({"x": PENDING}, asked, LATE) is None
    assert next_step({"x": SAID_SO}, asked, LATE) is None
    assert next_step({"x": OUT}, asked, LATE) == Step("x", CHANGED)
    assert next_step({"x": REFUSED}, asked, SOON) == Step("x", CHANGED)
    assert next_step({"x": REFUSED}, asked, LATE) == Step("x", ANEW)


def test_the_first_outcome_posts_the_message_about_the_whole_share() -> None:
    for status in (OUT, REFUSED, ASKING):
        assert next_step({"x": PENDING, "linkedin": status}, {}, NOON) == Step(WHOLE, ANEW)
    assert next_step({"x": PENDING, "linkedin": CANCELLED}, {}, NOON) is None


def test_a_later_success_changes_it_however_late() -> None:
    first = {WHOLE: said({"x": OUT, "linkedin": PENDING})}
    for now in (SOON, LATE):
        assert next_step({"x": OUT, "linkedin": OUT}, first, now) == Step(WHOLE, CHANGED)
    assert next_step({"x": OUT, "linkedin": OUT}, {WHOLE: said({"x": OUT, "linkedin": OUT})}, LATE) is None


def test_what_needs_the_member_changes_it_only_while_that_is_seen() -> None:
    first = {WHOLE: said({"x": OUT, "linkedin": PENDING})}
    for status in (REFUSED, ASKING):
        assert next_step({"x": OUT, "linkedin": status}, first, SOON) == Step(WHOLE, CHANGED)
        assert next_step({"x": OUT, "linkedin": status}, first, LATE) == Step("linkedin", ANEW)


def test_the_whole_is_changed_after_a_message_of_its_own_and_with_its_answer() -> None:
    first = {WHOLE: said({"x": OUT, "linkedin": PENDING}), "linkedin": said({"linkedin": ASKING}, LATE)}
    assert next_step({"x": OUT, "linkedin": ASKING}, first, LATE) == Step(WHOLE, CHANGED)
    first[WHOLE] = said({"x": OUT, "linkedin": ASKING})
    assert next_step({"x": OUT, "linkedin": ASKING}, first, LATE) is None
    assert next_step({"x": OUT, "linkedin": PENDING}, first, LATE) == Step(WHOLE, CHANGED)
    assert next_step({"x": OUT, "linkedin": OUT}, first, LATE) == Step("linkedin", CHANGED)
    assert next_step({"x": OUT, "linkedin": SAID_SO}, first, LATE) == Step(WHOLE, CHANGED)


def test_a_deleted_message_is_posted_again() -> None:
    assert next_step({"x": OUT, "linkedin": OUT}, {}, LATE) == Step(WHOLE, ANEW)
    assert next_step({"x": OUT}, {}, LATE) == Step("x", ANEW)


@given(
    names=st.integers(1, 5),
    happenings=st.lists(
        st.tuples(st.integers(0, 4), st.sampled_from(list(PlacementState)), st.sampled_from([0.0, 1.0, 29.0, 60.0]))
    ),
)
def test_whatever_happens_the_messages_end_up_true_and_nothing_that_needs_the_member_is_silent(
    names: int, happenings: list[tuple[int, PlacementState, float]]
) -> None:
    networks = [f"n{number}" for number in range(names)]
    statuses = dict.fromkeys(networks, PENDING)
    messages: dict[str, Message] = {}
    now, posted = NOON, 0
    for number, (which, state, pause) in enumerate(happenings):
        now += pause
        network = networks[which % names]
        url = "https://birdsong.example/1" if state is PlacementState.PUBLISHED else ""
        statuses[network] = Status(state, NOON + number, "1", url)
        noticed, steps = False, 0
        while step := next_step(statuses, messages, now):
            about = networks if step.about == WHOLE else [step.about]
            before = messages.get(step.about)
            assert step.anew or before is not None
            posted += step.anew
            at = now if step.anew or before is None else before.at
            noticed |= network in about and now - at <= NOTICED
            messages[step.about] = said({one: statuses[one] for one in about}, at)
            steps += 1
            assert steps <= names + 1
        if wants_member(statuses[network]):
            assert noticed
    if names > 1 and WHOLE in messages:
        assert messages[WHOLE].shown == {network: outcome(status) for network, status in statuses.items()}
    assert posted <= 1 + sum(state in (PlacementState.REFUSED, PlacementState.ASKING) for _, state, _ in happenings)
