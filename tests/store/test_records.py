"""Frozen values to JSON and back."""

import json
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grapevine.domain.accounts import Account, AccountState
from grapevine.domain.shares import PlacementState, Status
from grapevine.store.records import fill, pack, unpack

texts = st.text(st.characters(codec="utf-8"))
times = st.floats(0, 1e11)
maybe = st.none() | times
accounts = st.builds(
    Account,
    network=texts,
    uid=texts,
    name=texts,
    state=st.sampled_from(AccountState),
    connected_at=times,
    picture=st.none() | texts,
    reach=st.none() | st.integers(0, 10**12),
    reach_at=maybe,
    expires_at=maybe,
    can_post=st.booleans(),
    can_count=st.booleans(),
    can_reach=st.booleans(),
    count_reason=texts,
    reach_reason=texts,
)
statuses = st.builds(Status, state=st.sampled_from(PlacementState), since=times, remote=texts, url=texts, reason=texts)


@given(accounts | statuses)
def test_what_is_packed_comes_back(value: Account | Status) -> None:
    assert unpack(type(value), pack(value)) == value


def test_defaults_and_nothing_take_no_room() -> None:
    assert pack(Status(PlacementState.PENDING, 1.0)) == '{"state":"pending","since":1.0}'


def test_a_field_of_a_newer_version_is_passed_over_and_kept() -> None:
    newer = '{"state":"pending","since":1.0,"mood":{"today":["good"]},"reason":"old"}'
    assert unpack(Status, newer) == Status(PlacementState.PENDING, 1.0, reason="old")
    again = json.loads(pack(Status(PlacementState.PUBLISHED, 2.0), newer))
    assert again == {"state": "published", "since": 2.0, "mood": {"today": ["good"]}}


def test_what_is_given_wins_over_what_is_stored() -> None:
    assert unpack(Status, '{"state":"pending","since":1.0}', since=3.0).since == 3.0


@dataclass(frozen=True)
class Sort:
    kind: str = ""
    stored: str = ""
    text: str = ""


def test_a_field_may_be_called_as_an_argument_is() -> None:
    assert fill(Sort, {"kind": "a"}, stored="b", text="c") == Sort("a", "b", "c")


def test_what_is_required_is_required() -> None:
    with pytest.raises(TypeError):
        unpack(Status, "{}")
